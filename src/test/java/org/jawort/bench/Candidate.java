package org.jawort.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * One of the programs that are held against each other, running.
 *
 * @param port where it takes webhooks
 * @param messages webhooks for it
 */
record Candidate(String name, ChildJvm process, int port, SignedMessages messages) {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

    /**
     * Returns once a webhook is answered 200.
     *
     * @throws IllegalStateException if that does not come to pass
     */
    void awaitReady(int phase) {
        byte[] webhook = messages.requests(phase, 1)[0];
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        int status = 0;
        while (System.nanoTime() < deadline) {
            process.requireAlive();
            try (var connection = new HttpConnection(port)) {
                status = connection.exchange(webhook);
                if (status == 200) {
                    return;
                }
            } catch (IOException notYet) {
                status = 0;
            }
            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        }
        throw new IllegalStateException(
                "%s does not take webhooks after %d s (last status %d)"
                        .formatted(name, START_LIMIT.toSeconds(), status));
    }
}
