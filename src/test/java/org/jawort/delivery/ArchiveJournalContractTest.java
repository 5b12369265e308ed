package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Registry;
import org.jawort.archive.Archives;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.io.TempDir;

/** What the next journal will be made of: a file neither refuses nor hangs. */
class ArchiveJournalContractTest extends DestinationContract {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    @TempDir private Path folder;

    private Archives archives;

    @Override
    protected String route() {
        return "archive-journal";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        if (archives != null) {
            archives.close(); // what a kill does to the lock
        }
        archives = new Archives(folder.resolve("archive"), tenants, Attachments.NONE, () -> NOW);
        registry.bind("archives", archives);
    }

    @Override
    protected Receiver receiver() {
        return new NextJournal(folder.resolve("archive"));
    }

    private record NextJournal(Path root) implements Receiver {

        private Path file() {
            return root.resolve(DestinationHub.TENANT)
                    .resolve(DestinationHub.DESTINATION)
                    .resolve(".state/000001.jsonl");
        }

        @Override
        public Map<String, String> settings() {
            return Map.of();
        }

        @Override
        public Set<String> secrets() {
            return Set.of();
        }

        @Override
        public Set<Behaviour> faults() {
            return Set.of(Behaviour.UNAVAILABLE);
        }

        /** Where the folder of the tenant should be stands a file. */
        @Override
        public void behave(Behaviour next) {
            try {
                Path tenant = root.resolve(DestinationHub.TENANT);
                if (next == Behaviour.UNAVAILABLE && Files.notExists(tenant)) {
                    Files.createDirectories(root);
                    Files.createFile(tenant);
                } else if (next == Behaviour.TAKE && Files.isRegularFile(tenant)) {
                    Files.delete(tenant);
                }
            } catch (IOException unexpected) {
                throw new UncheckedIOException(unexpected);
            }
        }

        @Override
        public List<String> asked() {
            return taken().stream().map(Taken::key).toList();
        }

        @Override
        public List<Taken> taken() {
            List<Taken> taken = new ArrayList<>();
            try {
                for (String line : Files.readAllLines(file(), UTF_8)) {
                    JsonNode event = new ObjectMapper().readTree(line).get("event");
                    taken.add(
                            new Taken(
                                    event.get("id").textValue(),
                                    event.at("/data/content/text").textValue()));
                }
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
            return taken;
        }

        @Override
        public void close() {}
    }
}
