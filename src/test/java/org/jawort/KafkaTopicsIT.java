package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.jawort.local.LocalKafka;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a real broker, which takes what could lose an acknowledged webhook without a word. */
@DisplayName("R7: the hub does not start against topics that promise less than it is told to need")
class KafkaTopicsIT {

    private static Admin admin;

    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private final String webhooks = "webhooks-" + run;
    private final String deliveries = "deliveries-" + run;

    @BeforeAll
    static void connect() {
        admin = Admin.create(Map.of("bootstrap.servers", LocalKafka.shared().brokers()));
    }

    @AfterAll
    static void disconnect() {
        admin.close();
    }

    @Test
    void makesTopicsThatPromiseWhatIsAskedAndStartsAgainstThemAgain() throws Exception {
        start(1, 1);
        start(1, 1);

        assertThat(setting(webhooks, "min.insync.replicas")).isEqualTo("1");
        assertThat(setting(webhooks, "max.message.bytes")).isEqualTo("1064960");
        assertThat(setting(webhooks, "retention.ms")).isEqualTo("259200000");
        assertThat(setting(webhooks, "retention.bytes")).isEqualTo("-1");
        assertThat(setting(deliveries, "retention.ms")).isEqualTo("604800000");
    }

    @Test
    void refusesATopicThatInsistsOnTooFewInSyncReplicas() throws Exception {
        make(webhooks, 1);
        make(deliveries, 1);

        assertThatThrownBy(() -> start(2, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "topic %s has min.insync.replicas=1, the hub needs 2; raise it, or lower JAWORT_KAFKA_MIN_INSYNC_REPLICAS and with it what a 200 promises",
                        webhooks);
    }

    @Test
    void refusesATopicWithFewerReplicasThanAreAsked() throws Exception {
        make(webhooks, 1);
        make(deliveries, 1);

        assertThatThrownBy(() -> start(2, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "topic %s has 1 replicas, the hub needs 2; add replicas, or lower JAWORT_KAFKA_REPLICATION_FACTOR and with it how many brokers may fail",
                        webhooks);
    }

    @Test
    void looksAtTheSecondTopicToo() throws Exception {
        make(webhooks, 1);
        make(deliveries, 2);

        assertThatThrownBy(() -> start(1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "topic %s has 1 replicas but min.insync.replicas=2: nothing could ever be written",
                        deliveries);
    }

    @Test
    void refusesToMakeTopicsThatTooFewBrokersCouldHold() throws Exception {
        assertThatThrownBy(() -> start(3, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "Kafka at %s has fewer brokers than JAWORT_KAFKA_REPLICATION_FACTOR=3; start more, or lower it and with it what a 200 promises",
                        LocalKafka.shared().brokers());
        assertThat(admin.listTopics().names().get()).doesNotContain(webhooks, deliveries);
    }

    @Test
    void refusesToMakeTopicsInWhichNothingCouldBeWritten() throws Exception {
        assertThatThrownBy(() -> start(1, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "JAWORT_KAFKA_REPLICATION_FACTOR=1 is less than JAWORT_KAFKA_MIN_INSYNC_REPLICAS=2: nothing could ever be written");
        assertThat(admin.listTopics().names().get()).doesNotContain(webhooks, deliveries);
    }

    @Test
    @DisplayName("S6: what passes the gate must not be too large for the topic")
    void raisesWhatABrokerGivesEveryTopic() throws Exception {
        make(webhooks, 1);
        make(deliveries, 1);

        start(1, 1);

        assertThat(setting(webhooks, "max.message.bytes")).isEqualTo("1064960");
    }

    @Test
    @DisplayName("S6: what somebody set for the topic is theirs to raise")
    void refusesATopicThatTakesLessThanTheGate() throws Exception {
        admin.createTopics(
                        List.of(
                                new NewTopic(webhooks, 2, (short) 1)
                                        .configs(Map.of("max.message.bytes", "1048588"))))
                .all()
                .get();
        make(deliveries, 1);

        assertThatThrownBy(() -> start(1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "topic %s has max.message.bytes=1048588, the hub needs 1064960; raise it, or lower JAWORT_MAX_BODY_BYTES: %s=1064960",
                        webhooks, mend(webhooks, "max.message.bytes"));
        assertThatThrownBy(() -> start(1, 1, 64 << 20))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "JAWORT_MAX_BODY_BYTES is too large: a webhook could take 67125248 bytes, and the hub's producers send 33554432 at most");
    }

    @ParameterizedTest
    @DisplayName("R4: what waits out an outage in the topic is not dropped before its time")
    @CsvSource({
        "retention.ms, 86400000, '259200000; raise it, or shorten jawort.kafka.webhooks-retention', 259200000",
        "retention.bytes, 1073741824, '-1; webhooks that were acknowledged could be dropped unread', -1",
        "cleanup.policy, compact, 'delete; webhooks that were acknowledged could be dropped unread', delete",
        "unclean.leader.election.enable, true, 'false; webhooks that were acknowledged could be dropped unread', false"
    })
    void refusesATopicThatMayDropWhatWasAcknowledged(
            String setting, String value, String needed, String mended) throws Exception {
        admin.createTopics(
                        List.of(
                                new NewTopic(webhooks, 2, (short) 1)
                                        .configs(Map.of(setting, value))))
                .all()
                .get();
        make(deliveries, 1);

        assertThatThrownBy(() -> start(1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "topic %s has %s=%s, the hub needs %s: %s=%s",
                        webhooks, setting, value, needed, mend(webhooks, setting), mended);
        set(webhooks, setting, mended);

        start(1, 1);
    }

    @Test
    void startsAgainstATopicThatKeepsForLonger() throws Exception {
        admin.createTopics(
                        List.of(
                                new NewTopic(webhooks, 2, (short) 1)
                                        .configs(Map.of("retention.ms", "-1"))))
                .all()
                .get();
        make(deliveries, 1);

        start(1, 1);

        assertThat(setting(webhooks, "retention.ms")).isEqualTo("-1");
    }

    private static String mend(String topic, String setting) {
        return "kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s"
                .formatted(LocalKafka.shared().brokers(), topic, setting);
    }

    /** And waits until the broker has read it. */
    private static void set(String topic, String setting, String value) throws Exception {
        ConfigResource changed = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(
                        Map.of(
                                changed,
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry(setting, value),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
        HubInTest.await()
                .until(
                        () ->
                                admin.describeConfigs(List.of(changed))
                                        .all()
                                        .get()
                                        .get(changed)
                                        .get(setting)
                                        .value()
                                        .equals(value));
    }

    @Test
    void theWholeHubDoesNotStart() throws Exception {
        make(webhooks, 2);

        assertThatThrownBy(
                        () ->
                                HubInTest.hub()
                                        .with("JAWORT_TOPIC_WEBHOOKS", webhooks)
                                        .start()
                                        .close())
                .hasRootCauseMessage(
                        "topic %s has 1 replicas but min.insync.replicas=2: nothing could ever be written"
                                .formatted(webhooks));
    }

    private static void make(String topic, int minInSync)
            throws InterruptedException, ExecutionException {
        admin.createTopics(
                        List.of(
                                new NewTopic(topic, 1, (short) 1)
                                        .configs(
                                                Map.of(
                                                        "min.insync.replicas",
                                                        String.valueOf(minInSync)))))
                .all()
                .get();
    }

    private void start(int replicationFactor, int minInSync) {
        start(replicationFactor, minInSync, 1 << 20);
    }

    private void start(int replicationFactor, int minInSync, int maxBodyBytes) {
        new KafkaTopics(
                        new HubProperties.Kafka(
                                LocalKafka.shared().brokers(),
                                1,
                                (short) replicationFactor,
                                minInSync,
                                "jawort",
                                1,
                                1,
                                32 << 20,
                                new HubProperties.Topics(webhooks, deliveries),
                                Duration.ofHours(72),
                                Duration.ofDays(7)),
                        Map.of(),
                        List.of(deliveries),
                        new HubProperties.Intake(maxBodyBytes, 2 * maxBodyBytes, 30)
                                .maxRecordBytes())
                .afterPropertiesSet();
    }

    private static String setting(String topic, String name)
            throws InterruptedException, ExecutionException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
    }
}
