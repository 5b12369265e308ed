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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.camel.spi.Registry;
import org.jawort.archive.Archives;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.io.TempDir;

/** Journals, and what the next one will be made of: a file neither refuses nor hangs. */
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
            archives.close(); // or the lock is held
        }
        archives = new Archives(folder.resolve("archive"), tenants, Attachments.NONE, () -> NOW);
        registry.bind("archives", archives);
    }

    @Override
    protected Receiver receiver() {
        return new Journals(folder.resolve("archive"));
    }

    private record Journals(Path root) implements Receiver {

        private Path archive() {
            return root.resolve(DestinationHub.TENANT).resolve(DestinationHub.DESTINATION);
        }

        private static List<Path> files(Path folder, String suffix) throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
            }
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
                for (Path journal : files(archive(), ".zip")) {
                    read(journal, taken);
                }
                for (Path open : files(archive().resolve(".state"), ".jsonl")) {
                    for (String line : Files.readAllLines(open, UTF_8)) {
                        JsonNode event = new ObjectMapper().readTree(line).get("event");
                        taken.add(
                                new Taken(
                                        event.get("id").textValue(),
                                        event.at("/data/content/text").textValue()));
                    }
                }
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
            return taken;
        }

        private static void read(Path journal, List<Taken> taken) throws IOException {
            try (ZipFile zip = new ZipFile(journal.toFile())) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    if (entry.getName().endsWith(".eml")) {
                        ReadEml eml = ReadEml.of(zip.getInputStream(entry).readAllBytes());
                        taken.add(new Taken(eml.field("X-Jawort-Event-Id").strip(), eml.text()));
                    }
                }
            }
        }

        @Override
        public void close() {}
    }
}
