package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalFileTest {

    @TempDir Path directory;

    @Test
    void goesOnAfterWhatStandsThere() throws IOException {
        Path path = directory.resolve("tenant/archive/2026-11-23.jsonl");
        append(path, "one", "two");

        append(path, "three");

        assertThat(Files.readAllLines(path)).containsExactly("one", "two", "three");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 200_000})
    @DisplayName("R28: a line cut off by a crash is no line")
    void removesALineThatWasCutOff(int length) throws IOException {
        Path path = directory.resolve("day.jsonl");
        append(path, "one", "two");
        Files.writeString(path, "x".repeat(length), StandardOpenOption.APPEND);

        append(path, "three");

        assertThat(Files.readAllLines(path)).containsExactly("one", "two", "three");
    }

    @Test
    void emptiesAFileThatHoldsNoWholeLine() throws IOException {
        Path path = directory.resolve("day.jsonl");
        Files.writeString(path, "y".repeat(70_000));

        append(path, "one");

        assertThat(Files.readAllLines(path)).containsExactly("one");
    }

    @Test
    @DisplayName("R1: wherever a crash cuts the file, whole lines stay and the next ones follow")
    void survivesBeingCutAtEveryByte() throws IOException {
        Path path = directory.resolve("day.jsonl");
        append(path, "eins", "zwei", "drei");
        byte[] whole = Files.readAllBytes(path);

        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(path, java.util.Arrays.copyOf(whole, cut));
            append(path, "neu");

            List<String> expected =
                    new ArrayList<>(List.of("eins", "zwei", "drei").subList(0, cut / 5));
            expected.add("neu");
            assertThat(Files.readAllLines(path)).as("cut at %d", cut).isEqualTo(expected);
        }
    }

    @Test
    void keepsEachLineWholeWhenAHundredThreadsWrite() throws Exception {
        Path path = directory.resolve("day.jsonl");
        JournalFile file = JournalFile.open(path);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> writers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int writer = 0; writer < 100; writer++) {
                int number = writer;
                writers.add(
                        threads.submit(
                                () -> {
                                    start.await();
                                    for (int n = 0; n < 20; n++) {
                                        file.append(
                                                bytes(number + ":" + n + ":" + "z".repeat(300)));
                                        // acknowledged means: it is in the file now
                                        if (n == 19) {
                                            assertThat(Files.readString(path))
                                                    .contains(number + ":19:");
                                        }
                                    }
                                    return null;
                                }));
            }
            start.countDown();
        }
        for (Future<?> writer : writers) {
            writer.get();
        }

        List<String> lines = Files.readAllLines(path);
        assertThat(lines).hasSize(2000).allMatch(line -> line.endsWith("z".repeat(300)));
        for (int writer = 0; writer < 100; writer++) {
            String prefix = writer + ":";
            assertThat(
                            lines.stream()
                                    .filter(line -> line.startsWith(prefix))
                                    .map(line -> line.split(":")[1]))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 20).mapToObj(String::valueOf).toList());
        }
    }

    @Test
    void tellsTheWriterWhenTheFileIsGone() throws IOException {
        JournalFile file = JournalFile.open(directory.resolve("day.jsonl"));
        file.close();

        assertThatThrownBy(() -> file.append(bytes("one"))).isInstanceOf(IOException.class);
    }

    @Test
    void leavesNoTemporaryFileBehind() throws IOException {
        append(directory.resolve("day.jsonl"), "one");

        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("day.jsonl"));
        }
    }

    private static void append(Path path, String... lines) throws IOException {
        JournalFile file = JournalFile.open(path);
        for (String line : lines) {
            file.append(bytes(line));
        }
        file.close();
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }
}
