package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** Messages API v1 at {@code POST /v1/messages}, old SMS API at {@code POST /sms/json}. */
record FakeVonage(Map<String, String> credentials) implements FakeApi {

    private static final Map<String, Integer> LONGEST =
            Map.of(
                    "sms",
                    1000,
                    "mms",
                    1000,
                    "viber_service",
                    1000,
                    "messenger",
                    640,
                    "whatsapp",
                    4096,
                    "rcs",
                    3072);
    private static final int LONGEST_SMS = 70; // of characters as "unicode" has them
    private static final int LONGEST_PART = 67;
    private static final Set<String> MEDIA = Set.of("image", "audio", "video", "file");
    private static final Set<String> FIELDS =
            Set.of(
                    "channel",
                    "message_type",
                    "to",
                    "from",
                    "client_ref",
                    "webhook_url",
                    "webhook_version",
                    "text",
                    "image",
                    "audio",
                    "video",
                    "file",
                    "template",
                    "whatsapp",
                    "custom",
                    "context",
                    "viber_service",
                    "messenger",
                    "suggestions");

    @Override
    public FakeAnswer answer(FakeCall call, Instant now) {
        return switch (call.path()) {
            case "/v1/messages" -> messages(call, now);
            case "/sms/json" -> sms(call);
            default -> problem(404, "not-found", "Not found");
        };
    }

    /** Redaction, not before an hour has passed; it wants key and secret, and no token. */
    @Override
    public FakeAnswer erase(
            String method,
            FakeCall call,
            Instant now,
            Function<String, Instant> takenAt,
            Set<String> erased) {
        if (!method.equals("POST") || !call.path().equals("/v1/redact/transaction")) {
            return null;
        }
        JsonNode wanted = call.fields();
        String id = wanted.path("id").asText("");
        boolean complete =
                Set.of("sms", "messages").contains(wanted.path("product").asText())
                        && Set.of("inbound", "outbound").contains(wanted.path("type").asText())
                        && wanted.size() == 3;
        if (!(credentials.get("apiKey") + ":" + credentials.get("apiSecret"))
                .equals(call.basic())) {
            return problem(401, "unauthorized", "You did not provide correct credentials.");
        }
        if (!complete || id.isEmpty()) {
            return problem(422, "invalid-json", "Invalid");
        }
        Instant taken = takenAt.apply(id);
        if (taken != null && now.isBefore(taken.plusSeconds(3600))) {
            return problem(403, "premature-redaction", "Too early");
        }
        return erased.add(id)
                ? FakeAnswer.refused(204, null)
                : problem(404, "invalid-id", "No such transaction");
    }

    private FakeAnswer messages(FakeCall call, Instant now) {
        if (!authentic(call, now)) {
            return problem(401, "unauthorized", "You did not provide correct credentials.");
        }
        JsonNode message = call.fields();
        if (!call.isJson() || !message.isObject()) {
            return problem(422, "1400", "The request body is not JSON");
        }
        String wrong = wrong(message);
        if (wrong != null) {
            return problem(422, wrong, "Invalid: " + message.path("to").asText());
        }
        String id = UUID.randomUUID().toString();
        return new FakeAnswer(
                202,
                FakeApi.object().put("message_uuid", id),
                new FakeAnswer.Taken(
                        id,
                        message.get("channel").asText(),
                        message.get("from").asText(),
                        message.get("to").asText(),
                        null,
                        message.path("client_ref").asText(null),
                        message.path("webhook_url").asText(null)));
    }

    private boolean authentic(FakeCall call, Instant now) {
        String basic = call.basic();
        if (basic != null) {
            return basic.equals(credentials.get("apiKey") + ":" + credentials.get("apiSecret"));
        }
        FakeToken token = FakeToken.parse(call.token("Bearer"), now);
        return token != null
                && token.signedByRsa(credentials.get("publicKey"))
                && token.claims()
                        .path("application_id")
                        .asText()
                        .equals(credentials.get("applicationId"));
    }

    private static String wrong(JsonNode message) {
        for (String name : (Iterable<String>) message::fieldNames) {
            if (!FIELDS.contains(name)) {
                return "1410";
            }
        }
        String channel = message.path("channel").asText();
        String type = message.path("message_type").asText();
        if (!LONGEST.containsKey(channel) || message.path("from").asText("").isEmpty()) {
            return "1420";
        }
        if (message.path("to").asText("").isEmpty()
                || message.get("to").asText().startsWith("+")
                || message.get("from").asText().startsWith("+")) {
            return "1170";
        }
        if (message.path("client_ref").asText("").length() > 100) {
            return "1430";
        }
        if (type.equals("text")) {
            int length = message.path("text").asText("").length();
            return length == 0 || length > LONGEST.get(channel) ? "1430" : null;
        }
        if (MEDIA.contains(type)) {
            return message.path(type).path("url").asText("").startsWith("https://") ? null : "1380";
        }
        boolean whatsapp = channel.equals("whatsapp");
        if (type.equals("template")) {
            return whatsapp
                            && message.path("template").path("name").isTextual()
                            && message.path("whatsapp").path("locale").isTextual()
                            && message.path("whatsapp")
                                    .path("policy")
                                    .asText()
                                    .equals("deterministic")
                    ? null
                    : "1022";
        }
        return whatsapp && type.equals("custom") && message.path("custom").path("type").isTextual()
                ? null
                : "1410";
    }

