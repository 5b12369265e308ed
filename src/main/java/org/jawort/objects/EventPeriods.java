package org.jawort.objects;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import org.jawort.delivery.RulePeriods;

/**
 * How long an archived event is locked: the period of its retention rule, counted from when the
 * message was received or the thing happened. A rule that begins later, such as with the end of a
 * conversation, keeps for longer; a lock must not, because it cannot be shortened.
 */
final class EventPeriods {

    private final RulePeriods rules;
    private final InstantSource clock;

    EventPeriods(RulePeriods rules, InstantSource clock) {
        this.rules = rules;
        this.clock = clock;
    }

    /** {@code null} if that is over already. */
    Instant lockedUntil(JsonNode event) {
        return future(until(event, dataType(event.path("type").asText())));
    }

    /**
     * The same of the files that come with it: as long as their own rule asks, and no longer than
     * the message is locked.
     */
    Instant filesLockedUntil(JsonNode event) {
        Instant message = until(event, dataType(event.path("type").asText()));
        Instant files = until(event, "media");
        return future(files.isBefore(message) ? files : message);
    }

    private Instant future(Instant until) {
        return until.isAfter(clock.instant()) ? until : null;
    }

    private Instant until(JsonNode event, String dataType) {
        JsonNode data = event.path("data");
        return rules.until(
                event.path("tenant").asText(),
                dataType,
                text(data.path("channel")),
                text(data.at("/consent/purpose")) == null
                        ? text(data.path("purpose"))
                        : text(data.at("/consent/purpose")),
                text(data.at("/retention/category")) == null
                        ? text(data.path("category"))
                        : text(data.at("/retention/category")),
                start(event));
    }

    private static Instant start(JsonNode event) {
        if (event.path("type").asText().equals("jawort.message.sent.v1")) {
            return Instant.parse(event.path("time").asText()); // what was scheduled is older
        }
        String received = text(event.at("/data/receivedAt"));
        try {
            return Instant.parse(received == null ? event.path("time").asText() : received);
        } catch (DateTimeException noTime) {
            return Instant.parse(event.path("time").asText());
        }
    }

    /** What of the hub's data types an event is a copy of. */
    private static String dataType(String type) {
        return switch (type.substring("jawort.".length(), type.lastIndexOf(".v"))) {
            case "message.received", "message.sent", "message.labeled", "media.stored" ->
                    "conversation-text";
            case "consent.changed", "consent.drifted", "ledger.anchored" -> "consent-proof";
            case "notice.delivered", "notice.failed" -> "notice-evidence";
            case "subject.restricted", "subject.rectified", "request.changed" -> "request-file";
            case "hold.placed", "hold.released" -> "hold-file";
            case "message.deleted",
                    "subject.erased",
                    "subject.ended",
                    "deletions.anchored",
                    "retention.jumped" ->
                    "deletion-evidence";
            default -> "delivery-metadata"; // the shortest, for what nobody decided about
        };
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.asText() : null;
    }
}
