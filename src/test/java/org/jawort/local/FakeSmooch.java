package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Sunshine Conversations: v2, {@code POST /v2/apps/{app}/conversations/{conversation}/messages},
 * and for people without a conversation v1.1, {@code POST /v1.1/apps/{app}/notifications}.
 */
record FakeSmooch(Map<String, String> credentials) implements FakeApi {

    private static final Pattern NOTIFICATIONS =
            Pattern.compile("/v1[.]1/apps/([0-9a-f]{24})/notifications");
    private static final Pattern ERASE =
            Pattern.compile(
                    "/v2/apps/([0-9a-f]{24})/(?:users|conversations/[0-9a-f]{24}/messages)/([0-9a-f]{24})");
    private static final Pattern PATH =
            Pattern.compile("/v2/apps/([0-9a-f]{24})/conversations/([0-9a-f]{24})/messages");

    @Override
    public FakeAnswer answer(FakeCall call, Instant now) {
        var path = PATH.matcher(call.path());
        var notifications = NOTIFICATIONS.matcher(call.path());
        if (!authentic(call, now)) {
            return refusal(call, 401, "unauthorized", "Authorization is required");
        }
        if (notifications.matches() && notifications.group(1).equals(credentials.get("appId"))) {
            return notification(call);
        }
        if (!path.matches() || !path.group(1).equals(credentials.get("appId"))) {
            return errors(404, "app_not_found", "App not found");
        }
        JsonNode message = call.fields();
        if (!call.isJson()
                || !message.path("author").path("type").asText().equals("business")
                || !complete(message.path("content"))) {
            return errors(400, "bad_request", "Bad Request");
        }
        String id = FakeApi.hex(24);
        ObjectNode answer = FakeApi.object();
        ObjectNode created = answer.putArray("messages").addObject().put("id", id);
        created.put("received", now.toString());
        created.set("author", message.get("author"));
        created.set("content", message.get("content"));
        created.set("metadata", message.path("metadata"));
        return new FakeAnswer(
                201,
                answer,
                new FakeAnswer.Taken(
                        id,
                        "whatsapp",
                        message.path("destination").path("integrationId").asText(null),
                        null,
                        path.group(2),
                        message.path("metadata").path("clientRef").asText(null),
                        null));
    }

    /** A message is gone at once; a user is gone when it is asked for the second time. */
    @Override
    public FakeAnswer erase(
            String method,
            FakeCall call,
            Instant now,
            Function<String, Instant> takenAt,
            Set<String> erased) {
        var path = ERASE.matcher(call.path());
        if (!method.equals("DELETE") || !path.matches()) {
            return null;
        }
        if (!authentic(call, now)) {
            return refusal(call, 401, "unauthorized", "Authorization is required");
        }
        return path.group(1).equals(credentials.get("appId")) && erased.add(path.group(2))
                ? FakeAnswer.refused(200, FakeApi.object())
                : errors(404, "not_found", "Not found");
    }

    private static FakeAnswer notification(FakeCall call) {
        JsonNode wanted = call.fields();
        JsonNode destination = wanted.path("destination");
        JsonNode message = wanted.path("message");
        boolean template = message.path("type").asText().equals("template");
        if (!call.isJson()
                || !wanted.path("author").path("role").asText().equals("appMaker")
                || !destination.path("integrationId").asText("").matches("[0-9a-f]{24}")
                || !destination.path("destinationId").asText("").matches("[+][1-9][0-9]{6,14}")
                || template != wanted.path("messageSchema").asText().equals("whatsapp")
                || !complete(message)) {
            return refusal(call, 400, "bad_request", "Bad Request");
        }
        String id = UUID.randomUUID().toString();
        ObjectNode answer = FakeApi.object();
        answer.putObject("notification").put("_id", id);
        return new FakeAnswer(
                201,
                answer,
                new FakeAnswer.Taken(
                        id,
                        "whatsapp",
                        destination.get("integrationId").asText(),
                        destination.get("destinationId").asText(),
                        null,
                        message.path("metadata").path("clientRef").asText(null),
                        null));
    }

