package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programmable Messaging, {@code POST /2010-04-01/Accounts/{sid}/Messages.json}. */
record FakeTwilio(Map<String, String> credentials) implements FakeApi {

    private static final Pattern PATH =
            Pattern.compile("/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages\\.json");
    private static final Pattern RECORD =
            Pattern.compile(
                    "/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages/((?:SM|MM)[0-9a-f]{32})\\.json"
                            + "|/v1/Conversations/CH[0-9a-f]{32}/Messages/(IM[0-9a-f]{32})"
                            + "|/2010-04-01/Accounts/AC[0-9a-f]{32}/Messages/(?:SM|MM)[0-9a-f]{32}/Media/(ME[0-9a-f]{32})\\.json");
    private static final Pattern ADDRESS =
            Pattern.compile(
                    "[+][1-9][0-9]{6,14}|whatsapp:([+][1-9][0-9]{6,14}|[A-Z]{2}[.](ENT[.])?[A-Za-z0-9]+)|messenger:[0-9]+|rcs:[+][1-9][0-9]{6,14}|apple:urn:mbid:.+");
    private static final Set<String> PARAMETERS =
            Set.of(
                    "To",
                    "From",
                    "MessagingServiceSid",
                    "Body",
                    "MediaUrl",
                    "MediaUrl_all",
                    "ContentSid",
                    "ContentVariables",
                    "PersistentAction",
                    "StatusCallback");

    @Override
    public FakeAnswer answer(FakeCall call, Instant now) {
        var path = PATH.matcher(call.path());
        if (!authentic(call)) {
            return error(call, 401, "20003");
        }
        if (!path.matches() || !path.group(1).equals(credentials.get("accountSid"))) {
            return error(call, 404, "20404");
        }
        if (!call.isForm()) {
            return error(call, 400, "20001");
        }
        JsonNode fields = call.fields();
        String refusal = refusal(fields);
        return refusal == null ? taken(fields, now) : error(call, 400, refusal);
    }

    @Override
    public FakeAnswer erase(
            String method,
            FakeCall call,
            Instant now,
            Function<String, Instant> takenAt,
            Set<String> erased) {
        var path = RECORD.matcher(call.path());
        if (!path.matches()) {
            return null;
        }
        if (!authentic(call)) {
            return error(call, 401, "20003");
        }
        String id =
                Stream.of(path.group(2), path.group(3), path.group(4))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElseThrow();
        if (!erased.contains(id) && method.equals("POST")) {
            return call.fields().equals(FakeApi.object().put("Body", ""))
                    ? FakeAnswer.refused(200, FakeApi.object().put("sid", id).put("body", ""))
                    : error(call, 400, "20001");
        }
        return method.equals("DELETE") && erased.add(id)
                ? FakeAnswer.refused(204, null)
                : error(call, 404, "20404");
    }

    private boolean authentic(FakeCall call) {
        String basic = call.basic();
        return basic != null
                && (basic.equals(credentials.get("accountSid") + ":" + credentials.get("authToken"))
                        || basic.equals(
                                credentials.get("apiKeySid")
                                        + ":"
                                        + credentials.get("apiKeySecret")));
    }

    private static String refusal(JsonNode fields) {
        String body = fields.path("Body").asText("");
        for (String name : (Iterable<String>) fields::fieldNames) {
            if (!PARAMETERS.contains(name)) {
                return "20001";
            }
        }
        if (!fields.has("To")) {
            return "21604";
        }
        if (!ADDRESS.matcher(fields.get("To").asText()).matches()) {
            return "21211";
        }
        if (fields.has("From") == fields.has("MessagingServiceSid")) {
            return "21603";
        }
        if (fields.has("ContentSid")) {
            if (!fields.get("ContentSid").asText().matches("HX[0-9a-f]{32}")) {
                return "21655";
            }
            return fields.has("Body") || fields.has("MediaUrl")
                    ? "20001"
                    : variablesAreAnObject(fields) ? null : "21656";
        }
        if (body.isEmpty() && !fields.has("MediaUrl")) {
            return "21602";
        }
        if (body.length() > 1600) {
            return "21617";
        }
        JsonNode media = fields.path("MediaUrl");
        for (JsonNode url : media.isArray() ? media : List.of(media)) {
            if (fields.has("MediaUrl") && !url.asText().startsWith("https://")) {
                return "21620";
            }
        }
        String action = fields.path("PersistentAction").asText("geo:0,0");
        return action.matches("geo:-?[0-9.]+,-?[0-9.]+([|].+)?") ? null : "20001";
    }

