package org.jawort.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.delivery.DeliveryWithheld;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.http.Credentials.ClientCredentials;
import org.jawort.mapping.Mapping;
import org.jawort.mapping.Mappings;

/**
 * The steps of the route template {@code http-call}: one request of a delivery, and what came of
 * it. Registered as {@code httpCalls}.
 *
 * <p>Without more, the request is what stands on the exchange: body and headers, by POST to {@code
 * settings.url}. With the exchange property {@code jawort.call}, the name of a mapping, that
 * mapping makes it of {@code { event, settings, answers }}: the event as the destination's own
 * mapping shaped it, the settings that are no secrets, and by name what earlier requests of this
 * delivery were answered, {@code { status, headers, body }}. It returns
 *
 * <ul>
 *   <li>{@code { name, method, path, query, headers, body }}, see {@link Call};
 *   <li>null: there is nothing to ask here;
 *   <li>{@code { withhold: "WORD" }} or {@code { refuse: "WORD" }}: this event is not for this
 *       destination, or it can do nothing with it.
 * </ul>
 *
 * With {@code jawort.answers}, another mapping says what an answer of {@code { name, status,
 * headers, body, settings }} means: {@code { outcome: "taken" }}, {@code { outcome: "retry",
 * reason, after }} (seconds), {@code { outcome: "refused", reason }}, or null for what {@code
 * httpOutcome} makes of its status. With {@code jawort.labels}, a third one says what in the
 * answers are labels.
 */
public final class HttpCalls {

    /** Whether the loop of the route has a request to make. */
    static final String MORE = "jawort.call.more";

    /** Whether the status of the last answer says what became of the request. */
    static final String ANSWERED = "jawort.call.answered";

    private static final String MAPPING = "jawort.call";
    private static final String ANSWERS = "jawort.answers";
    private static final String LABELS = "jawort.labels";
    private static final String CALL = "jawort.call.request";
    private static final String TOKEN = "jawort.call.token";
    private static final String RENEWED = "jawort.call.renewed";
    private static final String DOCUMENT = "jawort.call.document";
    private static final String EVENT_ID = "jawort.event.id";

    /** What is known of one delivery. An exchange carries many, one after the other. */
    private record Known(String eventId, ObjectNode document) {}

    private final HttpDestinations destinations;
    private final AccessTokens tokens;
    private final Mappings mappings;
    private final Map<String, Mapping> compiled = new ConcurrentHashMap<>();

    public HttpCalls(HttpDestinations destinations, AccessTokens tokens, Mappings mappings) {
        this.destinations = destinations;
        this.tokens = tokens;
        this.mappings = mappings;
    }

    /** Decides what is asked, if anything. */
    public void prepare(Exchange exchange, String tenant, String destination) {
        Object mapping = exchange.removeProperty(MAPPING);
        Call call;
        if (mapping == null) {
            forget(exchange);
            call = Call.of(exchange.getMessage());
        } else {
            call =
                    mapped(
                            mapping.toString(),
                            document(exchange, destinations.get(tenant, destination)));
        }
        exchange.setProperty(CALL, call);
        exchange.setProperty(MORE, call != null);
        exchange.setProperty(ANSWERED, false);
    }

    private Call mapped(String file, ObjectNode document) {
        JsonNode made = mapping(file).apply(document);
        if (made.isNull()) {
            return null;
        }
        if (made.has("withhold")) {
            throw new DeliveryWithheld(made.get("withhold").asText());
        }
        if (made.has("refuse")) {
            throw new DestinationRefused(made.get("refuse").asText(), null);
        }
        return Call.of(file, made);
    }

    private Mapping mapping(String file) {
        return compiled.computeIfAbsent(file, mappings::compile);
    }

    private static ObjectNode document(Exchange exchange, HttpDestination destination) {
        String eventId = exchange.getProperty(EVENT_ID, String.class);
        Known known = exchange.getProperty(DOCUMENT, Known.class);
        if (known == null || !known.eventId().equals(eventId)) {
            forget(exchange);
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.set("event", Answers.json(exchange.getMessage().getBody(byte[].class)));
            document.set("settings", destination.settings());
            document.putObject("answers");
            known = new Known(eventId, document);
            exchange.setProperty(DOCUMENT, known);
        }
        return known.document();
    }

    private static void forget(Exchange exchange) {
        List.of(DOCUMENT, RENEWED, TOKEN).forEach(exchange::removeProperty);
    }

