package org.jawort.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The hub against one baseline: one ratio per pair of turns, judged by their median.
 *
 * @param goal {@code null} where there is none
 * @param atLeast whether the ratio shall be at least the goal, else at most
 */
record Comparison(String what, String against, Double goal, boolean atLeast, List<Double> ratios) {

    static final String HUB = "hub";

    /** Of the turns at {@code load}, pairing those of the same number. */
    static Comparison of(
            String what,
            String against,
            Double goal,
            boolean atLeast,
            List<Turn> turns,
            String load,
            ToDoubleFunction<Turn> measure) {
        List<Double> ratios = new ArrayList<>();
        for (Turn hub : turns) {
            if (!hub.load().equals(load) || !hub.candidate().equals(HUB)) {
                continue;
            }
            for (Turn other : turns) {
                if (other.load().equals(load)
                        && other.candidate().equals(against)
                        && other.pair() == hub.pair()) {
                    ratios.add(measure.applyAsDouble(hub) / measure.applyAsDouble(other));
                }
            }
        }
        return new Comparison(what, against, goal, atLeast, ratios);
    }

    /** The median ratio; NaN if there are none. */
    double median() {
        return median(ratios);
    }

    /** Whether the goal is met; with no goal always, with no ratio never. */
    boolean met() {
        if (goal == null) {
            return true;
        }
        return atLeast ? median() >= goal : median() <= goal;
    }

    /** One line for a person. */
    String line() {
        String judged =
                goal == null
                        ? "(no goal)"
                        : "goal %s %.2f: %s"
                                .formatted(atLeast ? ">=" : "<=", goal, met() ? "met" : "MISSED");
        return String.format(
                Locale.ROOT,
                "%-34s %-22s median %5.2f  %s  of %s",
                what,
                "hub / " + against,
                median(),
                judged,
                ratios.stream().map("%.2f"::formatted).toList());
    }

    /** The middle value, or the mean of the two in the middle; NaN of nothing. */
    static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
