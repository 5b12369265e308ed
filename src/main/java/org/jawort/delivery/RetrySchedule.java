package org.jawort.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * How long to wait after a failed attempt: 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, then four times 24
 * h, each up to a fifth longer by chance. A message to a person waits for 24 h once: after that it
 * has no meaning any more.
 */
public final class RetrySchedule {

    private static final List<Duration> WAITS =
            List.of(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofHours(6),
                    Duration.ofHours(24),
                    Duration.ofHours(24),
                    Duration.ofHours(24),
                    Duration.ofHours(24));

    /** After so many failed attempts an event is a dead letter. */
    static final int ATTEMPTS = WAITS.size() + 1;

    /** After so many a message to a person is given up. */
    public static final int ATTEMPTS_TO_SEND = 8;

    /** What a destination asks for beyond that is not believed. */
    public static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(24);

    private final Supplier<? extends RandomGenerator> random;

    RetrySchedule(Supplier<? extends RandomGenerator> random) {
        this.random = random;
    }

    /**
     * @param attempts made so far, at least 1
     * @param retryAfter what the destination asked for, {@code null} if nothing; never waits less,
     *     at most a day
     * @return empty when the attempts are used up
     */
    Optional<Duration> waitAfter(int attempts, Duration retryAfter) {
        if (attempts >= ATTEMPTS) {
            return Optional.empty();
        }
        Duration scheduled = WAITS.get(attempts - 1);
        Duration jittered =
                scheduled.plusMillis(random.get().nextLong(scheduled.toMillis() / 5 + 1));
        Duration asked = retryAfter == null ? Duration.ZERO : retryAfter;
        if (asked.compareTo(LONGEST_RETRY_AFTER) > 0) {
            asked = LONGEST_RETRY_AFTER;
        }
        return Optional.of(asked.compareTo(jittered) > 0 ? asked : jittered);
    }

    /** The same for a message to a person. */
    public Optional<Duration> waitToSend(int attempts, Duration retryAfter) {
        return attempts >= ATTEMPTS_TO_SEND ? Optional.empty() : waitAfter(attempts, retryAfter);
    }
}