    private static boolean variablesAreAnObject(JsonNode fields) {
        try {
            return JSON.readTree(fields.path("ContentVariables").asText("{}")).isObject();
        } catch (IOException noJson) {
            return false;
        }
    }

    private FakeAnswer taken(JsonNode fields, Instant now) {
        String sid = (fields.has("MediaUrl") ? "MM" : "SM") + FakeApi.hex(32);
        String to = fields.get("To").asText();
        String from = fields.path("From").asText(null);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
        ObjectNode body =
                FakeApi.object()
                        .put("sid", sid)
                        .put("account_sid", credentials.get("accountSid"))
                        .put("api_version", "2010-04-01")
                        .put("status", from == null ? "accepted" : "queued")
                        .put("direction", "outbound-api")
                        .put("from", from)
                        .put("to", to)
                        .put("body", fields.path("Body").asText(""))
                        .put("num_segments", "1")
                        .put("num_media", fields.has("MediaUrl") ? "1" : "0")
                        .put("date_created", date)
                        .put("date_updated", date)
                        .putNull("date_sent")
                        .putNull("error_code")
                        .putNull("error_message")
                        .put(
                                "messaging_service_sid",
                                fields.path("MessagingServiceSid").asText(null));
        body.put(
                "uri",
                "/2010-04-01/Accounts/"
                        + credentials.get("accountSid")
                        + "/Messages/"
                        + sid
                        + ".json");
        int colon = to.indexOf(':');
        String callback = fields.path("StatusCallback").asText(null);
        return new FakeAnswer(
                201,
                body,
                new FakeAnswer.Taken(
                        sid,
                        colon > 0 ? to.substring(0, colon) : sid.startsWith("MM") ? "mms" : "sms",
                        from == null ? "+493023125020" : from,
                        to,
                        null,
                        callback == null ? null : callback.replaceFirst(".*clientRef=", ""),
                        callback));
    }

    @Override
    public FakeAnswer error(FakeCall call, int status, String code) {
        return FakeAnswer.refused(
                status == 0 ? 400 : status,
                FakeApi.object()
                        .put("code", Integer.parseInt(code))
                        .put("message", "Refused: '" + call.fields().path("To").asText("") + "'")
                        .put("more_info", "https://www.twilio.com/docs/errors/" + code)
                        .put("status", status == 0 ? 400 : status));
    }

    @Override
    public FakeWebhook status(FakeMessage message, String status, String code, Instant now) {
        var taken = message.taken();
        var form = new LinkedHashMap<String, String>();
        form.put("MessageSid", taken.id());
        form.put("SmsSid", taken.id());
        form.put("AccountSid", credentials.get("accountSid"));
        form.put("MessageStatus", status);
        form.put("SmsStatus", status);
        form.put("From", taken.from());
        form.put("To", taken.to());
        form.put("ApiVersion", "2010-04-01");
        if (code != null) {
            form.put("ErrorCode", code);
        }
        String body =
                form.entrySet().stream()
                        .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                        .collect(Collectors.joining("&"));
        return new FakeWebhook(
                "POST",
                taken.statusUrl(),
                null,
                "application/x-www-form-urlencoded",
                body.getBytes(StandardCharsets.UTF_8));
    }

    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
