package org.jawort.bench;

import java.util.SortedMap;
import org.HdrHistogram.Histogram;

/**
 * What came back from a phase of load.
 *
 * @param startedMicros when the first request was due, microseconds since 1970
 * @param elapsedNanos from the first request to the last answer
 * @param accepted requests answered 200
 * @param others how often each other outcome came: a status, or 0 for no answer at all
 * @param latency microseconds of all answers, from when each request was due
 */
record LoadResult(
        long startedMicros,
        long elapsedNanos,
        int accepted,
        SortedMap<Integer, Integer> others,
        Histogram latency) {

    /** Requests answered 200 per second. */
    double rate() {
        return accepted * 1e9 / elapsedNanos;
    }

    /** Requests not answered 200. */
    int refused() {
        return others.values().stream().mapToInt(Integer::intValue).sum();
    }
}
