package org.jawort.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One candidate's turn at one load.
 *
 * @param load what was measured, such as {@code saturation}
 * @param pair counts the turns, from 1
 * @param offered messages per second of the schedule; 0 for a closed loop
 * @param rate messages per second that came through
 * @param latency of those messages
 * @param messages how many came through
 * @param failed requests not answered 200
 * @param lost messages answered 200 that did not reach the CRM in time; 0 where that is not asked
 * @param again messages that reached the CRM more than once
 * @param cpuPerThousand CPU milliseconds per 1 000 messages, by process
 */
record Turn(
        String load,
        String candidate,
        int pair,
        double offered,
        double rate,
        Latency latency,
        long messages,
        long failed,
        long lost,
        long again,
        Map<String, Double> cpuPerThousand) {

    /** Milliseconds at percentiles; {@code curve} has pairs of percentile and milliseconds. */
    record Latency(double p50, double p90, double p99, double p999, double max, List<Point> curve) {

        private static final double[] PERCENTILES = {
            0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100
        };

        /**
         * @param micros recorded in microseconds
         */
        static Latency of(Histogram micros) {
            List<Point> curve = new ArrayList<>();
            for (double percentile : PERCENTILES) {
                curve.add(new Point(percentile, at(micros, percentile)));
            }
            return new Latency(
                    at(micros, 50),
                    at(micros, 90),
                    at(micros, 99),
                    at(micros, 99.9),
                    at(micros, 100),
                    curve);
        }

        private static double at(Histogram micros, double percentile) {
            return micros.getValueAtPercentile(percentile) / 1000.0;
        }
    }

    record Point(double percentile, double millis) {}

    /**
     * CPU per 1 000 messages from readings before and after, in milliseconds.
     *
     * @param messages above 0, else nothing can be said and the map is empty
     */
    static Map<String, Double> cpuPerThousand(
            Map<String, Double> before, Map<String, Double> after, long messages) {
        var perThousand = new LinkedHashMap<String, Double>();
        if (messages > 0) {
            after.forEach(
                    (process, millis) ->
                            perThousand.put(
                                    process, (millis - before.get(process)) * 1000 / messages));
        }
        return perThousand;
    }
}
