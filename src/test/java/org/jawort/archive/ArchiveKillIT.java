package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jawort.delivery.Attachments;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own that writes and closes without a pause, and is killed in the middle. */
@DisplayName("R1, R28: killed again and again, an archive has each acknowledged message once")
@Timeout(300)
class ArchiveKillIT {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final int KILLS = 8;
    private static final int MESSAGES = 4_000;

    @TempDir Path archive;

    /** Writes from the given sequence on and says each that is on disk. */
    static final class Writer {

        public static void main(String[] arguments) throws Exception {
            AtomicLong next = new AtomicLong(Long.parseLong(arguments[1]));
            boolean journal = Boolean.parseBoolean(arguments[2]);
            Path folder = Path.of(arguments[0]);
            ArchiveWriter writer =
                    journal
                            ? new Journals(
                                    folder,
                                    "muster",
                                    "archive",
                                    new RollLimits(1, 50, Duration.ofHours(1)),
                                    Attachments.NONE,
                                    Disk.REAL,
                                    NOW)
                            : new DayFiles(folder, "muster", "archive", Disk.REAL);
            List<Thread> threads =
                    java.util.stream.IntStream.range(0, 4)
                            .mapToObj(n -> Thread.ofPlatform().start(() -> write(writer, next)))
                            .toList();
            while (threads.stream().anyMatch(Thread::isAlive)) {
                writer.closeDue(now(next.get()));
            }
            writer.closeDue(NOW.plus(Duration.ofDays(400)));
            writer.close();
        }

        /** A day has a hundred messages. */
        private static Instant now(long sequence) {
            return NOW.plus(Duration.ofDays(sequence / 100));
        }

        private static void write(ArchiveWriter writer, AtomicLong next) {
            long sequence;
            while ((sequence = next.getAndIncrement()) <= MESSAGES) {
                byte[] line = SampleEvents.line(sequence);
                try {
                    if (writer instanceof Journals journals) {
                        journals.append(
                                SampleEvents.message(sequence), EventIds.of(line), now(sequence));
                    } else {
                        writer.append(EventIds.of(line), file -> line, now(sequence));
                    }
                } catch (IOException unwritable) {
                    throw new IllegalStateException(unwritable);
                }
                synchronized (System.out) {
                    System.out.println(sequence);
                }
            }
        }
    }

    @Test
    void journals() throws Exception {
        survivesKills(true);
    }

    @Test
    void dayFiles() throws Exception {
        survivesKills(false);
    }

    private void survivesKills(boolean journal) throws Exception {
        TreeSet<Long> acknowledged = new TreeSet<>();
        Random random = new Random(11);
        int kills = 0;
        while (acknowledged.size() < MESSAGES) {
            // what nobody was told of comes again, and what was told comes again with it
            long from = firstMissing(acknowledged);
            Process process = start(from, journal);
            long killAt = acknowledged.size() + 100 + random.nextInt(MESSAGES / KILLS);
            try (BufferedReader said =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.US_ASCII))) {
                for (String line = said.readLine(); line != null; line = said.readLine()) {
                    acknowledged.add(Long.valueOf(line));
                    if (acknowledged.size() == killAt) {
                        process.toHandle().destroyForcibly(); // what it said can still be read
                        kills++;
                    }
                }
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(start(MESSAGES + 1, journal).waitFor(30, TimeUnit.SECONDS)).isTrue();

        ArchiveVerifier.Report report = new ArchiveVerifier(archive, null, done -> {}).verify();

        assertThat(kills).isGreaterThanOrEqualTo(KILLS / 2);
        assertThat(report.findings()).isEmpty();
        assertThat(report.messages()).isEqualTo(MESSAGES);
    }

    private static long firstMissing(TreeSet<Long> acknowledged) {
        long first = 1;
        while (acknowledged.contains(first)) {
            first++;
        }
        return first;
    }

    private Process start(long from, boolean journal) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        archive.resolve("muster/archive").toString(),
                        String.valueOf(from),
                        String.valueOf(journal))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
