package org.jawort.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jawort.http.HttpCalls;
import org.jawort.label.Labels.Origin;
import org.jawort.label.Labels.Outcome;
import org.jawort.label.StoredLabels.Place;
import org.jawort.message.Category;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a destination says in its 2xx answer that a message or its conversation is filed under, in
 * the shape of {@code schema/label-answer-v1.json}, or in its own and a mapping makes that of it:
 * see {@link HttpCalls}. Only labels are taken that the tenant's file lets this destination set. An
 * answer is a courtesy: whatever is wrong with it is counted, and the delivery has arrived all the
 * same. Registered as {@code labelAnswers}.
 */
public final class LabelAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(LabelAnswers.class);

    static final int LONGEST = 16 * 1024;

    /** What {@code Deliveries} puts on the exchange. */
    private static final String EVENT_ID = "jawort.event.id";

    /** Answers to anything else set nothing: what is told of labels must not lead to more. */
    private static final Set<String> OF_MESSAGES =
            Set.of("jawort.message.received.v1", "jawort.message.sent.v1");

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** What is wrong with an answer, a word for the metric. */
    private static final class Unusable extends Exception {
        Unusable(String word) {
            super(word, null, false, false);
        }
    }

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Labelling labelling;
    private final HttpCalls calls;
    private final MeterRegistry meters;
    private final Schema schema;

    LabelAnswers(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Labelling labelling,
            HttpCalls calls,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.labelling = labelling;
        this.calls = calls;
        this.meters = meters;
        try (InputStream text =
                LabelAnswers.class.getResourceAsStream("/schema/label-answer-v1.json")) {
            schema =
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(text);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Of an exchange whose body is the answer; leaves it there, cut where it was too long. */
    public void read(Exchange exchange, String tenant, String destinationId) {
        Destination destination = tenants.get(tenant).destinations().get(destinationId);
        if (destination.labelsFromAnswers().isEmpty()) {
            return;
        }
        String outcome;
        try {
            Optional<JsonNode> mapped = calls.labels(exchange, tenant, destinationId);
            JsonNode answer = mapped.isPresent() ? checked(mapped.get()) : parse(exchange);
            outcome = answer == null ? null : take(exchange, destination, answer);
        } catch (Unusable wrong) {
            outcome = wrong.getMessage();
        } catch (IOException | RuntimeException failure) {
            outcome = "failed";
        }
        if (outcome != null) {
            count(destination, outcome);
        }
    }

    private static boolean saysJson(Exchange exchange) {
        String type = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, "", String.class);
        String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return bare.equals("application/json") || bare.endsWith("+json");
    }

    /** {@code null} if it says nothing of labels. */
    private JsonNode parse(Exchange exchange) throws IOException, Unusable {
        if (!saysJson(exchange)) {
            return null;
        }
        byte[] bytes;
        try (InputStream body = exchange.getMessage().getBody(InputStream.class)) {
            bytes = body == null ? new byte[0] : body.readNBytes(LONGEST + 1);
        }
        exchange.getMessage().setBody(bytes); // for whoever keeps the beginning of an answer
        if (bytes.length > LONGEST) {
            throw new Unusable("too_long");
        }
        if (bytes.length == 0) {
            return null;
        }
        try {
            return checked(JSON.readTree(bytes));
        } catch (IOException broken) {
            throw new Unusable("no_json");
        }
    }

    private JsonNode checked(JsonNode json) throws Unusable {
        if (!json.has("labels") && !json.has("category") && !json.has("conversation")) {
            return null;
        }
        if (!schema.validate(json).isEmpty()) {
            throw new Unusable("broken_schema");
        }
        return json;
    }

    private String take(Exchange exchange, Destination destination, JsonNode answer) {
        String tenant = destination.tenant();
        UUID event = UUID.fromString(exchange.getProperty(EVENT_ID, String.class));
        return scope.call(
                tenant,
                () ->
                        place(tenant, event)
                                .map(place -> take(destination, place, answer))
                                .orElse("not_of_a_message"));
    }

    private Optional<Place> place(String tenant, UUID event) {
        return Bulk.query(
                        jdbc,
                        "select conversation_id, message_id from event where tenant = ? and id = ? and type = any(?::text[])",
                        row ->
                                new Place(
                                        row.getObject(1, UUID.class), row.getObject(2, UUID.class)),
                        Column.one(tenant),
                        Column.one(event),
                        Column.of("text", OF_MESSAGES, type -> type))
                .stream()
                .findFirst();
    }

    private String take(Destination destination, Place message, JsonNode answer) {
        boolean changed = file(destination, message, answer);
        if (answer.has("conversation")) {
            Place conversation = new Place(message.conversation(), null);
            changed |= file(destination, conversation, answer.get("conversation"));
        }
        return changed ? "set" : "unchanged";
    }

    private boolean file(Destination destination, Place place, JsonNode said) {
        Map<String, Optional<String>> labels = new HashMap<>();
        said.path("labels")
                .properties()
                .forEach(
                        label -> {
                            if (allowed(destination, label.getKey())) {
                                labels.put(
                                        label.getKey(),
                                        Optional.ofNullable(label.getValue().textValue())
                                                .map(String::strip));
                            }
                        });
        Category category =
                said.has("category") && allowed(destination, "category")
                        ? Category.valueOf(said.get("category").textValue())
                        : null;
        if (labels.isEmpty() && category == null) {
            return false;
        }
        Outcome outcome =
                labelling.file(
                        destination.tenant(),
                        place,
                        new Labelling.Wish(category, "crm", labels),
                        new Origin("destination", destination.id()));
        return switch (outcome) {
            case Outcome.Done done -> !done.changed().isEmpty();
            case Outcome.NotThere gone -> refused(destination, "not_there");
            case Outcome.Restricted restricted -> refused(destination, "restricted");
            case Outcome.TooMany tooMany -> throw new IllegalStateException("too many labels");
        };
    }

    private boolean allowed(Destination destination, String name) {
        return destination.labelsFromAnswers().contains(name)
                || refused(destination, "not_allowed");
    }

    private boolean refused(Destination destination, String why) {
        count(destination, why);
        return false;
    }

    private void count(Destination destination, String outcome) {
        if (!List.of("set", "unchanged").contains(outcome)) {
            LOG.warn(
                    "answer.labels.refused tenant={} destination={} reason={}",
                    destination.tenant(),
                    destination.id(),
                    outcome);
        }
        meters.counter(
                        "jawort.answers.labels",
                        "tenant",
                        destination.tenant(),
                        "destination",
                        destination.id(),
                        "outcome",
                        outcome)
                .increment();
    }
}
