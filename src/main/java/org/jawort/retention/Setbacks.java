package org.jawort.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Runs that could not go on, on this node, and when they are tried once more. Thread-safe. */
final class Setbacks {

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private record Setback(Duration pause, Instant until) {}

    private final Map<UUID, Setback> met = new ConcurrentHashMap<>();

    boolean holdBack(UUID run, Instant now) {
        Setback last = met.get(run);
        return last != null && now.isBefore(last.until());
    }

    /** Each pause is twice as long as the one before. */
    void met(UUID run, Instant now) {
        met.compute(
                run,
                (id, last) -> {
                    Duration pause = last == null ? SHORTEST : last.pause().multipliedBy(2);
                    pause = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
                    return new Setback(pause, now.plus(pause));
                });
    }

    void over(UUID run) {
        met.remove(run);
    }
}
