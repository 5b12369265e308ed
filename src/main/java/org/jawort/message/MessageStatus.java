package org.jawort.message;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Locale;

/**
 * What became of a sent message. Providers promise neither order nor completeness, so a status only
 * rises: {@code read} may come before {@code delivered}, and an old {@code sent} hours after both.
 * A failure counts over queued and sent; a later delivery proves it wrong.
 */
public enum MessageStatus {
    UNKNOWN(0),
    QUEUED(1),
    SENT(2),
    CANCELED(3),
    FAILED(3),
    DELIVERED(4),
    READ(5);

    private final short rank;

    MessageStatus(int rank) {
        this.rank = (short) rank;
    }

    public short rank() {
        return rank;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * What to say of a message that went in parts: that it failed if one did, else what all have
     * reached.
     *
     * @param parts at least one
     */
    public static MessageStatus ofParts(Collection<MessageStatus> parts) {
        return parts.stream()
                .filter(part -> part.rank == FAILED.rank)
                .findFirst()
                .orElseGet(() -> Collections.min(parts, Comparator.comparing(MessageStatus::rank)));
    }

    public static MessageStatus of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
