package org.jawort;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.support.DefaultMessage;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The only place that knows Camel's names for Kafka's parts, which change between Camel lines (C6).
 * Messages are built from typed values on a fresh set of headers, so nothing that came in over HTTP
 * can choose topic or key (C1).
 */
public final class KafkaRecords {

    private static final String BATCH = "jawort.kafka.batch";

    private KafkaRecords() {}

    /** Makes the exchange's message a record to send. */
    public static void send(Exchange exchange, String key, byte[] value) {
        exchange.setMessage(record(exchange, key, value));
    }

    /**
     * One record of a list to send in order; see C17: a list as body becomes one record per
     * element.
     */
    public static Message record(Exchange exchange, String key, byte[] value) {
        Message message = new DefaultMessage(exchange.getContext());
        message.setHeader(KafkaConstants.KEY, key);
        message.setBody(value);
        return message;
    }

    /** The same, for a topic that was chosen by what the hub knows of the record. */
    public static Message record(Exchange exchange, String topic, String key, byte[] value) {
        Message message = record(exchange, key, value);
        message.setHeader(KafkaConstants.OVERRIDE_TOPIC, topic);
        return message;
    }

    public static String key(Message record) {
        return record.getHeader(KafkaConstants.KEY, String.class);
    }

    /**
     * The records of a batch, remembered so that {@link #commit} finds them whatever the body has
     * become.
     */
    @SuppressWarnings("unchecked")
    public static List<Exchange> batch(Exchange exchange) {
        List<Exchange> records = exchange.getProperty(BATCH, List.class);
        if (records == null) {
            records = List.copyOf(exchange.getMessage().getBody(List.class));
            exchange.setProperty(BATCH, records);
        }
        return records;
    }

    /**
     * Commits the offsets of a batch whose work is durable, of all its partitions in one request,
     * on the consumer's own thread. The factory option stays unset, because the asynchronous ones
     * commit what was never processed (C10, C11).
     */
    public static void commit(Exchange exchange) {
        Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
        DefaultKafkaManualCommit last = null;
        for (Exchange record : batch(exchange)) {
            DefaultKafkaManualCommit commit =
                    record.getMessage()
                            .getHeader(
                                    KafkaConstants.MANUAL_COMMIT, DefaultKafkaManualCommit.class);
            if (commit != null) {
                done.put(
                        commit.getPartition(), new OffsetAndMetadata(commit.getRecordOffset() + 1));
                last = commit;
            }
        }
        if (last != null) {
            last.getConsumer().commitSync(done, Duration.ofMillis(last.getCommitTimeout()));
        }
    }
}
