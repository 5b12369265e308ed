package org.jawort.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * One thing a webhook says happened, as a mapping returned it and {@code
 * schema/mapping-output-v1.json} allowed it.
 *
 * <p>{@link #json} is the entry itself and holds everything the records leave out.
 */
public sealed interface ProviderEntry {

    /**
     * Names the event within the account; the same event told twice has the same id. {@code null}
     * only if ignored.
     */
    String eventId();

    ObjectNode json();

    /** Somebody wrote to the business. */
    record Received(String eventId, Channel channel, Address from, Address to, ObjectNode json)
            implements ProviderEntry {}

    /** The business wrote, from here or elsewhere. Channel and addresses may be {@code null}. */
    record Echo(String eventId, Channel channel, Address from, Address to, ObjectNode json)
            implements ProviderEntry {}

    /** What became of a message of the business. Channel and addresses may be {@code null}. */
    record Status(
            String eventId,
            MessageStatus status,
            Channel channel,
            Address from,
            Address to,
            ObjectNode json)
            implements ProviderEntry {}

    /** The provider itself stopped or resumed messages to a person. */
    record Preference(
            String eventId,
            boolean optOut,
            boolean marketingOnly,
            Channel channel,
            Address address,
            ObjectNode json)
            implements ProviderEntry {}

    /**
     * Identifiers were merged, changed or removed at the provider. Channel and either address may
     * be {@code null}.
     */
    record Identity(
            String eventId,
            String change,
            Channel channel,
            Address surviving,
            Address discarded,
            ObjectNode json)
            implements ProviderEntry {}

    /**
     * What the provider says a template is from now on; about no person.
     *
     * @param language {@code null} for all languages
     */
    record Template(String eventId, String name, String language, String category, ObjectNode json)
            implements ProviderEntry {}

    /** Nothing the hub acts on; counted under the reason. */
    record Ignored(String eventId, String reason, ObjectNode json) implements ProviderEntry {}

    static ProviderEntry parse(JsonNode node) {
        ObjectNode json = (ObjectNode) node;
        String eventId = json.path("eventId").asText(null);
        Channel channel = json.has("channel") ? Channel.of(json.get("channel").asText()) : null;
        Address from = Address.parse(json.path("from"));
        Address to = Address.parse(json.path("to"));
        String kind = json.get("kind").asText();
        return switch (kind) {
            case "message" -> new Received(eventId, channel, from, to, json);
            case "echo" -> new Echo(eventId, channel, from, to, json);
            case "status" ->
                    new Status(
                            eventId,
                            MessageStatus.of(json.get("status").asText()),
                            channel,
                            from,
                            to,
                            json);
            case "preference" ->
                    new Preference(
                            eventId,
                            json.get("change").asText().equals("opt_out"),
                            json.get("scope").asText().equals("MARKETING"),
                            channel,
                            Address.parse(json.get("address")),
                            json);
            case "identity" ->
                    new Identity(
                            eventId,
                            json.get("change").asText(),
                            channel,
                            Address.parse(json.path("surviving")),
                            Address.parse(json.path("discarded")),
                            json);
            case "template" ->
                    new Template(
                            eventId,
                            json.get("name").asText(),
                            json.path("language").asText(null),
                            json.get("category").asText(),
                            json);
            case "ignored" -> new Ignored(eventId, json.get("reason").asText(), json);
            default -> throw new IllegalArgumentException("the schema allows no kind " + kind);
        };
    }

    /** The provider's id of the message this is about, {@code null} if it has none. */
    default String providerMessageId() {
        return json().path("providerMessageId").asText(null);
    }

    default String providerConversationId() {
        return json().path("providerConversationId").asText(null);
    }

    /** Who writes in a provider's conversation besides the business. */
    enum Participants {
        ONE,
        /** The provider would let several, and does not say. */
        UNKNOWN,
        SEVERAL
    }

    /** Of {@link #providerConversationId}. */
    default Participants participants() {
        return switch (json().path("participants").asText("one")) {
            case "several" -> Participants.SEVERAL;
            case "unknown" -> Participants.UNKNOWN;
            default -> Participants.ONE;
        };
    }

    /**
     * A time the provider gave under {@code field}; {@code null} if it gave none or one that is no
     * time.
     */
    default Instant time(String field) {
        try {
            return json().has(field) ? Instant.parse(json().get(field).asText()) : null;
        } catch (DateTimeParseException notATime) {
            return null;
        }
    }
}
