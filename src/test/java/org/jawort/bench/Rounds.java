package org.jawort.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Lets the candidates take turns, each round in an order of its own. */
final class Rounds {

    /** One candidate's turn in one round. */
    @FunctionalInterface
    interface Measurement {
        Turn measure(Candidate candidate, int round) throws Exception;
    }

    private final List<Candidate> candidates;
    private final Random random;

    Rounds(List<Candidate> candidates, Random random) {
        this.candidates = candidates;
        this.random = random;
    }

    /** {@code count} rounds, numbered from 1. */
    List<Turn> run(int count, Measurement measurement) throws Exception {
        List<Turn> turns = new ArrayList<>();
        for (int round = 1; round <= count; round++) {
            List<Candidate> order = new ArrayList<>(candidates);
            Collections.shuffle(order, random);
            for (Candidate candidate : order) {
                Turn turn = measurement.measure(candidate, round);
                Bench.say(
                        "  %d. %-12s %-22s %8.0f/s  p50 %7.1f ms  p99 %7.1f ms  CPU %6.0f ms/1000%s"
                                .formatted(
                                        round,
                                        turn.load(),
                                        turn.candidate(),
                                        turn.rate(),
                                        turn.latency().p50(),
                                        turn.latency().p99(),
                                        turn.cpuPerThousand().getOrDefault("program", 0.0),
                                        trouble(turn)));
                turns.add(turn);
            }
        }
        return turns;
    }

    /** The median rate of the slowest candidate. */
    static double slowest(List<Turn> turns) {
        return turns.stream()
                .map(Turn::candidate)
                .distinct()
                .mapToDouble(
                        name ->
                                Comparison.median(
                                        turns.stream()
                                                .filter(turn -> turn.candidate().equals(name))
                                                .map(Turn::rate)
                                                .toList()))
                .min()
                .orElseThrow();
    }

    private static String trouble(Turn turn) {
        return turn.failed() + turn.lost() + turn.again() == 0
                ? ""
                : "  failed %d, lost %d, again %d"
                        .formatted(turn.failed(), turn.lost(), turn.again());
    }
}
