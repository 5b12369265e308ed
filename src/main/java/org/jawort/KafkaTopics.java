package org.jawort;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.springframework.beans.factory.InitializingBean;

/**
 * Makes the hub's topics if they are not there, and refuses to start against topics that could lose
 * an acknowledged webhook: {@code acks=all} promises only as much as the in-sync replicas a topic
 * insists on, and no broker complains about too few (R7).
 */
final class KafkaTopics implements InitializingBean {

    private static final int WAIT_SECONDS = 20;

    private final HubProperties.Kafka settings;
    private final List<String> deliveries;

    /**
     * @param deliveries the topics of all destinations
     */
    KafkaTopics(HubProperties.Kafka settings, List<String> deliveries) {
        this.settings = settings;
        this.deliveries = List.copyOf(deliveries);
    }

    /**
     * @throws IllegalStateException in one line that says what to mend
     */
    @Override
    public void afterPropertiesSet() {
        if (settings.replicationFactor() < settings.minInsyncReplicas()) {
            throw new IllegalStateException(
                    "JAWORT_KAFKA_REPLICATION_FACTOR=%d is less than JAWORT_KAFKA_MIN_INSYNC_REPLICAS=%d: nothing could ever be written"
                            .formatted(settings.replicationFactor(), settings.minInsyncReplicas()));
        }
        try (Admin admin =
                Admin.create(
                        Map.of(
                                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                                settings.brokers(),
                                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                                WAIT_SECONDS * 1000,
                                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                                5000))) {
            create(admin);
            checkOnceKnown(admin);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while waiting for Kafka", stopped);
        } catch (ExecutionException | TimeoutException unreachable) {
            throw new IllegalStateException(
                    "Kafka at "
                            + settings.brokers()
                            + " does not answer; start it or set JAWORT_KAFKA_BROKERS",
                    unreachable);
        }
    }

    private void create(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<NewTopic> topics = new ArrayList<>();
        topics.add(topic(settings.topics().webhooks(), settings.webhooksRetention().toMillis()));
        for (String name : deliveries) {
            topics.add(topic(name, settings.deliveriesRetention().toMillis()));
        }
        var existing = admin.listTopics().names().get(WAIT_SECONDS, TimeUnit.SECONDS);
        topics.removeIf(topic -> existing.contains(topic.name()));
        try {
            admin.createTopics(topics).all().get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case TopicExistsException anotherNodeWasFirst -> {}
                case InvalidReplicationFactorException tooFewBrokers ->
                        throw new IllegalStateException(
                                "Kafka at %s has fewer brokers than JAWORT_KAFKA_REPLICATION_FACTOR=%d; start more, or lower it and with it what a 200 promises"
                                        .formatted(
                                                settings.brokers(), settings.replicationFactor()),
                                tooFewBrokers);
                default -> throw failed;
            }
        }
    }

    private NewTopic topic(String name, long retentionMillis) {
        return new NewTopic(name, settings.partitions(), settings.replicationFactor())
                .configs(
                        Map.of(
                                TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                                String.valueOf(settings.minInsyncReplicas()),
                                TopicConfig.RETENTION_MS_CONFIG,
                                String.valueOf(retentionMillis)));
    }

    /** A topic that was made a moment ago is not yet known to every broker. */
    private void checkOnceKnown(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (int tries = 1; ; tries++) {
            try {
                check(admin);
                return;
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof UnknownTopicOrPartitionException)
                        || tries == WAIT_SECONDS * 5) {
                    throw failed;
                }
                Thread.sleep(200);
            }
        }
    }

    private void check(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<ConfigResource> resources = new ArrayList<>();
        resources.add(new ConfigResource(ConfigResource.Type.TOPIC, settings.topics().webhooks()));
        for (String name : deliveries) {
            resources.add(new ConfigResource(ConfigResource.Type.TOPIC, name));
        }
        Map<String, TopicDescription> descriptions =
                admin.describeTopics(resources.stream().map(ConfigResource::name).toList())
                        .allTopicNames()
                        .get(WAIT_SECONDS, TimeUnit.SECONDS);
        Map<ConfigResource, Config> configs =
                admin.describeConfigs(resources).all().get(WAIT_SECONDS, TimeUnit.SECONDS);
        for (ConfigResource resource : resources) {
            String name = resource.name();
            int inSync =
                    Integer.parseInt(
                            configs.get(resource)
                                    .get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG)
                                    .value());
            int replicas =
                    descriptions.get(name).partitions().stream()
                            .mapToInt(partition -> partition.replicas().size())
                            .min()
                            .orElse(0);
            if (inSync < settings.minInsyncReplicas()) {
                throw new IllegalStateException(
                        "topic %s has min.insync.replicas=%d, the hub needs %d; raise it, or lower JAWORT_KAFKA_MIN_INSYNC_REPLICAS and with it what a 200 promises"
                                .formatted(name, inSync, settings.minInsyncReplicas()));
            }
            if (replicas < inSync) {
                throw new IllegalStateException(
                        "topic %s has %d replicas but min.insync.replicas=%d: nothing could ever be written"
                                .formatted(name, replicas, inSync));
            }
            if (replicas < settings.replicationFactor()) {
                throw new IllegalStateException(
                        "topic %s has %d replicas, the hub needs %d; add replicas, or lower JAWORT_KAFKA_REPLICATION_FACTOR and with it how many brokers may fail"
                                .formatted(name, replicas, settings.replicationFactor()));
            }
        }
    }
}
