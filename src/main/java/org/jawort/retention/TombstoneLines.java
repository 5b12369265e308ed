package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The lines of one file of {@link Tombstones}. */
final class TombstoneLines {

    private static final ObjectMapper JSON = new ObjectMapper();

    private TombstoneLines() {}

    /**
     * All but a last one that was cut off: never acknowledged, so its deletion did not commit.
     *
     * @param damaged hears the place, {@code file:line}, of any other that cannot be read
     */
    static List<JsonNode> read(Path file, Consumer<String> damaged) {
        List<JsonNode> lines = new ArrayList<>();
        List<Integer> unread = new ArrayList<>();
        int number = 0;
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                Optional<JsonNode> json = json(line);
                if (json.isPresent()) {
                    lines.add(json.get());
                } else {
                    unread.add(number);
                }
            }
            if (!unread.isEmpty() && unread.getLast() == number && !endsWithALine(file)) {
                unread.removeLast();
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        unread.forEach(line -> damaged.accept(file + ":" + line));
        return lines;
    }

    private static boolean endsWithALine(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
            bytes.seek(bytes.length() - 1);
            return bytes.read() == '\n';
        }
    }

    private static Optional<JsonNode> json(String line) {
        try {
            return Optional.of(JSON.readTree(line)).filter(json -> json.hasNonNull("store"));
        } catch (JsonProcessingException unreadable) {
            return Optional.empty();
        }
    }
}
