package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * MessageBird in all its generations: Conversations and SMS of the classic one, Channels of Bird,
 * and the platform of 2026, the only one that knows idempotency keys.
 */
final class FakeMessageBird implements FakeApi {

    private static final Pattern CONVERSATION =
            Pattern.compile("/v1/conversations/([0-9a-f]{32})/messages");
    private static final Pattern CHANNEL =
            Pattern.compile("/workspaces/([0-9a-f-]{36})/channels/([0-9a-f-]{36})/messages");
    private static final List<String> CONTENT =
            List.of("text", "image", "audio", "video", "document", "location", "template");

    private record Remembered(String request, FakeAnswer answer) {}

    private final Map<String, String> credentials;
    private final Map<String, Remembered> remembered = new ConcurrentHashMap<>();

    FakeMessageBird(Map<String, String> credentials) {
        this.credentials = credentials;
    }

    @Override
    public FakeAnswer answer(FakeCall call, Instant now) {
        JsonNode message = call.fields();
        if (call.path().matches("/v1/(whatsapp|sms)/messages")) {
            return platform(call, message, now);
        }
        if (!credentials.get("accessKey").equals(call.token("AccessKey"))) {
            return isChannels(call)
                    ? code(401, "Unauthorized")
                    : errors(401, 2, "Request not allowed (incorrect access_key)", "access_key");
        }
        if (!call.isJson() || !message.isObject()) {
            return errors(400, 21, "Bad request", null);
        }
        if (isChannels(call)) {
            return channels(call, message, now);
        }
        return switch (call.path()) {
            case "/v1/send" -> send(message);
            case "/messages" -> sms(message, now);
            default -> inConversation(call, message, now);
        };
    }

    @Override
    public FakeAnswer erase(
            String method,
            FakeCall call,
            Instant now,
            Function<String, Instant> takenAt,
            Set<String> erased) {
        if (!method.equals("DELETE") || !call.path().matches("/(messages|contacts)/[0-9a-f]{32}")) {
            return null;
        }
        if (!credentials.get("accessKey").equals(call.token("AccessKey"))) {
            return errors(401, 2, "Request not allowed (incorrect access_key)", "access_key");
        }
        return erased.add(call.path())
                ? FakeAnswer.refused(204, null)
                : errors(404, 20, "not found", null);
    }

    private static boolean isChannels(FakeCall call) {
        return CHANNEL.matcher(call.path()).matches();
    }

    private static FakeAnswer send(JsonNode message) {
        if (message.path("to").asText("").isEmpty() || message.path("from").asText("").isEmpty()) {
            return errors(422, 9, "no (correct) recipients found", "to");
        }
        FakeAnswer wrong = wrongContent(message);
        String id = FakeApi.hex(32);
        return wrong != null
                ? wrong
                : new FakeAnswer(
                        202,
                        FakeApi.object().put("id", id).put("status", "accepted"),
                        taken(message, id, message.get("from").asText(), null));
    }

    private static FakeAnswer inConversation(FakeCall call, JsonNode message, Instant now) {
        var path = CONVERSATION.matcher(call.path());
        if (!path.matches()) {
            return errors(404, 20, "not found", null);
        }
        FakeAnswer wrong = wrongContent(message);
        String id = FakeApi.hex(32);
        return wrong != null
                ? wrong
                : new FakeAnswer(
                        201,
                        FakeApi.object()
                                .put("id", id)
                                .put("conversationId", path.group(1))
                                .put("channelId", message.path("channelId").asText())
                                .put("direction", "sent")
                                .put("status", "pending")
                                .put("type", message.get("type").asText())
                                .put("createdDatetime", now.toString()),
                        taken(message, id, message.path("channelId").asText(), path.group(1)));
    }

    private static FakeAnswer wrongContent(JsonNode message) {
        String type = message.path("type").asText("");
        JsonNode content = message.path("content").path(type);
        boolean complete =
                switch (type) {
                    case "text" -> !content.asText("").isEmpty();
                    case "image", "audio", "video", "file" ->
                            content.path("url").asText("").startsWith("https://");
                    case "location" ->
                            content.path("latitude").isNumber()
                                    && content.path("longitude").isNumber();
                    case "hsm" ->
                            content.path("namespace").isTextual()
                                    && content.path("templateName").isTextual()
                                    && content.path("language").path("code").isTextual();
                    case "interactive" ->
                            content.path("body").path("text").isTextual()
                                    && content.path("action").isObject();
                    default -> false;
                };
        return complete ? null : errors(422, 10, "content is invalid", "content");
    }

    private static FakeAnswer.Taken taken(
            JsonNode message, String id, String channelId, String conversation) {
        return new FakeAnswer.Taken(
                id,
                channelId,
                channelId,
                message.path("to").asText(null),
                conversation,
                message.path("trackId").asText(null),
                message.path("reportUrl").asText(null));
    }

    private static FakeAnswer sms(JsonNode sms, Instant now) {
        JsonNode recipient = sms.path("recipients").path(0);
        if (!recipient.asText("").matches("[1-9][0-9]{6,14}")) {
            return errors(422, 10, "recipients is invalid", "recipients");
        }
        if (sms.path("originator").asText("").isEmpty()) {
            return errors(422, 9, "originator is required", "originator");
        }
        int length = sms.path("body").asText("").length();
        if (length == 0 || length > 1377) {
            return errors(422, 10, "body is invalid", "body");
        }
        String id = FakeApi.hex(32);
        ObjectNode answer =
                FakeApi.object()
                        .put("id", id)
                        .put("href", "https://rest.messagebird.com/messages/" + id)
                        .put("direction", "mt")
                        .put("reference", sms.path("reference").asText(null));
        answer.putObject("recipients")
                .put("totalCount", 1)
                .put("totalSentCount", 1)
                .putArray("items")
                .addObject()
                .put("recipient", recipient.asLong())
                .put("status", "sent")
                .put("statusDatetime", now.toString());
        return new FakeAnswer(
                201,
                answer,
                new FakeAnswer.Taken(
                        id,
                        "sms",
                        sms.get("originator").asText(),
                        recipient.asText(),
                        null,
                        sms.path("reference").asText(null),
                        sms.path("reportUrl").asText(null)));
    }

