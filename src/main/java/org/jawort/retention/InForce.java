package org.jawort.retention;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jawort.retention.RetentionRules.Entry;

/** What is in force from an instant on, until another version comes into force. */
record InForce(Instant since, Instant until, List<Entry> entries) {

    static InForce of(List<Entry> all, Instant now) {
        Instant until = Instant.MAX;
        Map<String, Entry> newest = new LinkedHashMap<>();
        for (Entry entry : all) {
            Instant start = entry.rule().inForceFrom();
            if (start.isAfter(now)) {
                until = start.isBefore(until) ? start : until;
            } else {
                newest.merge(
                        entry.isTenants() + "/" + entry.rule().id(),
                        entry,
                        (one, other) ->
                                one.rule().version() < other.rule().version() ? other : one);
            }
        }
        return new InForce(now, until, List.copyOf(newest.values()));
    }
}
