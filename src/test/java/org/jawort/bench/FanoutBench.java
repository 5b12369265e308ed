package org.jawort.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Several destinations in one hub. First bursts to three of them against bursts to one, timed until
 * the last has everything; then a steady load to five of which one answers after five seconds,
 * against five that all answer at once, timed per message and for the other four alone.
 */
final class FanoutBench {

    /** How long the slow one takes. */
    static final Duration SLOW = Duration.ofSeconds(5);

    private static final String ONE = "bench-one";
    private static final String THREE = "bench-three";
    private static final String FIVE = "bench-five";
    private static final String ONE_SLOW = "bench-slow";

    /** Each has destinations of its own. */
    static final List<String> TENANTS = List.of(ONE, THREE, FIVE, ONE_SLOW);

    private static final String BURST = "burst";
    private static final String STEADY = "steady";
    private static final String ONE_DESTINATION = "one destination";
    private static final String NONE_SLOW = "five at once";
    private static final int CONNECTIONS = 64;
    private static final int QUICK = 4;
    private static final Duration BURST_LIMIT = Duration.ofMinutes(3);
    private static final Duration LOST_AFTER = Duration.ofSeconds(30);
    private static final double STEADY_SHARE = 0.4;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);

    private final Testbed testbed;
    private final BenchOptions options;
    private final Random random;
    private int phase;

    FanoutBench(Testbed testbed, BenchOptions options, Random random) {
        this.testbed = testbed;
        this.options = options;
        this.random = random;
    }

    /** A tenant's file, with the one destination of {@code file} as often as it shall have it. */
    static String tenant(String file, String tenant) {
        int begin = file.indexOf("  - id: crm");
        int end = file.indexOf("retention:");
        String one = file.substring(begin, end);
        var all = new StringBuilder();
        int destinations = tenant.equals(ONE) ? 1 : tenant.equals(THREE) ? 3 : QUICK;
        for (int k = 1; k <= destinations; k++) {
            all.append(destination(one, k));
        }
        if (tenant.equals(FIVE)) {
            all.append(destination(one, QUICK + 1));
        }
        if (tenant.equals(ONE_SLOW)) {
            all.append(
                    destination(one, QUICK + 1).replace("JAWORT_CRM_URL", "JAWORT_SLOW_CRM_URL"));
        }
        return file.substring(0, begin).replace("tenant: bench", "tenant: " + tenant)
                + all
                + file.substring(end);
    }

    private static String destination(String one, int k) {
        return one.replace("id: crm", "id: crm" + k)
                .replace("${JAWORT_CRM_URL}", "${JAWORT_CRM_URL}/" + k);
    }

    List<Turn> run() throws Exception {
        Candidate hub = testbed.hub();
        Candidate three = testbed.as(Comparison.HUB, hub, THREE);
        Candidate one = testbed.as(ONE_DESTINATION, hub, ONE);
        Candidate slow = testbed.as(Comparison.HUB, hub, ONE_SLOW);
        Candidate five = testbed.as(NONE_SLOW, hub, FIVE);
        for (Candidate candidate : List.of(three, one, slow, five)) {
            candidate.awaitReady(++phase);
        }
        int warmUp = Math.max(1_000, options.messages());
        Bench.say("warming up with %d messages each".formatted(warmUp));
        burst(one, 0, warmUp, 1);
        burst(three, 0, warmUp, 3);
        double rate = burst(five, 0, warmUp, QUICK + 1).rate();
        Bench.say("a burst of %d messages".formatted(options.messages()));
        List<Turn> turns =
                new ArrayList<>(
                        new Rounds(List.of(three, one), random)
                                .run(
                                        options.pairs(),
                                        (candidate, round) ->
                                                burst(
                                                        candidate,
                                                        round,
                                                        options.messages(),
                                                        candidate == three ? 3 : 1)));
        double offered = STEADY_SHARE * rate;
        Bench.say("a steady %.0f messages per second".formatted(offered));
        turns.addAll(
                new Rounds(List.of(slow, five), random)
                        .run(
                                options.pairs(),
                                (candidate, round) -> steady(candidate, round, offered)));
        return turns;
    }

    static List<Comparison> comparisons(List<Turn> turns) {
        return List.of(
                Comparison.of(
                        "messages/s to three, burst",
                        ONE_DESTINATION,
                        0.5,
                        true,
                        turns,
                        BURST,
                        Turn::rate),
                Comparison.of(
                        "p95 of four beside a slow one",
                        NONE_SLOW,
                        1.1,
                        false,
                        turns,
                        STEADY,
                        FanoutBench::p95));
    }

    private static double p95(Turn turn) {
        return turn.latency().curve().stream()
                .filter(point -> point.percentile() == 95)
                .findFirst()
                .orElseThrow()
                .millis();
    }

    private Turn burst(Candidate candidate, int round, int messages, int destinations)
            throws Exception {
        byte[][] requests = candidate.messages().requests(++phase, messages);
        var before = testbed.cpu(candidate);
        LoadResult sent =
                new LoadGenerator(candidate.port()).closedLoop(requests, CONNECTIONS, BURST_LIMIT);
        return turn(BURST, candidate, round, 0, sent, destinations, null, before);
    }

    private Turn steady(Candidate candidate, int round, double offered) throws Exception {
        var schedule = new ArrivalSchedule(offered);
        byte[][] requests =
                candidate.messages().requests(++phase, schedule.arrivalsIn(options.seconds()));
        var before = testbed.cpu(candidate);
        LoadResult sent =
                new LoadGenerator(candidate.port()).openLoop(requests, CONNECTIONS, schedule);
        return turn(STEADY, candidate, round, offered, sent, QUICK, schedule, before);
    }

    /** Waits until the first {@code destinations} have what was accepted, or nothing more comes. */
    private Turn turn(
            String load,
            Candidate candidate,
            int round,
            double offered,
            LoadResult sent,
            int destinations,
            ArrivalSchedule schedule,
            Map<String, Double> before)
            throws Exception {
        long expected = (long) sent.accepted() * destinations;
        long[] arrived = arrived(destinations);
        long progress = System.nanoTime();
        while (arrived[0] < expected && System.nanoTime() - progress < LOST_AFTER.toNanos()) {
            candidate.process().requireAlive();
            TimeUnit.MILLISECONDS.sleep(50);
            long[] now = arrived(destinations);
            progress = now[0] > arrived[0] ? System.nanoTime() : progress;
            arrived = now;
        }
        var latency = new Histogram(LONGEST_MICROS, 3);
        for (int k = 1; k <= destinations; k++) {
            latency.add(
                    PipelineBench.latency(
                            testbed.arrivalTimes(CrmSink.phaseOf(phase, k)),
                            sent.startedMicros(),
                            schedule));
        }
        double seconds = Math.max(1, arrived[2] - sent.startedMicros()) / 1e6;
        return new Turn(
                load,
                candidate.name(),
                round,
                offered,
                arrived[0] / seconds / destinations,
                Turn.Latency.of(latency),
                arrived[0],
                sent.refused(),
                Math.max(0, expected - arrived[0]),
                arrived[1],
                Turn.cpuPerThousand(before, testbed.cpu(candidate), arrived[0]));
    }

    /** Of the first destinations together: {@code unique again lastMicros}. */
    private long[] arrived(int destinations) throws IOException, InterruptedException {
        long[] all = new long[3];
        for (int k : IntStream.rangeClosed(1, destinations).toArray()) {
            long[] one = testbed.arrived(CrmSink.phaseOf(phase, k));
            if (one[3] > 0) {
                throw new IllegalStateException(one[3] + " events with a wrong signature");
            }
            all[0] += one[0];
            all[1] += one[1];
            all[2] = Math.max(all[2], one[2]);
        }
        return all;
    }
}
