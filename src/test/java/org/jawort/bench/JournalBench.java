package org.jawort.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.archive.ArchiveVerifier;
import org.jawort.archive.Archives;
import org.jawort.archive.SampleEvents;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.springframework.util.FileSystemUtils;

/**
 * {@code ./hub bench journal [messages]}: writes that many messages (100 000) into journals and day
 * files as the hub does, with 32 writers and each message on disk before the next of its writer;
 * measures the heap that stays used, whether the last tenth takes longer than the first, and how
 * long the verification of the archive takes.
 */
public final class JournalBench {

    private static final int WRITERS = 32;
    private static final String TENANT = "muster";
    private static final double MEGABYTE = 1024 * 1024;

    private final CamelContext camel = new DefaultCamelContext();
    private final AtomicLong next = new AtomicLong();
    private final int messages;
    private final Instant start = Instant.parse("2026-11-23T10:00:00Z");

    private JournalBench(int messages) {
        this.messages = messages;
    }

    public static void main(String[] arguments) throws Exception {
        int messages = arguments.length == 0 ? 100_000 : Integer.parseInt(arguments[0]);
        new JournalBench(messages).measure("archive-journal");
        new JournalBench(messages).measure("archive-jsonl");
    }

    private void measure(String route) throws Exception {
        Path folder = Files.createTempDirectory("jawort-bench-journal");
        try {
            long[] now = {0};
            Archives archives =
                    new Archives(
                            folder,
                            tenants(route),
                            Attachments.NONE,
                            () -> start.plus(Duration.ofMillis(now[0])));
            List<Long> tenths = new ArrayList<>();
            List<Double> heap = new ArrayList<>();
            for (int tenth = 1; tenth <= 10; tenth++) {
                long begin = System.nanoTime();
                write(archives, route, (long) messages * tenth / 10);
                archives.closeDue();
                tenths.add((System.nanoTime() - begin) / 1_000_000);
                heap.add(usedHeap());
            }
            now[0] = Duration.ofDays(2).toMillis();
            archives.closeDue();
            heap.add(usedHeap());
            archives.close();
            report(route, folder, tenths, heap);
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }

    private void write(Archives archives, String route, long upTo) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(WRITERS);
        for (int writer = 0; writer < WRITERS; writer++) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                long sequence;
                                while ((sequence = next.incrementAndGet()) <= upTo) {
                                    append(archives, route, sequence);
                                }
                                next.decrementAndGet();
                                done.countDown();
                            });
        }
        done.await();
    }

    private void append(Archives archives, String route, long sequence) {
        Exchange exchange = new DefaultExchange(camel);
        ObjectNode event = SampleEvents.message(sequence);
        exchange.getMessage().setBody(event.toString().getBytes(StandardCharsets.UTF_8));
        if (route.equals("archive-journal")) {
            archives.message(exchange, TENANT, "archive");
        } else {
            archives.line(exchange, TENANT, "archive");
        }
    }

    /** What is left after everything that can go is gone. */
    private static double usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEGABYTE;
    }

    private void report(String route, Path folder, List<Long> tenths, List<Double> heap)
            throws IOException {
        long begin = System.nanoTime();
        ArchiveVerifier.Report verified = new ArchiveVerifier(folder, null, done -> {}).verify();
        double seconds = (System.nanoTime() - begin) / 1e9;
        long all = tenths.stream().mapToLong(Long::longValue).sum();
        long bytes;
        try (Stream<Path> files = Files.walk(folder)) {
            bytes =
                    files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum();
        }
        System.out.printf(
                "%s: %d messages in %.1f s, %.0f a second; last tenth against first: %.2f%n",
                route,
                messages,
                all / 1000.0,
                messages * 1000.0 / all,
                (double) tenths.getLast() / tenths.getFirst());
        System.out.printf(
                "%s: heap that stays used, MB, after each tenth: %s; last against first: %.2f%n",
                route,
                heap.stream().map("%.1f"::formatted).toList(),
                heap.getLast() / heap.getFirst());
        System.out.printf(
                "%s: verified %d messages in %.1f s, %d findings; %.0f MB on disk%n",
                route, verified.messages(), seconds, verified.findings().size(), bytes / MEGABYTE);
    }

    private static Tenants tenants(String route) {
        Destination archive =
                new Destination(
                        TENANT,
                        "archive",
                        route,
                        "destinations/canonical.jslt",
                        List.of("*"),
                        true,
                        null,
                        Map.of());
        return TenantInTest.with(archive);
    }
}
