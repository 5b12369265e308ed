package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a message says, who wrote it and what for, as the decision needs it.
 *
 * @param content as {@code content} of the document {@code mappings/<provider>/send.jslt} gets
 * @param tag the channel's message tag it was given, {@code null} if none
 * @param byHuman a person wrote these very words (FLT-7)
 * @param authTriggeredAt when the person asked for this authentication; {@code null} if nobody said
 */
record Written(JsonNode content, String tag, boolean byHuman, Instant authTriggeredAt) {

    /** Field beside the content that holds how it was asked for. */
    static final String ASKED = "asked";

    /** What comes with a content and is not shown to the person. */
    private static final List<String> BESIDE_CONTENT =
            List.of(
                    "reference",
                    "tag",
                    "replyTo",
                    ASKED,
                    Disclosures.WRITTEN_BY,
                    Disclosures.DISCLOSURE);

    /** What no person reads, and what may look like a number by chance. */
    private static final Set<String> NOT_READ =
            Set.of("url", "contentType", "type", "language", "providerId", "namespace", "payload");

    /**
     * Takes what comes with a content out of it.
     *
     * @return what was taken out, by its field's name
     */
    static ObjectNode besides(ObjectNode content) {
        ObjectNode besides = JsonNodeFactory.instance.objectNode();
        for (String beside : BESIDE_CONTENT) {
            JsonNode said = content.remove(beside);
            if (said != null) {
                besides.set(beside, said);
            }
        }
        return besides;
    }

    /**
     * @param content with what comes with it, as an {@link OutgoingMessage} has it; stays as it is
     */
    static Written of(ObjectNode content) {
        ObjectNode said = content.deepCopy();
        ObjectNode besides = besides(said);
        return of(said, besides);
    }

    /**
     * @param besides holds {@code tag} and {@value #ASKED}, if there are any
     */
    static Written of(JsonNode content, JsonNode besides) {
        JsonNode asked = besides.path(ASKED);
        String triggeredAt = asked.path("triggeredAt").textValue();
        return new Written(
                content,
                besides.path("tag").textValue(),
                asked.path("byHuman").asBoolean(),
                triggeredAt == null ? null : Instant.parse(triggeredAt));
    }

    /**
     * Puts beside a content how it was asked for.
     *
     * @param evidence of what triggered it; {@code null} if nobody said
     */
    static void asked(
            ObjectNode content, boolean byHuman, Instant authTriggeredAt, JsonNode evidence) {
        if (!byHuman && authTriggeredAt == null) {
            return;
        }
        ObjectNode asked = content.putObject(ASKED);
        asked.put("byHuman", byHuman);
        if (authTriggeredAt != null) {
            asked.put("triggeredAt", authTriggeredAt.toString());
            asked.set("evidence", evidence);
        }
    }

    /**
     * What the person did to be sent it, with its time and evidence; {@code null} if nobody said.
     */
    static JsonNode authentication(JsonNode besides) {
        JsonNode asked = besides.path(ASKED);
        if (!asked.has("triggeredAt")) {
            return null;
        }
        ObjectNode shown = asked.deepCopy();
        shown.remove("byHuman");
        return shown;
    }

    /** Each text of it that the person reads. */
    List<String> texts() {
        List<String> texts = new ArrayList<>();
        collect(content, texts);
        return texts;
    }

    private static void collect(JsonNode node, List<String> texts) {
        if (node.isTextual()) {
            texts.add(node.textValue());
        }
        node.properties()
                .forEach(
                        field -> {
                            if (!NOT_READ.contains(field.getKey())) {
                                collect(field.getValue(), texts);
                            }
                        });
        if (node.isArray()) {
            node.forEach(element -> collect(element, texts));
        }
    }

    /** Not a word of it. */
    @Override
    public String toString() {
        return "Written[byHuman=" + byHuman + "]";
    }
}