    private boolean authentic(FakeCall call, Instant now) {
        String basic = call.basic();
        if (basic != null) {
            return basic.equals(credentials.get("keyId") + ":" + credentials.get("keySecret"));
        }
        FakeToken token = FakeToken.parse(call.token("Bearer"), now);
        return token != null
                && token.header().path("kid").asText().equals(credentials.get("keyId"))
                && token.claims().path("scope").asText().equals("app")
                && token.signedBySecret(credentials.get("keySecret"));
    }

    private static boolean complete(JsonNode content) {
        return switch (content.path("type").asText()) {
            case "text" -> {
                int length = content.path("text").asText("").length();
                yield length > 0 && length <= 4096;
            }
            case "image", "file" -> content.path("mediaUrl").asText("").startsWith("https://");
            case "location" -> content.path("coordinates").path("lat").isNumber();
            case "list" -> !content.path("items").path(0).path("actions").isEmpty();
            case "template" -> content.path("template").path("name").isTextual();
            default -> false;
        };
    }

    /** Each version says no in its own way. */
    private static FakeAnswer refusal(FakeCall call, int status, String code, String said) {
        if (!call.path().startsWith("/v1.1/")) {
            return errors(status, code, said);
        }
        ObjectNode body = FakeApi.object();
        body.putObject("error").put("code", code).put("description", said);
        return FakeAnswer.refused(status, body);
    }

    private static FakeAnswer errors(int status, String code, String title) {
        ObjectNode body = FakeApi.object();
        body.putArray("errors").addObject().put("code", code).put("title", title);
        return FakeAnswer.refused(status, body);
    }

    @Override
    public FakeAnswer error(FakeCall call, int status, String code) {
        return refusal(call, status == 0 ? 400 : status, code, "Refused");
    }

    @Override
    public FakeWebhook status(FakeMessage message, String status, String code, Instant now) {
        var taken = message.taken();
        if (NOTIFICATIONS.matcher(message.path()).matches()) {
            return notified(taken, status, code, now);
        }
        ObjectNode body = FakeApi.object();
        body.putObject("app").put("id", credentials.get("appId"));
        body.putObject("webhook").put("id", credentials.get("webhookId")).put("version", "v2");
        ObjectNode event =
                body.putArray("events")
                        .addObject()
                        .put("id", FakeApi.hex(24))
                        .put("createdAt", now.toString())
                        .put("type", "conversation:message:delivery:" + status);
        ObjectNode payload = event.putObject("payload");
        payload.putObject("user").put("id", FakeApi.hex(24));
        payload.putObject("conversation").put("id", taken.conversationId());
        payload.putObject("message").put("id", taken.id());
        payload.putObject("destination")
                .put("type", taken.channel())
                .put("integrationId", taken.from());
        payload.put("isFinalEvent", !status.equals("channel"));
        if (code != null) {
            payload.putObject("error").put("code", code).put("message", "Refused");
        }
        return FakeVonage.json(null, body);
    }

    /** By a webhook of version 1.1: the second version knows no notifications. */
    private FakeWebhook notified(FakeAnswer.Taken taken, String status, String code, Instant now) {
        ObjectNode body =
                FakeApi.object()
                        .put("trigger", "notification:delivery:" + status)
                        .put("version", "v1.1")
                        .put("timestamp", now.toEpochMilli() / 1000.0)
                        .put("isFinalEvent", !status.equals("channel"));
        body.putObject("app").put("_id", credentials.get("appId"));
        body.putObject("notification").put("_id", taken.id());
        body.putObject("destination")
                .put("type", taken.channel())
                .put("integrationId", taken.from())
                .put("destinationId", taken.to());
        if (code != null) {
            body.putObject("error").put("code", code).put("message", "Refused");
        }
        return FakeVonage.json(null, body);
    }
}
