package org.jawort.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Webhook to 200. First what each candidate can take from 64 connections, then the latency of both
 * at 60 % of what the slower one can take.
 */
final class IntakeBench {

    static final String BASELINE = "hand-written intake";

    private static final String SATURATION = "saturation";
    private static final String COMMON_LOAD = "common load";
    private static final int CONNECTIONS = 64;
    private static final int OPEN_LOOP_CONNECTIONS = 128;
    private static final int WARM_UP_MESSAGES = 60_000;
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(40);
    private static final double SHARE_OF_SATURATION = 0.6;

    private final Testbed testbed;
    private final BenchOptions options;
    private final Random random;
    private int phase;
    private double fastestWarmUp;

    IntakeBench(Testbed testbed, BenchOptions options, Random random) {
        this.testbed = testbed;
        this.options = options;
        this.random = random;
    }

    List<Turn> run() throws Exception {
        var candidates =
                List.of(testbed.hub(), testbed.handWritten(BASELINE, HandWrittenIntake.class));
        for (Candidate candidate : candidates) {
            candidate.awaitReady(++phase);
        }
        for (Candidate candidate : candidates) {
            warmUp(candidate);
        }
        var rounds = new Rounds(candidates, random);
        Bench.say("what each can take, %d connections".formatted(CONNECTIONS));
        List<Turn> turns = new ArrayList<>(rounds.run(options.pairs(), this::saturate));
        double offered = SHARE_OF_SATURATION * Rounds.slowest(turns);
        Bench.say("latency with %.0f webhooks per second offered".formatted(offered));
        turns.addAll(
                rounds.run(
                        options.pairs(), (candidate, round) -> offer(candidate, round, offered)));
        return turns;
    }

    static List<Comparison> comparisons(List<Turn> turns) {
        return List.of(
                Comparison.of(
                        "webhooks/s to 200", BASELINE, 0.9, true, turns, SATURATION, Turn::rate),
                Comparison.of(
                        "p99 at 60 % of the slower's rate",
                        BASELINE, 1.3, false, turns, COMMON_LOAD, turn -> turn.latency().p99()),
                Comparison.of(
                        "p50 at that rate",
                        BASELINE,
                        null,
                        false,
                        turns,
                        COMMON_LOAD,
                        turn -> turn.latency().p50()),
                Comparison.of(
                        "CPU of the program, saturated",
                        BASELINE,
                        null,
                        false,
                        turns,
                        SATURATION,
                        turn -> turn.cpuPerThousand().get("program")),
                Comparison.of(
                        "CPU of the program, common load",
                        BASELINE,
                        null,
                        false,
                        turns,
                        COMMON_LOAD,
                        turn -> turn.cpuPerThousand().get("program")));
    }

    private void warmUp(Candidate candidate) throws InterruptedException {
        byte[][] requests = candidate.messages().requests(++phase, WARM_UP_MESSAGES);
        LoadResult result =
                new LoadGenerator(candidate.port())
                        .closedLoop(requests, CONNECTIONS, WARM_UP_LIMIT);
        Bench.say("warm: %s, %.0f/s".formatted(candidate.name(), result.rate()));
        fastestWarmUp = Math.max(fastestWarmUp, result.rate());
    }

    private Turn saturate(Candidate candidate, int round) throws Exception {
        // more than enough for the time; the rate counts what was answered
        int enough = (int) (fastestWarmUp * 2 * options.seconds()) + 1000;
        byte[][] requests = candidate.messages().requests(++phase, enough);
        var before = testbed.cpu(candidate);
        LoadResult result =
                new LoadGenerator(candidate.port())
                        .closedLoop(requests, CONNECTIONS, Duration.ofSeconds(options.seconds()));
        return turn(SATURATION, candidate, round, 0, result, before);
    }

    private Turn offer(Candidate candidate, int round, double offered) throws Exception {
        var schedule = new ArrivalSchedule(offered);
        byte[][] requests =
                candidate.messages().requests(++phase, schedule.arrivalsIn(options.seconds()));
        var before = testbed.cpu(candidate);
        LoadResult result =
                new LoadGenerator(candidate.port())
                        .openLoop(requests, OPEN_LOOP_CONNECTIONS, schedule);
        return turn(COMMON_LOAD, candidate, round, offered, result, before);
    }

    private Turn turn(
            String load,
            Candidate candidate,
            int round,
            double offered,
            LoadResult result,
            java.util.Map<String, Double> before)
            throws IOException {
        return new Turn(
                load,
                candidate.name(),
                round,
                offered,
                result.rate(),
                Turn.Latency.of(result.latency()),
                result.accepted(),
                result.refused(),
                0,
                0,
                Turn.cpuPerThousand(before, testbed.cpu(candidate), result.accepted()));
    }
}
