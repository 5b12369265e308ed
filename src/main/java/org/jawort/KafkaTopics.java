package org.jawort;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.springframework.beans.factory.InitializingBean;

/**
 * Makes the hub's topics if they are not there, and refuses to start against topics that could lose
 * an acknowledged webhook: {@code acks=all} promises only as much as the in-sync replicas a topic
 * insists on, and no broker complains about too few (R7); a topic that drops what is younger than
 * the hub's own retention loses what waits out an outage; and what passes the gate must not be too
 * large for its topic, or it could never leave the spool, nor could those behind it (S6).
 */
final class KafkaTopics implements InitializingBean {

    private static final int WAIT_SECONDS = 20;

    private static final String DROPS = "webhooks that were acknowledged could be dropped unread";

    private final HubProperties.Kafka settings;
    private final Map<String, String> access;
    private final List<String> deliveries;
    private final long maxRecordBytes;

    /**
     * @param access see {@link KafkaAccess#client}
     * @param deliveries the topics of all destinations
     * @param maxRecordBytes of the topic of webhooks
     */
    KafkaTopics(
            HubProperties.Kafka settings,
            Map<String, String> access,
            List<String> deliveries,
            long maxRecordBytes) {
        this.settings = settings;
        this.access = Map.copyOf(access);
        this.deliveries = List.copyOf(deliveries);
        this.maxRecordBytes = maxRecordBytes;
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
        if (maxRecordBytes > settings.maxRequestBytes()) {
            throw new IllegalStateException(
                    "JAWORT_MAX_BODY_BYTES is too large: a webhook could take %d bytes, and the hub's producers send %d at most"
                            .formatted(maxRecordBytes, settings.maxRequestBytes()));
        }
        try (Admin admin = admin()) {
            create(admin);
            checkOnceKnown(admin);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while waiting for Kafka", stopped);
        } catch (ExecutionException | TimeoutException unreachable) {
            throw new IllegalStateException(
                    "Kafka at " + settings.brokers() + " " + problem(unreachable), unreachable);
        }
    }

    private Admin admin() {
        Map<String, Object> client = new HashMap<>(access);
        client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.brokers());
        client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, WAIT_SECONDS * 1000);
        client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5000);
        try {
            return Admin.create(client);
        } catch (KafkaException unusable) {
            throw new IllegalStateException(
                    "Kafka cannot be reached with JAWORT_KAFKA_TRUSTED_CERTIFICATES, JAWORT_KAFKA_CLIENT_CERTIFICATE and JAWORT_KAFKA_CLIENT_KEY as they are; each must be PEM, the key PKCS #8 without a passphrase",
                    unusable);
        }
    }

    private static String problem(Exception unreachable) {
        Throwable cause = unreachable.getCause();
        if (cause instanceof SaslAuthenticationException) {
            return "refuses the hub's login; check JAWORT_KAFKA_SASL_MECHANISM, JAWORT_KAFKA_SASL_USERNAME and JAWORT_KAFKA_SASL_PASSWORD";
        }
        if (cause instanceof SslAuthenticationException) {
            return "and the hub do not trust each other; check JAWORT_KAFKA_TRUSTED_CERTIFICATES, JAWORT_KAFKA_CLIENT_CERTIFICATE and the name in the broker's certificate";
        }
        return cause instanceof AuthorizationException
                ? "does not let the hub make or look at its topics; give its user what docs/operations.md names"
                : "does not answer; start it or set JAWORT_KAFKA_BROKERS, and JAWORT_KAFKA_SECURITY_PROTOCOL if it wants TLS or a login";
    }

    private void create(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<NewTopic> topics = new ArrayList<>();
        topics.add(
                topic(
                        settings.topics().webhooks(),
                        settings.webhooksRetention(),
                        Map.of(
                                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                String.valueOf(maxRecordBytes))));
        for (String name : deliveries) {
            topics.add(topic(name, settings.deliveriesRetention(), Map.of()));
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

    private NewTopic topic(String name, Duration retention, Map<String, String> beside) {
        Map<String, String> configs = new HashMap<>(beside);
        configs.put(
                TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                String.valueOf(settings.minInsyncReplicas()));
        configs.put(TopicConfig.RETENTION_MS_CONFIG, String.valueOf(retention.toMillis()));
        configs.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1"); // whatever the brokers' default is
        configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        return new NewTopic(name, settings.partitions(), settings.replicationFactor())
                .configs(configs);
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
            int inSync = number(configs, resource, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
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
        var webhooks = new ConfigResource(ConfigResource.Type.TOPIC, settings.topics().webhooks());
        for (Needed needed : neededOfWebhooks()) {
            insist(admin, webhooks, configs.get(webhooks).get(needed.setting()), needed);
        }
    }

    /**
     * What a topic has to be set to.
     *
     * @param whatElse can be done, or what would happen
     */
    private record Needed(String setting, String value, Predicate<String> isMet, String whatElse) {}

    /**
     * Of the topic of webhooks alone: deliveries are ids, and what is lost of them is published
     * again.
     */
    private List<Needed> neededOfWebhooks() {
        long retention = settings.webhooksRetention().toMillis();
        return List.of(
                new Needed(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        String.valueOf(maxRecordBytes),
                        value -> Long.parseLong(value) >= maxRecordBytes,
                        "raise it, or lower JAWORT_MAX_BODY_BYTES"),
                new Needed(
                        TopicConfig.RETENTION_MS_CONFIG,
                        String.valueOf(retention),
                        value -> value.equals("-1") || Long.parseLong(value) >= retention,
                        "raise it, or shorten jawort.kafka.webhooks-retention"),
                new Needed(TopicConfig.RETENTION_BYTES_CONFIG, "-1", "-1"::equals, DROPS),
                new Needed(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        value -> !value.contains(TopicConfig.CLEANUP_POLICY_COMPACT),
                        DROPS),
                new Needed(
                        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                        "false",
                        "false"::equals,
                        DROPS));
    }

    /**
     * What a broker gives every topic is set here, as when the topic was made by a hub that set
     * nothing; what somebody set for this one is theirs.
     */
    private void insist(Admin admin, ConfigResource topic, ConfigEntry is, Needed needed)
            throws InterruptedException, TimeoutException {
        if (needed.isMet().test(is.value())) {
            return;
        }
        var refused =
                new IllegalStateException(
                        "topic %s has %s=%s, the hub needs %s; %s: kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s=%s"
                                .formatted(
                                        topic.name(),
                                        needed.setting(),
                                        is.value(),
                                        needed.value(),
                                        needed.whatElse(),
                                        settings.brokers(),
                                        topic.name(),
                                        needed.setting(),
                                        needed.value()));
        if (is.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
            throw refused;
        }
        var set = new ConfigEntry(needed.setting(), needed.value());
        try {
            admin.incrementalAlterConfigs(
                            Map.of(
                                    topic,
                                    List.of(new AlterConfigOp(set, AlterConfigOp.OpType.SET))))
                    .all()
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException notAllowed) {
            refused.initCause(notAllowed);
            throw refused;
        }
    }

    private static int number(
            Map<ConfigResource, Config> configs, ConfigResource resource, String setting) {
        return Integer.parseInt(configs.get(resource).get(setting).value());
    }
}
