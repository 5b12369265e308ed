package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What law keeps of people who were erased, for those of them who come back and ask (DSR-4, RET-8).
 * Inside the caller's transaction.
 */
public interface KeptByLaw {

    /**
     * An address somebody is known under now.
     *
     * @param channel wire name of the channel consent is kept for
     */
    record Known(String channel, String address) {
        @Override
        public String toString() {
            return "Known[" + channel + "]";
        }
    }

    /** Under which ids there is something kept of whoever had these addresses. */
    List<UUID> people(String tenant, Collection<Known> addresses);

    /**
     * What is kept of them, why and until when; no word of it.
     *
     * @param channels wire names of those that count
     */
    List<ErasureRun.Kept> kept(String tenant, Collection<UUID> people, Collection<String> channels);

    /**
     * The letters themselves, oldest first: {@code messageId, channel, direction, category,
     * receivedAt, keptUntil, rule, because, restrictedAt}, {@code body} as an event's data has it,
     * and {@code media}.
     */
    void letters(
            String tenant,
            Collection<UUID> people,
            Collection<String> channels,
            Consumer<ObjectNode> letters);

    /**
     * Adds to a letter what its person says is right; what was written stays (DSR-9).
     *
     * @return false if none of them has such a letter on these channels
     */
    boolean annotate(
            String tenant,
            Collection<UUID> people,
            Collection<String> channels,
            UUID message,
            String text);
}
