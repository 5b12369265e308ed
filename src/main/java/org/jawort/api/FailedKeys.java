package org.jawort.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts wrong keys per network address and minute, in memory of this node. Thread-safe. */
final class FailedKeys {

    private record Minute(String address, long minute) {}

    private final int perMinute;
    private final InstantSource clock;
    private final Cache<Minute, AtomicInteger> counts =
            Caffeine.newBuilder()
                    .maximumSize(20_000)
                    .expireAfterWrite(Duration.ofMinutes(2))
                    .build();

    FailedKeys(int perMinute, InstantSource clock) {
        this.perMinute = perMinute;
        this.clock = clock;
    }

    /** Counts one more; returns whether the address has more than it may in this minute. */
    boolean count(String address) {
        return counts.get(minute(address), missing -> new AtomicInteger()).incrementAndGet()
                > perMinute;
    }

    private Minute minute(String address) {
        return new Minute(address, clock.millis() / 60_000);
    }
}
