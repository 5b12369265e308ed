package org.jawort.sending;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One message to one person over one account: the input of {@code mappings/<provider>/send.jslt},
 * described in {@code docs/adding-a-mapping.md}. On the exchange it is the property {@value
 * #PROPERTY}.
 *
 * @param tenant also {@code tenant} of the document
 * @param account the account's id in the tenant file, also {@code account} of the document
 * @param document holds the address and the words of a person; must not be changed any more
 */
public record SendRequest(String tenant, String account, JsonNode document) {

    public static final String PROPERTY = "jawort.send";

    private static final JsonMapper CANONICAL =
            JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

    /**
     * @throws IllegalArgumentException if the document is another tenant's or account's, or names
     *     neither message nor recipient
     */
    public SendRequest {
        if (!tenant.equals(document.path("tenant").textValue())
                || !account.equals(document.path("account").textValue())) {
            throw new IllegalArgumentException("the document is of another tenant or account");
        }
        if (!document.path("messageId").isTextual() || !document.path("to").isObject()) {
            throw new IllegalArgumentException("the document names no message or no recipient");
        }
    }

    /**
     * @param tag of the channel's, {@code null} for none
     */
    SendRequest tagged(String tag) {
        ObjectNode tagged = document.deepCopy();
        tagged.put("tag", tag);
        return new SendRequest(tenant, account, tagged);
    }

    public String messageId() {
        return document.get("messageId").textValue();
    }

    public String provider() {
        return document.path("provider").asText();
    }

    /** The document as bytes that do not depend on the order of its fields. */
    byte[] canonical() {
        try {
            return CANONICAL.writeValueAsBytes(CANONICAL.treeToValue(document, Object.class));
        } catch (JsonProcessingException neverForATree) {
            throw new AssertionError(neverForATree);
        }
    }

    /** Ids only (LOG-1). */
    @Override
    public String toString() {
        return "SendRequest[" + tenant + "/" + account + " " + messageId() + "]";
    }
}
