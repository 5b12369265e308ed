package org.jawort.topics;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Polls in longer breaths while nothing comes. A batch of Camel's ends with a poll that brings
 * nothing, so its poll timeout is short; where there is no batch to end, forty polls a second for
 * each destination of each tenant only cost. A record that comes ends a poll of any length at once.
 */
final class PatientConsumer<K, V> extends KafkaConsumer<K, V> {

    /** So many empty polls, and Camel has surely done with whatever it had gathered. */
    private static final int QUIET = 4;

    /** No longer, for nobody can stop a route while it polls. */
    private static final Duration BREATH = Duration.ofMillis(250);

    /** Camel's health check reads the field of this name of whatever class the consumer has. */
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final Object delegate;

    private final BooleanSupplier isStopping;
    private int empty;

    /**
     * @param isStopping whether all consumers are to end, so that none is waited for
     */
    PatientConsumer(Properties properties, BooleanSupplier isStopping) {
        super(properties);
        this.isStopping = isStopping;
        this.delegate = delegate();
    }

    private Object delegate() {
        try {
            Field field = KafkaConsumer.class.getDeclaredField("delegate");
            field.setAccessible(true);
            return field.get(this);
        } catch (ReflectiveOperationException other) {
            return null; // of another version of the client: Camel takes it for healthy
        }
    }

    @Override
    public ConsumerRecords<K, V> poll(Duration timeout) {
        boolean isIdle = empty >= QUIET && !isStopping.getAsBoolean();
        boolean isLonger = BREATH.compareTo(timeout) > 0;
        ConsumerRecords<K, V> records = super.poll(isIdle && isLonger ? BREATH : timeout);
        empty = records.isEmpty() ? empty + 1 : 0;
        return records;
    }
}
