package org.jawort.bench;

import static org.jawort.bench.BenchPage.escaped;
import static org.jawort.bench.BenchPage.number;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Plots as SVG, colours by the classes {@code s0 s1 s2} and {@code l0 l1 l2} of the page. */
final class Chart {

    private static final int WIDTH = 760;
    private static final int HEIGHT = 260;
    private static final int LEFT = 60;
    private static final int TOP = 30;
    private static final int BOTTOM = 230;
    private static final double[] MARKED_PERCENTILES = {50, 90, 99, 99.9, 99.99};

    private Chart() {}

    /** One group of bars per pair, one bar per candidate. */
    static String bars(List<String> names, List<Turn> turns, ToDoubleFunction<Turn> measure) {
        double most = turns.stream().mapToDouble(measure).max().orElse(0);
        double step = step(most);
        long rules = Math.max(1, (long) Math.ceil(most / step));
        double top = step * rules;
        int pairs = turns.stream().mapToInt(Turn::pair).max().orElse(1);
        double group = (WIDTH - LEFT) / (double) pairs;
        double bar = group * 0.8 / names.size();
        var svg = open("bar chart").append(legend(names));
        for (int i = 0; i <= rules; i++) {
            svg.append(rule(step * i, step * i / top));
        }
        for (Turn turn : turns) {
            int series = names.indexOf(turn.candidate());
            double height = (BOTTOM - TOP) * measure.applyAsDouble(turn) / top;
            svg.append(
                    format(
                            "<rect class=\"s%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s: %s</title></rect>",
                            series % 3,
                            LEFT + group * (turn.pair() - 1) + group * 0.1 + bar * series,
                            BOTTOM - height,
                            bar * 0.92,
                            height,
                            escaped(turn.candidate()),
                            number(measure.applyAsDouble(turn))));
        }
        for (int pair = 1; pair <= pairs; pair++) {
            svg.append(label(LEFT + group * (pair - 0.5), String.valueOf(pair)));
        }
        return svg.append("</svg>").toString();
    }

    /**
     * Latency over percentiles; the percentiles are spread so that each further nine is as wide.
     */
    static String percentiles(List<String> names, List<Turn> turns) {
        double most = turns.stream().mapToDouble(turn -> turn.latency().max()).max().orElse(1);
        double highest = Math.log10(Math.max(most, 1) * 1.1);
        double lowest = -1; // 0.1 ms
        var svg = open("latency by percentile").append(legend(names));
        for (int exponent = -1; exponent <= highest; exponent++) {
            svg.append(rule(Math.pow(10, exponent), (exponent - lowest) / (highest - lowest)));
        }
        for (double percentile : MARKED_PERCENTILES) {
            svg.append(label(x(percentile), "p" + number(percentile).replaceAll("\\.?0+$", "")));
        }
        for (Turn turn : turns) {
            String points =
                    turn.latency().curve().stream()
                            .map(
                                    point -> {
                                        double share =
                                                (Math.log10(Math.max(point.millis(), 0.1)) - lowest)
                                                        / (highest - lowest);
                                        return format(
                                                "%.1f,%.1f",
                                                x(point.percentile()),
                                                BOTTOM - (BOTTOM - TOP) * share);
                                    })
                            .collect(Collectors.joining(" "));
            svg.append(
                    format(
                            "<polyline class=\"l thin l%d\" points=\"%s\"><title>%s, pair %d</title></polyline>",
                            names.indexOf(turn.candidate()) % 3,
                            points,
                            escaped(turn.candidate()),
                            turn.pair()));
        }
        return svg.append("</svg>").toString();
    }

    private static double x(double percentile) {
        double nines = -Math.log10(Math.max(1e-5, 1 - percentile / 100)); // at most five of them
        return LEFT + (WIDTH - LEFT - 20) * nines / 5;
    }

    private static StringBuilder open(String name) {
        return new StringBuilder(
                format(
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                        WIDTH, HEIGHT, name));
    }

    private static String legend(List<String> names) {
        var legend = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            int x = LEFT + i * 200;
            legend.append(
                    format(
                            "<rect class=\"s%d\" x=\"%d\" y=\"4\" width=\"12\" height=\"12\"/><text x=\"%d\" y=\"14\">%s</text>",
                            i % 3, x, x + 18, escaped(names.get(i))));
        }
        return legend.toString();
    }

    /** What the rules are apart: 1, 2 or 5 times a power of ten, four to eight of them. */
    private static double step(double most) {
        double quarter = most > 0 ? most / 4 : 1;
        double power = Math.pow(10, Math.floor(Math.log10(quarter)));
        double digits = quarter / power;
        return (digits < 2 ? 1 : digits < 5 ? 2 : 5) * power;
    }

    private static String rule(double value, double share) {
        double y = BOTTOM - (BOTTOM - TOP) * share;
        return format(
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                LEFT, WIDTH, y, y, LEFT - 8, y + 4, number(value));
    }

    private static String label(double x, String text) {
        return format(
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", x, BOTTOM + 20, text);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
