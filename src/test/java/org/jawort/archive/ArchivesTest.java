package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Controller;
import org.jawort.tenant.Destination;
import org.jawort.tenant.SendingPolicy;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ArchivesTest {

    private static final String TENANT = "muster";

    @TempDir Path directory;

    private final CamelContext camel = new DefaultCamelContext();
    private final CountDownLatch opening = new CountDownLatch(1);
    private final CountDownLatch slow = new CountDownLatch(1);

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
                            throw new java.io.IOException("it began in vain");
                        }
                    }
                };
        return new Archives(
                directory,
                tenants(),
                Attachments.NONE,
                () -> Instant.parse("2026-11-23T10:00:00Z"),
                disk);
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
        return new Tenants(
                Map.of(
                        TENANT,
                        new Tenant(
                                TENANT,
                                "Muster GmbH",
                                new Controller("Muster GmbH", null, null, null, null, List.of()),
                                "EU_AT_REST",
                                Tenant.ConsentMode.OPEN,
                                "de",
                                Map.of(),
                                Map.of(),
                                Map.of(),
                                Map.of(),
                                SendingPolicy.DEFAULT,
                                Set.of(),
                                Map.of("slow", archive("slow"), "quick", archive("quick")),
                                Map.of(),
                                Map.of(),
                                List.of())));
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