    private FakeAnswer sms(FakeCall call) {
        JsonNode sms = call.fields();
        String status =
                !sms.path("api_key").asText().equals(credentials.get("apiKey"))
                                || !sms.path("api_secret")
                                        .asText()
                                        .equals(credentials.get("apiSecret"))
                        ? "4"
                        : !call.isForm()
                                        || sms.path("to").asText("").isEmpty()
                                        || sms.path("from").asText("").isEmpty()
                                        || sms.path("text").asText("").isEmpty()
                                ? "2"
                                : sms.get("to").asText().startsWith("+") ? "3" : "0";
        String id = part(FakeApi.hex(16).toUpperCase(java.util.Locale.ROOT), 1);
        ObjectNode entry =
                FakeApi.object().put("to", sms.path("to").asText()).put("status", status);
        if (!status.equals("0")) {
            return FakeAnswer.refused(200, list(entry.put("error-text", "Refused")));
        }
        entry.put("remaining-balance", "3.14159265")
                .put("message-price", "0.03330000")
                .put("network", "26201");
        int length = sms.get("text").asText().length();
        int parts = length <= LONGEST_SMS ? 1 : Math.ceilDiv(length, LONGEST_PART);
        ObjectNode answer = FakeApi.object().put("message-count", String.valueOf(parts));
        ArrayNode messages = answer.putArray("messages");
        for (int n = 1; n <= parts; n++) {
            messages.add(entry.deepCopy().put("message-id", part(id, n)));
        }
        return new FakeAnswer(
                200,
                answer,
                new FakeAnswer.Taken(
                        id,
                        "sms",
                        sms.get("from").asText(),
                        sms.get("to").asText(),
                        null,
                        sms.path("client-ref").asText(null),
                        sms.path("callback").asText(null)));
    }

    /** What a part of a long SMS is called, as the first one is. */
    static String part(String id, int n) {
        return id.substring(0, id.length() - 2) + "%02X".formatted(n);
    }

    private static ObjectNode list(ObjectNode entry) {
        ObjectNode answer = FakeApi.object().put("message-count", "1");
        answer.putArray("messages").add(entry);
        return answer;
    }

    private static FakeAnswer problem(int status, String code, String detail) {
        return FakeAnswer.refused(
                status,
                FakeApi.object()
                        .put("type", "https://developer.vonage.com/api-errors/messages#" + code)
                        .put("title", code)
                        .put("detail", detail)
                        .put("instance", FakeApi.hex(32)));
    }

    @Override
    public FakeAnswer error(FakeCall call, int status, String code) {
        return call.path().equals("/sms/json")
                ? FakeAnswer.refused(
                        200,
                        list(FakeApi.object().put("status", code).put("error-text", "Refused")))
                : problem(
                        status == 0 ? 422 : status,
                        code,
                        "Refused: " + call.fields().path("to").asText());
    }

    @Override
    public FakeWebhook status(FakeMessage message, String status, String code, Instant now) {
        var taken = message.taken();
        if (message.path().equals("/sms/json")) {
            ObjectNode receipt =
                    FakeApi.object()
                            .put("msisdn", taken.to())
                            .put("to", taken.from())
                            .put("messageId", taken.id())
                            .put("status", status)
                            .put("err-code", code == null ? "0" : code)
                            .put(
                                    "message-timestamp",
                                    now.toString().substring(0, 19).replace('T', ' '))
                            .put("client-ref", taken.clientRef())
                            .put("api-key", credentials.get("apiKey"));
            return json(taken.statusUrl(), receipt);
        }
        ObjectNode body =
                FakeApi.object()
                        .put("message_uuid", taken.id())
                        .put("to", taken.to())
                        .put("from", taken.from())
                        .put("timestamp", now.toString())
                        .put("status", status)
                        .put("channel", taken.channel())
                        .put("client_ref", taken.clientRef());
        if (code != null) {
            body.putObject("error")
                    .put("type", "https://developer.vonage.com/api-errors/messages#" + code)
                    .put("title", code);
        }
        return json(taken.statusUrl(), body);
    }

    static FakeWebhook json(String url, JsonNode body) {
        return new FakeWebhook(
                "POST",
                url,
                null,
                "application/json",
                body.toString().getBytes(StandardCharsets.UTF_8));
    }
}
