package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How far an archive is closed, in {@code .state/closed.json}: the closed files themselves may have
 * been taken away by then.
 *
 * @param last the manifest written last; {@code null} before the first
 * @param number of the journal closed last, 0 before the first
 * @param highest sequence in any closed file, 0 before the first
 */
record ArchiveState(Manifest.Previous last, long number, long highest) {

    static final String NAME = "closed.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    static ArchiveState read(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        if (Files.notExists(file)) {
            return new ArchiveState(null, 0, 0);
        }
        JsonNode state = JSON.readTree(Files.readAllBytes(file));
        return new ArchiveState(
                new Manifest.Previous(
                        state.path("file").asText(), state.path("manifestSha256").asText()),
                state.path("number").asLong(),
                state.path("highestSequence").asLong());
    }

    void write(Path directory, Disk disk) throws IOException {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.put("file", last.file());
        state.put("manifestSha256", last.sha256());
        state.put("number", number);
        state.put("highestSequence", highest);
        disk.write(
                directory.resolve(NAME),
                out -> out.write(state.toString().getBytes(StandardCharsets.UTF_8)));
    }

    boolean hasClosed(String file) {
        return last != null && last.file().equals(file);
    }
}
