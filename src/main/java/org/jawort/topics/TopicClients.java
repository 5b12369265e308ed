package org.jawort.topics;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/**
 * Makes consumers that are patient, and every Kafka client of the hub's routes with credentials
 * that stand in no endpoint (C32): Camel takes the only factory it finds for all of its Kafka
 * endpoints. A client whose id is {@code jawort.<tenant>.<destination>} gets those of that tenant's
 * topic, any other one those of the hub's own brokers. Registered as {@code topicClients}.
 */
public final class TopicClients extends DefaultKafkaClientFactory {

    private static final String PREFIX = "jawort.";

    private final Map<String, String> own;
    private final Map<String, Map<String, String>> byClient = new HashMap<>();
    private final BooleanSupplier isStopping;

    /**
     * @param own of the hub's own brokers, see {@link org.jawort.KafkaAccess#client}
     * @param isStopping whether the hub is on its way down
     * @throws IllegalArgumentException in one line, for settings that cannot be used
     */
    public TopicClients(Tenants tenants, Map<String, String> own, BooleanSupplier isStopping) {
        this.own = Map.copyOf(own);
        this.isStopping = isStopping;
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                if (destination.route().equals(TopicSettings.ROUTE)) {
                    byClient.put(
                            PREFIX + tenant.id() + "." + destination.id(),
                            TopicSettings.security(destination));
                }
            }
        }
    }

    /**
     * Whether the settings of a destination can be used; of one without a topic they can.
     *
     * @throws IllegalArgumentException if not, as {@code tenants/<file>: destination <id>:
     *     settings.<name> …}
     */
    public static void check(Destination destination) {
        if (destination.route().equals(TopicSettings.ROUTE)) {
            TopicSettings.security(destination);
        }
    }

    @Override
    public Producer<?, ?> getProducer(Properties properties) {
        String client = properties.getProperty(ProducerConfig.CLIENT_ID_CONFIG, "");
        if (client.startsWith(PREFIX) && !byClient.containsKey(client)) {
            throw new IllegalArgumentException(client + " is no destination");
        }
        properties.putAll(byClient.getOrDefault(client, own));
        return super.getProducer(properties);
    }

    @Override
    public Consumer<?, ?> getConsumer(Properties properties) {
        properties.putAll(own);
        return new PatientConsumer<>(properties, isStopping);
    }
}
