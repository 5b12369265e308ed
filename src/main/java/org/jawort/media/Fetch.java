package org.jawort.media;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** One attempt to fetch one file, while its route runs; used by one thread. */
final class Fetch {

    /** On the exchange while the route runs. */
    static final String PROPERTY = "jawort.media.fetch";

    /** Whether there is another request to make. */
    static final String MORE = "jawort.media.more";

    private static final int MOST_HOPS = 5;

    /**
     * A file this node is to fetch.
     *
     * @param attempt the number of this one; another attempt has another
     */
    public record Claim(String tenant, UUID file, String account, String provider, int attempt) {}

    final Claim claim;
    final UUID subject;
    final Instant createdAt;
    final long deadlineNanos;
    final long maxBytes;
    private String next;
    private int hops;
    private boolean credentialsDropped;
    URI at;
    Duration keeps = Duration.ZERO;
    StoredFile stored;
    FetchFailed failed;

    /**
     * @param url as the provider told it, {@code null} if it told none
     */
    Fetch(
            Claim claim,
            UUID subject,
            Instant createdAt,
            String url,
            long deadlineNanos,
            long maxBytes) {
        this.claim = claim;
        this.subject = subject;
        this.createdAt = createdAt;
        this.next = url;
        this.deadlineNanos = deadlineNanos;
        this.maxBytes = maxBytes;
    }

    boolean hasNext() {
        return next != null;
    }

    /** The next URL, at most {@value #MOST_HOPS} of them. */
    String hop() throws FetchFailed {
        if (hops == MOST_HOPS) {
            throw new FetchFailed(FetchFault.TOO_MANY_REDIRECTS);
        }
        if (isLate()) {
            throw new FetchFailed(FetchFault.TIMEOUT);
        }
        hops++;
        String url = next;
        next = null;
        return url;
    }

    boolean isFirstHop() {
        return hops == 1;
    }

    void redirect(String url) {
        next = url;
    }

    boolean isLate() {
        return System.nanoTime() - deadlineNanos > 0;
    }

    /** From a host that is not the provider's no way leads back to its credentials. */
    void dropCredentials() {
        credentialsDropped = true;
    }

    boolean hasCredentials() {
        return !credentialsDropped;
    }

    @Override
    public String toString() {
        return "Fetch[" + claim.file() + "]";
    }
}
