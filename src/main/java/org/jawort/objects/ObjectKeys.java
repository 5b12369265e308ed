package org.jawort.objects;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jawort.delivery.DestinationRefused;

/**
 * Where an event stands in a bucket: {@code
 * <prefix><tenant>/<destination>/subjects/<person>/<conversation>/<message>/<sequence>-<event>.json},
 * with as many levels as the event has, and files of the message in a folder {@code files} of it.
 * The person comes first, so that an erasure finds all of it; within one folder names sort by
 * sequence. Nothing but ids of the hub's own making becomes part of a key (C4, S13), and a second
 * attempt makes the same one.
 */
final class ObjectKeys {

    private static final Pattern ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,19}");

    private final String root;

    ObjectKeys(String prefix, String tenant, String destination) {
        this.root = prefix + tenant + "/" + destination + "/";
    }

    /** Everything of this destination. */
    String root() {
        return root;
    }

    String of(JsonNode event) {
        JsonNode data = event.path("data");
        StringBuilder folder = new StringBuilder();
        if (data.path("subjectId").isTextual()) {
            folder.append("subjects/").append(id(data, "subjectId")).append('/');
            if (data.path("conversationId").isTextual()) {
                folder.append(id(data, "conversationId")).append('/');
                if (data.path("messageId").isTextual()) {
                    folder.append(id(data, "messageId")).append('/');
                }
            }
        } else {
            folder.append("ledger/");
        }
        return root + folder + name(event);
    }

    /** What tells to delete or to hold is kept apart from what it is about. */
    String ofDuty(JsonNode event) {
        return root + "duties/" + name(event);
    }

    /** Where marks say which versions of a message the hub itself holds. */
    String ownHolds(JsonNode event) {
        return root + "duties/holds/" + id(event.path("data"), "messageId") + "/";
    }

    /** How the marks of one version begin. */
    String ownHold(JsonNode event, Bucket.Version version) {
        byte[] named = (version.key() + '\n' + version.id()).getBytes(StandardCharsets.UTF_8);
        return ownHolds(event) + HexFormat.of().formatHex(Bucket.sha256(named)) + "/";
    }

    /** One for each time: not every server takes again a key that is hidden. */
    String newOwnHold(JsonNode event, Bucket.Version version) {
        return ownHold(event, version) + name(event);
    }

    /** All that is stored of a message; {@code null} if the event does not say enough. */
    String message(JsonNode event) {
        JsonNode data = event.path("data");
        for (String field : new String[] {"subjectId", "conversationId", "messageId"}) {
            if (!data.path(field).isTextual()) {
                return null;
            }
        }
        return root
                + "subjects/"
                + id(data, "subjectId")
                + "/"
                + id(data, "conversationId")
                + "/"
                + id(data, "messageId")
                + "/";
    }

    /** All files of a message; {@code null} if the event does not say enough. */
    String files(JsonNode event) {
        String message = message(event);
        return message == null ? null : message + "files/";
    }

    /** One of them. */
    String file(JsonNode event, UUID id) {
        String files = files(event);
        if (files == null) {
            throw new DestinationRefused("a file of no message", null);
        }
        return files + id;
    }

    /** All that is stored of a person. */
    String person(JsonNode event) {
        return root + "subjects/" + id(event.path("data"), "subjectId") + "/";
    }

    private static String name(JsonNode event) {
        String sequence = event.path("sequence").asText();
        if (!SEQUENCE.matcher(sequence).matches()) {
            throw new DestinationRefused("event without a sequence", null);
        }
        return "%019d-%s.json".formatted(Long.parseLong(sequence), id(event, "id"));
    }

    private static String id(JsonNode from, String field) {
        String id = from.path(field).asText();
        if (!ID.matcher(id).matches()) {
            throw new DestinationRefused(field + " is no id of the hub", null);
        }
        return id;
    }
}
