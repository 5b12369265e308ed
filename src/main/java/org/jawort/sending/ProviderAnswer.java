package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.Mappings;
import org.jawort.message.MessageStatus;
import org.jawort.sending.SendResult.Accepted;
import org.jawort.sending.SendResult.OptedOut;
import org.jawort.sending.SendResult.Refused;
import org.jawort.sending.SendResult.Retry;
import org.jawort.sending.SendResult.Unknown;

/**
 * Makes a provider's answer, or its absence, the {@link SendResult} in the body of the exchange.
 * Whatever may have been sent without anybody saying so is {@link Unknown}, never tried again
 * blindly. Registered as {@code providerAnswer}.
 */
public final class ProviderAnswer {

    static final int LARGEST = 64 * 1024;

    /** Beyond this an answer that trickles is given up. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int GATEWAY_TIMEOUT = 504;
    private static final JsonMapper JSON = new JsonMapper();

    private final Mappings mappings;
    private final InstantSource clock;

    ProviderAnswer(Mappings mappings, InstantSource clock) {
        this.mappings = mappings;
        this.clock = clock;
    }

    /** The provider answered. */
    public void read(Exchange exchange) {
        SendResult result;
        try {
            result = answered(exchange);
        } catch (RuntimeException fault) {
            // It answered, so it had the request; that we stumbled over the answer is no reason to
            // send again.
            result = new Unknown("answer_unreadable");
        }
        end(exchange, result);
    }

    /** There was no request, or no answer. */
    public void failed(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        SendResult result = new Unknown("connection_broken");
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof NotSent notSent) {
                result = notSent.result();
                break;
            }
            if (at instanceof SendingHttpClient.Written written) {
                result =
                        new Unknown(
                                written.getCause() instanceof SocketTimeoutException
                                        ? "response_timeout"
                                        : "connection_broken");
                break;
            }
            if (at instanceof IOException) {
                result = new Retry(new SendError("provider_fault", null, "no connection"), null);
                break;
            }
        }
        end(exchange, result);
    }

    private static void end(Exchange exchange, SendResult result) {
        Message message = exchange.getMessage();
        message.removeHeaders("*"); // the request's credentials among them
        message.setBody(result);
    }

    private SendResult answered(Exchange exchange) {
        SendRequest request = exchange.getProperty(SendRequest.PROPERTY, SendRequest.class);
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        JsonNode body = body(message.getBody(InputStream.class));
        if (status == GATEWAY_TIMEOUT) { // what stood behind the gateway may have had it
            return new Unknown("gateway_timeout");
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.put("provider", request.provider());
        answer.set("api", request.document().path("api"));
        answer.set("channel", request.document().path("channel"));
        answer.put("status", status);
        answer.set("body", body);
        answer.put("retryAfter", retryAfter(message.getHeader("Retry-After", String.class)));
        return result(meaning(request.provider(), answer));
    }

    private JsonNode meaning(String provider, ObjectNode answer) {
        try {
            return mappings.sent(provider, answer);
        } catch (MappingFailed unknownShape) {
            answer.putNull("body"); // the status alone says something too
            return mappings.sent(provider, answer);
        }
    }

    private static List<String> parts(JsonNode meaning) {
        List<String> parts = new ArrayList<>();
        for (JsonNode part : meaning.path("parts")) {
            if (part.isTextual() && !parts.contains(part.textValue())) { // a refused one has no id
                parts.add(part.textValue());
            }
        }
        return List.copyOf(parts);
    }

    private static SendResult result(JsonNode meaning) {
        String outcome = meaning.get("outcome").asText();
        if (outcome.equals("accepted")) {
            String id = meaning.path("providerMessageId").asText("");
            return id.isEmpty()
                    ? new Unknown("accepted_without_id")
                    : new Accepted(
                            id,
                            meaning.path("providerConversationId").asText(null),
                            MessageStatus.of(meaning.get("status").asText()),
                            parts(meaning));
        }
        JsonNode said = meaning.get("error");
        SendError error =
                new SendError(
                        said.get("code").asText(),
                        said.path("providerCode").asText(null),
                        said.path("detail").asText(null));
        return switch (outcome) {
            case "consent" -> new OptedOut(error, error.code().equals("marketing_opted_out"));
            case "retry" -> new Retry(error, seconds(meaning.path("retryAfterSeconds")));
            default -> new Refused(error, true);
        };
    }

    private static Duration seconds(JsonNode seconds) {
        return seconds.isNumber() ? Duration.ofSeconds(seconds.asLong()) : null;
    }

    /** A JSON null for an answer that is empty, too long, cut off or no JSON. */
    JsonNode body(InputStream stream) {
        if (stream == null) {
            return NullNode.getInstance();
        }
        try {
            byte[] bytes = bytes(stream);
            if (bytes.length > LARGEST) {
                abort(stream);
                return NullNode.getInstance();
            }
            stream.close();
            JsonNode json = JSON.readTree(bytes);
            return json == null || json.isMissingNode() ? NullNode.getInstance() : json;
        } catch (IOException cutOffOrNoJson) {
            return NullNode.getInstance();
        }
    }

    /** At most one byte more than {@link #LARGEST}, which is then too many. */
    private byte[] bytes(InputStream stream) throws IOException {
        Instant deadline = clock.instant().plus(LONGEST);
        byte[] buffer = new byte[LARGEST + 1];
        int length = 0;
        while (length < buffer.length) {
            int read = stream.read(buffer, length, buffer.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            if (clock.instant().isAfter(deadline)) {
                return new byte[LARGEST + 1];
            }
        }
        return Arrays.copyOf(buffer, length);
    }

    /** Closing would first read to the end, and the end may never come. */
    private static void abort(InputStream stream) throws IOException {
        if (stream instanceof EofSensorInputStream open) {
            open.abort();
        } else {
            stream.close();
        }
    }

    /** RFC 9110 section 10.2.3, a date turned into seconds; null for anything else. */
    String retryAfter(String header) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        if (value.matches("[0-9]{1,9}")) {
            return value;
        }
        try {
            Duration wait =
                    Duration.between(
                            clock.instant(),
                            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            return String.valueOf(Math.max(0, wait.toSeconds()));
        } catch (DateTimeException neither) {
            return null;
        }
    }
}
