package org.jawort.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Sends ready requests over a fixed number of connections, one thread each. In a closed loop a
 * connection sends as soon as it has its answer: the rate is what the server can take. In an open
 * loop requests are due by a schedule, and one that had to wait for a free connection counts that
 * wait as latency: no coordinated omission.
 */
final class LoadGenerator {

    private static final long LONGEST_MICROS = Duration.ofMinutes(2).toNanos() / 1000;

    private final int port;

    LoadGenerator(int port) {
        this.port = port;
    }

    /** Sends until all requests are sent or {@code limit} is over. */
    LoadResult closedLoop(byte[][] requests, int connections, Duration limit)
            throws InterruptedException {
        return run(requests, connections, limit.toNanos(), null);
    }

    /** Sends every request when it is due. */
    LoadResult openLoop(byte[][] requests, int connections, ArrivalSchedule schedule)
            throws InterruptedException {
        return run(requests, connections, Long.MAX_VALUE, schedule);
    }

    private LoadResult run(
            byte[][] requests, int connections, long limitNanos, ArrivalSchedule schedule)
            throws InterruptedException {
        var next = new AtomicInteger();
        long start = System.nanoTime();
        long startedMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            var worker = new Worker(requests, next, start, limitNanos, schedule);
            workers.add(worker);
            worker.start();
        }
        var latency = new Histogram(LONGEST_MICROS, 3);
        var others = new TreeMap<Integer, Integer>();
        int accepted = 0;
        long end = start;
        for (Worker worker : workers) {
            worker.join();
            latency.add(worker.latency);
            worker.others.forEach((status, count) -> others.merge(status, count, Integer::sum));
            accepted += worker.accepted;
            end = Math.max(end, worker.lastAnswer);
        }
        return new LoadResult(startedMicros, Math.max(1, end - start), accepted, others, latency);
    }

    private final class Worker extends Thread {

        private final byte[][] requests;
        private final AtomicInteger next;
        private final long start;
        private final long limitNanos;
        private final ArrivalSchedule schedule;
        private final Histogram latency = new Histogram(LONGEST_MICROS, 3);
        private final TreeMap<Integer, Integer> others = new TreeMap<>();
        private int accepted;
        private long lastAnswer;

        Worker(
                byte[][] requests,
                AtomicInteger next,
                long start,
                long limitNanos,
                ArrivalSchedule schedule) {
            this.requests = requests;
            this.next = next;
            this.start = start;
            this.limitNanos = limitNanos;
            this.schedule = schedule;
            this.lastAnswer = start;
            setDaemon(true);
        }

        @Override
        public void run() {
            try (var connection = new HttpConnection(port)) {
                while (System.nanoTime() - start < limitNanos) {
                    int index = next.getAndIncrement();
                    if (index >= requests.length) {
                        return;
                    }
                    long due =
                            schedule == null ? System.nanoTime() : start + schedule.dueNanos(index);
                    await(due);
                    int status = status(connection, requests[index]);
                    lastAnswer = System.nanoTime();
                    latency.recordValue(Math.clamp((lastAnswer - due) / 1000, 0, LONGEST_MICROS));
                    if (status == 200) {
                        accepted++;
                    } else {
                        others.merge(status, 1, Integer::sum);
                    }
                }
            }
        }

        private static int status(HttpConnection connection, byte[] request) {
            try {
                return connection.exchange(request);
            } catch (IOException noAnswer) {
                return 0;
            }
        }

        private static void await(long due) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }
}