    private static FakeAnswer channels(FakeCall call, JsonNode message, Instant now) {
        var path = CHANNEL.matcher(call.path());
        path.matches();
        JsonNode contact = message.path("receiver").path("contacts").path(0);
        boolean complete =
                (contact.path("identifierValue").isTextual() || contact.path("id").isTextual())
                        && message.path("body").isObject() != message.path("template").isObject();
        if (!complete) {
            return code(422, "InvalidPayload");
        }
        String id = UUID.randomUUID().toString();
        return new FakeAnswer(
                202,
                FakeApi.object()
                        .put("id", id)
                        .put("channelId", path.group(2))
                        .put("status", "accepted")
                        .put("direction", "outgoing")
                        .put("reference", message.path("reference").asText(null))
                        .put("createdAt", now.toString()),
                new FakeAnswer.Taken(
                        id,
                        path.group(2),
                        path.group(2),
                        contact.path("identifierValue").asText(contact.path("id").asText()),
                        null,
                        message.path("reference").asText(null),
                        null));
    }

    private FakeAnswer platform(FakeCall call, JsonNode message, Instant now) {
        if (!credentials.get("accessKey").equals(call.token("Bearer"))) {
            return platformError(401, "auth_error", "E01001", "invalid_api_key");
        }
        String key = call.headers().get("idempotency-key");
        Remembered before = key == null ? null : remembered.get(key);
        if (before != null) {
            return before.request().equals(message.toString())
                    ? new FakeAnswer(before.answer().status(), before.answer().body(), null)
                    : platformError(409, "conflict_error", "E01005", "idempotency_key_reuse");
        }
        long contents = CONTENT.stream().filter(message::has).count();
        boolean sms = call.path().equals("/v1/sms/messages");
        if (contents != 1
                || !message.path("to").asText("").startsWith("+")
                || message.path("from").asText("").isEmpty()
                || sms && !message.path("category").isTextual()) {
            return platformError(422, "validation_error", "E01002", "validation_failed");
        }
        String id = (sms ? "sms_" : "wa_") + FakeApi.hex(26);
        FakeAnswer answer =
                new FakeAnswer(
                        202,
                        FakeApi.object()
                                .put("id", id)
                                .put("direction", "outbound")
                                .put("status", "accepted")
                                .put("created_at", now.toString()),
                        new FakeAnswer.Taken(
                                id,
                                sms ? "sms" : "whatsapp",
                                message.get("from").asText(),
                                message.get("to").asText(),
                                null,
                                message.path("metadata").path("clientRef").asText(null),
                                null));
        if (key != null) {
            remembered.put(key, new Remembered(message.toString(), answer));
        }
        return answer;
    }

    @Override
    public FakeAnswer error(FakeCall call, int status, String code) {
        if (call.path().matches("/v1/(whatsapp|sms)/messages")) {
            return platformError(status == 0 ? 422 : status, "validation_error", "E00000", code);
        }
        return isChannels(call)
                ? code(status == 0 ? 422 : status, code)
                : errors(status == 0 ? 422 : status, Integer.parseInt(code), "Refused", null);
    }

    private static FakeAnswer errors(int status, int code, String description, String parameter) {
        ObjectNode body = FakeApi.object();
        body.putArray("errors")
                .addObject()
                .put("code", code)
                .put("description", description)
                .put("parameter", parameter);
        return FakeAnswer.refused(status, body);
    }

    private static FakeAnswer code(int status, String code) {
        return FakeAnswer.refused(
                status, FakeApi.object().put("code", code).put("message", "Refused"));
    }

    private static FakeAnswer platformError(int status, String type, String code, String name) {
        ObjectNode body = FakeApi.object();
        body.putObject("error")
                .put("type", type)
                .put("code", code)
                .put("name", name)
                .put("message", "Refused")
                .put("request_id", "req_" + FakeApi.hex(12));
        return FakeAnswer.refused(status, body);
    }

    @Override
    public FakeWebhook status(FakeMessage message, String status, String code, Instant now) {
        var taken = message.taken();
        if (message.path().equals("/messages")) {
            String query =
                    "id=%s&reference=%s&recipient=%s&status=%s&statusDatetime=%s"
                            .formatted(
                                    taken.id(),
                                    taken.clientRef(),
                                    taken.to(),
                                    status,
                                    FakeTwilio.encoded(now.toString()));
            return new FakeWebhook(
                    "GET",
                    taken.statusUrl(),
                    code == null ? query : query + "&statusErrorCode=" + code,
                    null,
                    new byte[0]);
        }
        ObjectNode body = FakeApi.object().put("type", "message.updated");
        body.putObject("contact").put("id", FakeApi.hex(32));
        ObjectNode updated =
                body.putObject("message")
                        .put("id", taken.id())
                        .put("channelId", taken.from())
                        .put("to", taken.to())
                        .put("direction", "sent")
                        .put("status", status)
                        .put("trackId", taken.clientRef())
                        .put("updatedDatetime", now.toString());
        if (taken.conversationId() != null) {
            updated.put("conversationId", taken.conversationId());
        }
        if (code != null) {
            updated.putObject("error").put("code", Integer.parseInt(code));
        }
        return FakeVonage.json(taken.statusUrl(), body);
    }
}
