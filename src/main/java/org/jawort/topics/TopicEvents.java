package org.jawort.topics;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jawort.KafkaRecords;
import org.jawort.delivery.Deliveries;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;

/**
 * Events as records: the key is the conversation, so that its events stay in order, and headers
 * {@code ce_…} carry the envelope, as the Kafka binding of CloudEvents has them, for those who
 * choose without reading the value. Registered as {@code topicEvents}.
 */
public final class TopicEvents {

    private static final List<String> ENVELOPE =
            List.of(
                    "specversion",
                    "id",
                    "type",
                    "source",
                    "subject",
                    "time",
                    "dataschema",
                    "tenant",
                    "sequence");

    /** What trying again cannot help. A login that fails is about the hub, not about the event. */
    private static final List<Class<? extends ApiException>> FINAL =
            List.of(
                    RecordTooLargeException.class,
                    RecordBatchTooLargeException.class,
                    AuthorizationException.class,
                    InvalidTopicException.class,
                    UnsupportedVersionException.class);

    /** Makes the exchange's message a record; nothing but what is set here goes along. */
    public void address(Exchange exchange) {
        JsonNode event = exchange.getProperty(Deliveries.EVENT, JsonNode.class);
        byte[] value = exchange.getMessage().getBody(byte[].class);
        KafkaRecords.send(exchange, key(event), value);
        Message record = exchange.getMessage();
        record.setHeader("content-type", "application/cloudevents+json; charset=UTF-8");
        for (String attribute : ENVELOPE) {
            JsonNode of = event.path(attribute);
            if (of.isValueNode() && !of.isNull()) {
                record.setHeader("ce_" + attribute, of.asText());
            }
        }
    }

    /** Conversation, else person, else the event itself: what is delivered in order. */
    private static String key(JsonNode event) {
        for (String field : List.of("conversationId", "subjectId")) {
            JsonNode id = event.path("data").path(field);
            if (id.isTextual()) {
                return id.asText();
            }
        }
        return event.path("id").asText();
    }

    /**
     * Says what a failed send means.
     *
     * @throws DestinationUnavailable if it is worth trying again
     * @throws DestinationRefused if not
     */
    public void failed(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Throwable of = cause;
            if (FINAL.stream().anyMatch(type -> type.isInstance(of))) {
                throw new DestinationRefused("Kafka " + of.getClass().getSimpleName(), null);
            }
            if (of instanceof RetriableException) {
                throw new DestinationUnavailable(
                        "Kafka " + of.getClass().getSimpleName(), null, null);
            }
        }
        throw new DestinationUnavailable("Kafka " + failure.getClass().getSimpleName(), null, null);
    }
}