    /** Makes body and headers those of the request, with the credentials no mapping sees. */
    public void write(Exchange exchange, String tenant, String id) {
        HttpDestination destination = destinations.get(tenant, id);
        Message message = exchange.getMessage();
        Call call = exchange.getProperty(CALL, Call.class);
        switch (destination.credentials()) {
            case Credentials.None none -> call.write(message, destination.url());
            case Credentials.Fixed fixed -> {
                call.write(message, destination.url());
                message.setHeader(fixed.header(), fixed.value().value());
            }
            case ClientCredentials dynamic -> {
                AccessTokens.Token token = tokens.current(exchange.getContext(), destination);
                exchange.setProperty(TOKEN, token);
                call.write(message, token.base() == null ? destination.url() : token.base());
                message.setHeader("Authorization", token.value().value());
            }
        }
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true); // we did not ask for any
    }

    /**
     * Takes the answer. A token that is not good any more is tried again with another, once.
     *
     * @throws DestinationUnavailable if the mapping of answers says that it may pass later
     * @throws DestinationRefused if it says that it never will
     */
    public void read(Exchange exchange, String tenant, String id) {
        HttpDestination destination = destinations.get(tenant, id);
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        AccessTokens.Token used = (AccessTokens.Token) exchange.removeProperty(TOKEN);
        if (status == 401 && used != null && exchange.getProperty(RENEWED) == null) {
            Answers.read(message);
            tokens.reject(destination, used);
            exchange.setProperty(RENEWED, true);
            return;
        }
        exchange.setProperty(MORE, false);
        exchange.setProperty(ANSWERED, true);
        Known known = exchange.getProperty(DOCUMENT, Known.class);
        if (known != null) {
            keep(exchange, known.document(), status);
        }
    }

    private void keep(Exchange exchange, ObjectNode document, int status) {
        ObjectNode answer = answer(exchange.getMessage(), status);
        String name = exchange.getProperty(CALL, Call.class).name();
        ((ObjectNode) document.get("answers")).set(name, answer);
        String file = exchange.getProperty(ANSWERS, String.class);
        if (file != null) {
            ObjectNode asked = answer.deepCopy();
            asked.put("name", name);
            asked.set("settings", document.get("settings"));
            meaning(exchange, status, mapping(file).apply(asked));
        }
    }

    private static void meaning(Exchange exchange, int status, JsonNode meaning) {
        String reason =
                ("HTTP " + status + " " + Answers.word(meaning.path("reason").asText(""))).strip();
        switch (meaning.path("outcome").asText("")) {
            case "taken" -> exchange.setProperty(ANSWERED, false);
            case "retry" ->
                    throw new DestinationUnavailable(
                            reason,
                            status,
                            meaning.path("after").isNumber()
                                    ? Duration.ofSeconds(meaning.get("after").asLong())
                                    : null);
            case "refused" -> throw new DestinationRefused(reason, status);
            default -> {} // the status says enough
        }
    }

    /**
     * What the answers of this delivery say of labels, in the form of {@code
     * schema/label-answer-v1.json}, as the mapping {@code jawort.labels} makes it of {@code {
     * event, settings, answers }}. A request no mapping made is kept as {@code answers.answer}, and
     * the event is null then. Empty if no mapping is named: the body of the message says it itself.
     */
    public Optional<JsonNode> labels(Exchange exchange, String tenant, String destination) {
        Object file = exchange.removeProperty(LABELS);
        if (file == null) {
            return Optional.empty();
        }
        Known known = exchange.getProperty(DOCUMENT, Known.class);
        ObjectNode document =
                known == null
                        ? plain(exchange, destinations.get(tenant, destination))
                        : known.document();
        return Optional.of(mapping(file.toString()).apply(document));
    }

    private static ObjectNode plain(Exchange exchange, HttpDestination destination) {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.putNull("event");
        document.set("settings", destination.settings());
        document.putObject("answers").set("answer", answer(message, status));
        return document;
    }

    /** Reads the body of the message, and leaves it there as bytes. */
    private static ObjectNode answer(Message message, int status) {
        byte[] body = Answers.read(message);
        message.setBody(body);
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("status", status);
        answer.set("headers", headers(message));
        answer.set("body", Answers.json(body));
        return answer;
    }

    /** By lower-case name. */
    private static ObjectNode headers(Message message) {
        ObjectNode headers = JsonNodeFactory.instance.objectNode();
        message.getHeaders()
                .forEach(
                        (name, value) -> {
                            String lower = name.toLowerCase(Locale.ROOT);
                            if (!lower.startsWith("camel") && value instanceof String text) {
                                headers.put(lower, text);
                            }
                        });
        return headers;
    }
}
