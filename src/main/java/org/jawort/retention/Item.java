package org.jawort.retention;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.retention.RetentionRule.StartType;

/**
 * Something stored, as far as it matters for how long.
 *
 * @param id of the message it is or belongs to
 * @param channel {@code null} if unknown, as are the next two
 * @param category {@code null} for what is no message
 * @param created when it was made, asked for or received (S1)
 * @param sent when it was sent at last, from which a letter counts (S1, HGB §257(5)); {@code null}
 *     of what the hub did not send
 * @param caseClosed when its case ended (S2), {@code null} while that is open
 * @param relationshipEnded when its relationship ended (S3), {@code null} while that lasts
 */
public record Item(
        String tenant,
        UUID id,
        UUID subject,
        UUID conversation,
        String dataType,
        String channel,
        String purpose,
        Category category,
        Instant created,
        Instant sent,
        Instant caseClosed,
        Instant relationshipEnded) {

    Map<String, String> traits() {
        Map<String, String> traits = new HashMap<>();
        traits.put("channel", channel);
        traits.put("purpose", purpose);
        traits.put("category", category == null ? null : category.name());
        return traits;
    }

    /** {@code null} while it has not begun. */
    Instant start(StartType type) {
        return switch (type) {
            case S1 -> sent == null ? created : sent;
            case S2 -> caseClosed;
            case S3 -> relationshipEnded;
        };
    }

    Item as(Category other) {
        return as(dataType, other);
    }

    Item as(String otherType) {
        return as(otherType, category);
    }

    private Item as(String otherType, Category other) {
        return new Item(
                tenant,
                id,
                subject,
                conversation,
                otherType,
                channel,
                purpose,
                other,
                created,
                sent,
                caseClosed,
                relationshipEnded);
    }
}
