package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.Mappings;

/**
 * Makes the HTTP request of a message: {@code mappings/<provider>/send.jslt} says path and body,
 * this step adds what no mapping may see, the credentials. Registered as {@code providerRequest}.
 */
public final class ProviderRequest {

    /** {@code api} or {@code sms}: which of the account's two URLs is meant. */
    static final String HOST = "jawort.send.host";

    private final Mappings mappings;
    private final SendingAccounts accounts;
    private final InstantSource clock;

    ProviderRequest(Mappings mappings, SendingAccounts accounts, InstantSource clock) {
        this.mappings = mappings;
        this.accounts = accounts;
        this.clock = clock;
    }

    /**
     * Makes body and headers of the exchange the request's; all other headers are gone, so that
     * none can steer the call (C3).
     *
     * @throws NotSent if the provider has no such message on this channel, or the mapping failed
     */
    public void prepare(Exchange exchange, String tenant, String account) {
        SendRequest request = exchange.getProperty(SendRequest.PROPERTY, SendRequest.class);
        Authentication authentication = accounts.authentication(tenant, account);
        JsonNode mapped = mapped(request);
        boolean sms = mapped.path("host").asText().equals("sms");
        boolean form = mapped.get("contentType").asText().equals("form");
        Map<String, String> secrets = sms && form ? authentication.smsForm() : Map.of();
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_METHOD, mapped.get("method").asText());
        message.setHeader(Exchange.HTTP_PATH, mapped.get("path").asText());
        message.setHeader("Accept", "application/json");
        message.setHeader(
                Exchange.CONTENT_TYPE,
                form ? "application/x-www-form-urlencoded" : "application/json");
        if (secrets.isEmpty()) {
            message.setHeader("Authorization", authentication.header(clock.instant()));
        }
        JsonNode key = mapped.path("idempotencyKey");
        if (key.isTextual()) {
            message.setHeader("Idempotency-Key", key.asText());
        }
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true); // we did not ask for any
        exchange.setProperty(HOST, sms ? "sms" : "api");
        JsonNode body = mapped.get("body");
        message.setBody(
                (form ? encoded(body, secrets) : body.toString()).getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode mapped(SendRequest request) {
        JsonNode mapped;
        try {
            mapped = mappings.send(request.provider(), request.document());
        } catch (MappingFailed failed) {
            throw new NotSent(new SendError("configuration", null, failed.getMessage()));
        }
        if (mapped.has("unsupported")) {
            throw new NotSent(
                    new SendError("unsupported", null, mapped.get("unsupported").asText()));
        }
        return mapped;
    }

    /** As HTML forms are sent; a list repeats its name. */
    private static String encoded(JsonNode fields, Map<String, String> more) {
        List<String> pairs = new ArrayList<>();
        more.forEach((name, value) -> pairs.add(pair(name, value)));
        fields.properties()
                .forEach(
                        field -> {
                            if (field.getValue().isArray()) {
                                field.getValue()
                                        .forEach(
                                                value ->
                                                        pairs.add(
                                                                pair(
                                                                        field.getKey(),
                                                                        value.asText())));
                            } else {
                                pairs.add(pair(field.getKey(), field.getValue().asText()));
                            }
                        });
        return String.join("&", pairs);
    }

    private static String pair(String name, String value) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
