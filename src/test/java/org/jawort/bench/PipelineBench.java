package org.jawort.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Webhook to CRM. First a burst, as fast as each candidate answers, timed from the first webhook to
 * the last arrival; then a steady load of half of what the slowest can take, timed per message from
 * when its webhook was due.
 */
final class PipelineBench {

    static final String HAND_WRITTEN = "hand-written pipeline";
    static final String AFTERNOON = "afternoon program";

    private static final String BURST = "burst";
    private static final String STEADY = "steady";
    private static final int CONNECTIONS = 64;
    private static final Duration BURST_LIMIT = Duration.ofMinutes(3);
    private static final Duration LOST_AFTER = Duration.ofSeconds(30);
    private static final double STEADY_SHARE = 0.5;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);

    private final Testbed testbed;
    private final BenchOptions options;
    private final Random random;
    private int phase;

    /** What has come of a phase once nothing more is awaited. */
    private record Arrived(long unique, long again, long lastMicros) {}

    PipelineBench(Testbed testbed, BenchOptions options, Random random) {
        this.testbed = testbed;
        this.options = options;
        this.random = random;
    }

    List<Turn> run() throws Exception {
        var candidates =
                List.of(
                        testbed.hub(),
                        testbed.handWritten(HAND_WRITTEN, HandWrittenPipeline.class),
                        testbed.handWritten(AFTERNOON, AfternoonProgram.class));
        for (Candidate candidate : candidates) {
            candidate.awaitReady(++phase);
        }
        Bench.say("warming up with %d messages each".formatted(warmUpMessages()));
        var rounds = new Rounds(candidates, random);
        for (Candidate candidate : candidates) {
            Turn warm = burst(candidate, 0, warmUpMessages());
            Bench.say("warm: %s, %.0f/s".formatted(candidate.name(), warm.rate()));
        }
        Bench.say("a burst of %d messages".formatted(options.messages()));
        List<Turn> turns =
                new ArrayList<>(
                        rounds.run(
                                options.pairs(),
                                (candidate, round) -> burst(candidate, round, options.messages())));
        double offered = STEADY_SHARE * Rounds.slowest(turns);
        Bench.say("a steady %.0f messages per second".formatted(offered));
        turns.addAll(
                rounds.run(
                        options.pairs(), (candidate, round) -> steady(candidate, round, offered)));
        return turns;
    }

    static List<Comparison> comparisons(List<Turn> turns) {
        List<Comparison> comparisons = new ArrayList<>();
        for (String against : List.of(HAND_WRITTEN, AFTERNOON)) {
            double goal = against.equals(HAND_WRITTEN) ? 0.6 : 1.0;
            comparisons.add(
                    Comparison.of(
                            "messages/s to the CRM, burst",
                            against,
                            goal,
                            true,
                            turns,
                            BURST,
                            Turn::rate));
            comparisons.add(
                    Comparison.of(
                            "p99 to the CRM, steady",
                            against,
                            null,
                            false,
                            turns,
                            STEADY,
                            turn -> turn.latency().p99()));
            comparisons.add(
                    Comparison.of(
                            "CPU of program and servers, burst",
                            against,
                            null,
                            false,
                            turns,
                            BURST,
                            PipelineBench::cpuBehindTheWebhook));
        }
        return comparisons;
    }

    /** Without the load generator and the CRM, which are not the candidate's. */
    private static double cpuBehindTheWebhook(Turn turn) {
        Map<String, Double> cpu = turn.cpuPerThousand();
        return cpu.get("program") + cpu.get("PostgreSQL") + cpu.get("Kafka");
    }

    private int warmUpMessages() {
        // a program that runs for weeks is compared warm
        return Math.max(1_000, 3 * options.messages());
    }

    private Turn burst(Candidate candidate, int round, int messages) throws Exception {
        byte[][] requests = candidate.messages().requests(++phase, messages);
        var before = testbed.cpu(candidate);
        LoadResult sent =
                new LoadGenerator(candidate.port()).closedLoop(requests, CONNECTIONS, BURST_LIMIT);
        Arrived arrived = awaitArrival(candidate, sent.accepted());
        double seconds = Math.max(1, arrived.lastMicros() - sent.startedMicros()) / 1e6;
        var latency = latency(testbed.arrivalTimes(phase), sent.startedMicros(), null);
        return turn(
                BURST,
                candidate,
                round,
                0,
                arrived.unique() / seconds,
                latency,
                sent,
                arrived,
                before);
    }

    private Turn steady(Candidate candidate, int round, double offered) throws Exception {
        var schedule = new ArrivalSchedule(offered);
        byte[][] requests =
                candidate.messages().requests(++phase, schedule.arrivalsIn(options.seconds()));
        var before = testbed.cpu(candidate);
        LoadResult sent =
                new LoadGenerator(candidate.port()).openLoop(requests, CONNECTIONS, schedule);
        Arrived arrived = awaitArrival(candidate, sent.accepted());
        double seconds = Math.max(1, arrived.lastMicros() - sent.startedMicros()) / 1e6;
        var latency = latency(testbed.arrivalTimes(phase), sent.startedMicros(), schedule);
        return turn(
                STEADY,
                candidate,
                round,
                offered,
                arrived.unique() / seconds,
                latency,
                sent,
                arrived,
                before);
    }

    private Arrived awaitArrival(Candidate candidate, int expected)
            throws IOException, InterruptedException {
        long seen = -1;
        long progress = System.nanoTime();
        while (true) {
            long[] now = testbed.arrived(phase);
            if (now[3] > 0) {
                throw new IllegalStateException(now[3] + " events with a wrong signature");
            }
            boolean lost = System.nanoTime() - progress > LOST_AFTER.toNanos();
            if (now[0] >= expected || lost) {
                return new Arrived(now[0], now[1], now[2]);
            }
            if (now[0] > seen) {
                seen = now[0];
                progress = System.nanoTime();
            }
            candidate.process().requireAlive();
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /**
     * Microseconds from when each message was due to its arrival.
     *
     * @param schedule {@code null}: all were due at the start
     */
    static Histogram latency(long[] arrivedMicros, long startedMicros, ArrivalSchedule schedule) {
        var latency = new Histogram(LONGEST_MICROS, 3);
        for (int index = 0; index < arrivedMicros.length; index++) {
            if (arrivedMicros[index] > 0) {
                long due = startedMicros + (schedule == null ? 0 : schedule.dueNanos(index) / 1000);
                latency.recordValue(Math.clamp(arrivedMicros[index] - due, 0, LONGEST_MICROS));
            }
        }
        return latency;
    }

    private Turn turn(
            String load,
            Candidate candidate,
            int round,
            double offered,
            double rate,
            Histogram latency,
            LoadResult sent,
            Arrived arrived,
            Map<String, Double> before)
            throws IOException {
        return new Turn(
                load,
                candidate.name(),
                round,
                offered,
                rate,
                Turn.Latency.of(latency),
                arrived.unique(),
                sent.refused(),
                Math.max(0, sent.accepted() - arrived.unique()),
                arrived.again(),
                Turn.cpuPerThousand(before, testbed.cpu(candidate), arrived.unique()));
    }
}
