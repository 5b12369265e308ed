package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jawort.mapping.WebhookUnreadable.Reason;
import org.jawort.tenant.Account.AccountChannel;

/**
 * The input of a provider mapping: {@code {provider, tenant, account, channels: [{channel, address,
 * providerChannelId}], method, contentType, query, headers, body, receivedAt}}. {@code query} is an
 * object, empty if there was none. {@code body} is JSON as received, a form as an object of decoded
 * strings with repeated names as lists, or null for a GET without one.
 */
public final class WebhookDocument {

    /**
     * How deep JSON may nest. Providers need less than ten levels; JSLT and JSON Schema recurse.
     */
    static final int MAX_DEPTH = 100;

    private WebhookDocument() {}

    /**
     * @param account the account's id in the tenant file
     * @param channels what the account carries, for providers that name a channel by their own id
     *     only
     * @param contentType as received, parameters and all; {@code null} if none
     * @param rawQuery still percent-encoded; {@code null} if none
     * @param headers allow-listed, under lower-case names
     * @param body the bytes received, empty or {@code null} if none
     * @throws WebhookUnreadable if the query or the body cannot be read; nothing else is thrown,
     *     whatever the bytes
     */
    public static ObjectNode of(
            String provider,
            String tenant,
            String account,
            List<AccountChannel> channels,
            String method,
            String contentType,
            String rawQuery,
            Map<String, String> headers,
            byte[] body,
            Instant receivedAt) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("provider", provider).put("tenant", tenant).put("account", account);
        document.set("channels", channels(channels));
        document.put("method", method).put("contentType", contentType);
        document.set("query", query(rawQuery));
        ObjectNode named = document.putObject("headers");
        headers.forEach(named::put);
        document.set("body", body(method, contentType, body));
        return document.put("receivedAt", receivedAt.toString());
    }

    private static ArrayNode channels(List<AccountChannel> channels) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (AccountChannel channel : channels) {
            list.addObject()
                    .put("channel", channel.channel().wireName())
                    .put("address", channel.address())
                    .put("providerChannelId", channel.providerChannelId());
        }
        return list;
    }

    private static ObjectNode query(String rawQuery) {
        return FormText.parse(
                rawQuery == null ? new byte[0] : rawQuery.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode body(String method, String contentType, byte[] body) {
        if (body == null || body.length == 0) {
            if (method.equals("GET")) {
                return NullNode.getInstance();
            }
            throw new WebhookUnreadable(Reason.NO_BODY);
        }
        String type = bare(contentType);
        if (type.equals("application/json") || type.endsWith("+json")) {
            return JsonText.parse(body);
        }
        if (type.equals("application/x-www-form-urlencoded")) {
            return FormText.parse(body);
        }
        throw new WebhookUnreadable(Reason.CONTENT_TYPE);
    }

    private static String bare(String contentType) {
        return contentType == null
                ? ""
                : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }
}
