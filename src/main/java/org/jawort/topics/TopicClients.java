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
 * Makes consumers that are patient, and the producer of each tenant's topic with credentials that
 * stand in no endpoint (C32). It knows whose by the client id, {@code
 * jawort.<tenant>.<destination>}. Camel takes the only factory it finds for all of its Kafka
 * endpoints: those of the hub's own topics get what they had without it. Registered as {@code
 * topicClients}.
 */
public final class TopicClients extends DefaultKafkaClientFactory {

    private static final String PREFIX = "jawort.";

    private final Map<String, Map<String, String>> byClient = new HashMap<>();
    private final BooleanSupplier isStopping;

    /**
     * @param isStopping whether the hub is on its way down
     * @throws IllegalArgumentException in one line, for settings that cannot be used
     */
    public TopicClients(Tenants tenants, BooleanSupplier isStopping) {
        this.isStopping = isStopping;
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                if (destination.route().equals(TopicSettings.ROUTE)) {
                    check(destination);
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
        if (!destination.route().equals(TopicSettings.ROUTE)) {
            return;
        }
        try {
            TopicSettings.security(destination);
        } catch (IllegalArgumentException unusable) {
            throw new IllegalArgumentException(
                    "tenants/%s.yaml: destination %s: %s"
                            .formatted(
                                    destination.tenant(), destination.id(), unusable.getMessage()),
                    unusable);
        }
    }

    @Override
    public Consumer<?, ?> getConsumer(Properties properties) {
        return new PatientConsumer<>(properties, isStopping);
    }

    @Override
    public Producer<?, ?> getProducer(Properties properties) {
        String client = properties.getProperty(ProducerConfig.CLIENT_ID_CONFIG, "");
        if (client.startsWith(PREFIX)) {
            if (!byClient.containsKey(client)) {
                throw new IllegalArgumentException(client + " is no destination");
            }
            properties.putAll(byClient.get(client));
        }
        return super.getProducer(properties);
    }
}
