package org.jawort.bench;

import java.util.List;
import java.util.Map;

/**
 * All a run has found.
 *
 * @param name {@code intake} or {@code pipeline}
 * @param at when it began, ISO 8601 in UTC
 * @param conditions what it ran with, by name
 */
record BenchReport(
        String name,
        String at,
        Map<String, String> conditions,
        List<Comparison> comparisons,
        List<Turn> turns) {

    /** Whether every webhook was answered 200 and everything answered 200 arrived. */
    boolean complete() {
        return turns.stream().allMatch(turn -> turn.failed() == 0 && turn.lost() == 0);
    }
}
