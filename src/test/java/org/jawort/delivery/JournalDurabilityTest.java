package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jawort.HubInTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("R28: what the archive acknowledged survives a power cut")
class JournalDurabilityTest {

    @TempDir Path directory;

    private Path path;
    private WatchedDisk disk;

    @BeforeEach
    void watchTheDisk() {
        path = directory.resolve("day.jsonl");
        disk = new WatchedDisk(path);
    }

    @Test
    void givesItsNameToAFileOnDiskOnlyAndForcesTheName() throws IOException {
        JournalFile.open(path, disk).close();

        assertThat(disk.log)
                .containsExactly(
                        "force .day.jsonl.tmp, not there yet", "force " + directory.getFileName());
    }

    @Test
    void forcesTheNamesOfDirectoriesItMakes() throws IOException {
        path = directory.resolve("tenant/archive/day.jsonl");
        disk = new WatchedDisk(path);

        JournalFile.open(path, disk).close();

        assertThat(disk.log)
                .containsExactly(
                        "force " + directory.getFileName() + ", not there yet",
                        "force tenant, not there yet",
                        "force .day.jsonl.tmp, not there yet",
                        "force archive");
    }

    @Test
    void forcesALineBeforeItIsAcknowledged() throws IOException {
        JournalFile file = JournalFile.open(path, disk);
        disk.log.clear();

        file.append(bytes("one"));

        assertThat(disk.log).containsExactly("write day.jsonl", "force day.jsonl");
    }

    @Test
    void forcesTheCutOfABrokenLine() throws IOException {
        Files.writeString(path, "one\ntw");

        JournalFile.open(path, disk).close();

        assertThat(disk.log).containsExactly("force day.jsonl");
        assertThat(path).hasContent("one");
    }

    @Test
    void letsManyWritersShareOneForce() throws Exception {
        JournalFile file = JournalFile.open(path, disk);
        CountDownLatch disksTime = new CountDownLatch(1);
        CountDownLatch forcing = new CountDownLatch(1);
        disk.beforeForce =
                () -> {
                    forcing.countDown();
                    await(disksTime);
                };
        disk.log.clear();

        List<Future<?>> first = write(file, 1);
        forcing.await();
        List<Future<?>> rest = write(file, 10);
        disksTime.countDown();
        for (Future<?> writer : first) {
            writer.get();
        }
        for (Future<?> writer : rest) {
            writer.get();
        }

        assertThat(disk.forces()).isEqualTo(2);
        assertThat(Files.readAllLines(path)).hasSize(11);
    }

    @Test
    void takesBackALineThatDidNotFitAndTellsItsWriter() throws IOException {
        JournalFile file = JournalFile.open(path, disk);
        file.append(bytes("one"));
        disk.full = true;

        assertThatThrownBy(() -> file.append(bytes("two"))).isInstanceOf(IOException.class);
        assertThat(Files.readString(path)).isEqualTo("one\n");
    }

    @Test
    void takesBackALineThatCouldNotBeForcedAndTellsItsWriter() throws IOException {
        JournalFile file = JournalFile.open(path, disk);
        file.append(bytes("one"));
        disk.broken = true;

        assertThatThrownBy(() -> file.append(bytes("two"))).isInstanceOf(IOException.class);
        assertThat(Files.readString(path)).isEqualTo("one\n");
    }

    /** Writers that wait for the file, or for the disk, when this returns. */
    private static List<Future<?>> write(JournalFile file, int writers) {
        List<Future<?>> tasks = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            FutureTask<?> task =
                    new FutureTask<>(
                            () -> {
                                file.append(bytes("line"));
                                return null;
                            });
            Thread thread = Thread.ofPlatform().start(task);
            HubInTest.await().until(() -> thread.getState() == Thread.State.WAITING);
            tasks.add(task);
        }
        return tasks;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }
}
