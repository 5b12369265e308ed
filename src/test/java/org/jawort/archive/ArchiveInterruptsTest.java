package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

@DisplayName("Archives in folders: an attempt that is interrupted ends nothing but itself")
@Timeout(60)
class ArchiveInterruptsTest {

    private static final String TENANT = "muster";
    private static final Instant MONDAY = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant TUESDAY = MONDAY.plus(Duration.ofDays(1));

    @TempDir Path directory;

    private final CamelContext camel = new DefaultCamelContext();
    private final CountDownLatch opening = new CountDownLatch(1);
    private final CountDownLatch slow = new CountDownLatch(1);
    private final Writers days = Writers.days(this::folder);
    private final Writers journals = Writers.journals(this::folder);

    private Path folder() {
        return directory.resolve("autohaus-muster/archive");
    }

    @Test
    void writesToAnArchiveWhileAnotherIsOpenedWhichNoInterruptEnds() throws Exception {
        Archives archives = archives();
        Thread attempt = Thread.ofVirtual().start(() -> archives.line(event(1), TENANT, "slow"));
        opening.await();

        archives.line(event(1), TENANT, "quick");
        attempt.interrupt();
        slow.countDown();
        attempt.join();
        archives.line(event(2), TENANT, "slow");
        archives.close();

        assertThat(lines("quick")).hasSize(1);
        assertThat(lines("slow")).hasSize(2);
    }

    @Test
    @DisplayName("R3: an interrupted attempt closes the archive for nobody, itself included")
    void goesOnWhenWritersAreInterrupted() throws IOException {
        for (Writers writers : List.of(days, journals)) {
            try (ArchiveWriter writer = writers.open(Disk.REAL)) {
                for (long sequence = 1; sequence <= 7; sequence++) {
                    Thread.currentThread().interrupt();
                    try {
                        append(writers, writer, sequence, sequence, MONDAY);
                    } catch (IOException picture) {
                        assertThat(sequence % 3).isZero(); // was not copied to its end
                    }
                    assertThat(Thread.interrupted()).isTrue();
                    append(writers, writer, 8, 8, MONDAY);
                }
                append(writers, writer, 1, 8, MONDAY);
                writer.closeDue(TUESDAY);
            }

            assertThat(report().findings()).as(writers.toString()).isEmpty();
            assertThat(report().messages()).isEqualTo(8);
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    @Test
    @DisplayName(
            "R3: a line that the index was not told of is not written again, also not behind midnight")
    void goesOnWhenItsIndexWasClosed() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 2, MONDAY);
            byte[] third = SampleEvents.line(3);
            assertThatThrownBy(
                            () ->
                                    writer.append(
                                            EventIds.of(third),
                                            file -> {
                                                closeIndex(writer);
                                                return third;
                                            },
                                            MONDAY))
                    .isInstanceOf(IOException.class);

            append(days, writer, 3, 4, TUESDAY);
            closeIndex(writer);
            writer.closeDue(TUESDAY.plus(Duration.ofDays(1)));
        }

        assertThat(report().findings()).isEmpty();
        assertThat(report().messages()).isEqualTo(4);
    }

    /** What becomes of a channel if one thread that uses it is interrupted. */
    private static void closeIndex(ArchiveWriter writer) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> writer.index.has(1)).isInstanceOf(IOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private static void append(
            Writers writers, ArchiveWriter writer, long from, long to, Instant now)
            throws IOException {
        for (long sequence = from; sequence <= to; sequence++) {
            writers.append(writer, sequence, now);
        }
    }

    private ArchiveVerifier.Report report() throws IOException {
        return new ArchiveVerifier(directory, null, done -> {}).verify();
    }

    /** Of two archives one takes until {@code slow} to open. */
    private Archives archives() {
        StoppingDisk disk = new StoppingDisk(Integer.MAX_VALUE);
        disk.beforeOpening =
                path -> {
                    if (path.endsWith(Path.of("slow", ".state", SequenceIndex.NAME))) {
                        opening.countDown();
                        try {
                            slow.await();
                        } catch (InterruptedException ended) {
                            throw new IOException("it began in vain");
                        }
                    }
                };
        return new Archives(directory, tenants(), Attachments.NONE, () -> MONDAY, disk);
    }

    private Exchange event(long sequence) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(SampleEvents.line(sequence));
        return exchange;
    }

    private List<String> lines(String destination) throws Exception {
        return Files.readAllLines(
                directory.resolve(TENANT).resolve(destination).resolve("2026-11-23.jsonl"));
    }

    private static Tenants tenants() {
        return TenantInTest.of(TENANT)
                .destination(archive("slow"))
                .destination(archive("quick"))
                .alone();
    }

    private static Destination archive(String id) {
        return new Destination(
                TENANT,
                id,
                Archives.DAYS,
                "destinations/canonical.jslt",
                List.of("*"),
                true,
                null,
                Map.of());
    }
}
