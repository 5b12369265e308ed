package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.camel.spi.Registry;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.jawort.local.LocalKafka;
import org.jawort.tenant.Tenants;
import org.jawort.topics.TopicClients;
import org.jawort.topics.TopicEvents;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A broker of its own, which refuses by the size of a record and can be stopped. */
@Execution(ExecutionMode.SAME_THREAD) // one broker: a start takes a while
@Timeout(240)
class KafkaTopicContractTest extends DestinationContract {

    private static LocalKafka broker;

    private static final String PASSWORD = "sasl-secret-4711-\"quoted\"";

    @BeforeAll
    static void startBroker(@TempDir Path directory) {
        broker = LocalKafka.onFreePorts(directory);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Override
    protected String route() {
        return "kafka-topic";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        registry.bind("topicEvents", new TopicEvents());
        registry.bind("topicClients", new TopicClients(tenants, Map.of(), () -> false));
    }

    @Override
    protected Receiver receiver() {
        return new Topic();
    }

    @Test
    @DisplayName("the record is keyed by its conversation and carries the envelope in ce_ headers")
    void writesACloudEvent() {
        DestinationEvent event = DestinationEvent.number(7);

        delivered(event);

        ConsumerRecord<String, byte[]> record = ((Topic) receiver).records().getFirst();
        Assertions.assertThat(record.key()).isEqualTo("019ab3c2-7d4e-7c11-9a55-00000000c0de");
        List<String> headers = new ArrayList<>();
        record.headers()
                .forEach(
                        header ->
                                headers.add(
                                        header.key() + "=" + new String(header.value(), UTF_8)));
        Assertions.assertThat(headers)
                .containsExactlyInAnyOrder(
                        "content-type=application/cloudevents+json; charset=UTF-8",
                        "ce_specversion=1.0",
                        "ce_id=" + event.id(),
                        "ce_type=jawort.message.received.v1",
                        "ce_source=/tenants/muster/accounts/wa",
                        "ce_subject=conversations/019ab3c2-7d4e-7c11-9a55-00000000c0de",
                        "ce_time=2026-11-23T10:11:12Z",
                        "ce_dataschema=/schemas/message-v1.json",
                        "ce_tenant=muster",
                        "ce_sequence=7");
    }

    @Test
    @DisplayName(
            "a login that fails makes no dead letter, and what follows arrives once it does not")
    void recoversOnceItMayLogIn(@TempDir Path folder) throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        Path key = certificates.pkcs12("broker");
        try (LocalKafka asking =
                        LocalKafka.onFreePorts(folder.resolve("kafka"))
                                .asksWhoLogsIn(key, TestCertificates.PASSWORD)
                                .start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", asking.brokers()));
                DestinationHub early =
                        new DestinationHub(
                                route(),
                                mapping(),
                                Map.of(
                                        "brokers",
                                        asking.loginBrokers(),
                                        "topic",
                                        "tenant-events",
                                        "saslUsername",
                                        "jawort",
                                        "saslSecret",
                                        PASSWORD,
                                        "trustedCertificates",
                                        TestCertificates.certificate(key)),
                                this::bind)) {
            admin.createTopics(List.of(new NewTopic("tenant-events", 1, (short) 1))).all().get();

            Assertions.assertThat(early.attempt(DestinationEvent.number(1)))
                    .get()
                    .isInstanceOf(DestinationUnavailable.class);
            admin.alterUserScramCredentials(
                            List.of(
                                    new UserScramCredentialUpsertion(
                                            "jawort",
                                            new ScramCredentialInfo(
                                                    ScramMechanism.SCRAM_SHA_512, 4096),
                                            PASSWORD)))
                    .all()
                    .get();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(50))
                    .until(() -> early.attempt(DestinationEvent.number(1)).isEmpty());
        }
    }

    @Test
    @DisplayName(
            "brokers whose name leads nowhere are looked for at each attempt, and not when the hub starts")
    void startsThoughItsBrokersCannotBeFound() {
        try (DestinationHub astray =
                new DestinationHub(
                        route(),
                        mapping(),
                        Map.of(
                                "brokers",
                                "nowhere.invalid:9093",
                                "topic",
                                "tenant-events",
                                "saslUsername",
                                "jawort",
                                "saslSecret",
                                PASSWORD),
                        this::bind)) {
            for (int attempt = 0; attempt < 2; attempt++) {
                Assertions.assertThat(astray.attempt(DestinationEvent.number(1)).orElseThrow())
                        .isInstanceOf(DestinationUnavailable.class)
                        .hasMessage("Kafka KafkaException");
            }
        }
    }

    private static final class Topic implements Receiver {

        private static final String PROBE = "probe";

        private final String name = "tenant-events-" + UUID.randomUUID();
        private final String brokers = broker.start().brokers();
        private final Admin admin = Admin.create(Map.of("bootstrap.servers", brokers));

        Topic() {
            try {
                admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "brokers", brokers,
                    "topic", name,
                    "securityProtocol", "PLAINTEXT",
                    "saslUsername", "jawort",
                    "saslSecret", PASSWORD);
        }

        @Override
        public Set<String> secrets() {
            return Set.of("sasl-secret-4711");
        }

        @Override
        public Set<Behaviour> faults() {
            return Set.of(Behaviour.REFUSE, Behaviour.UNAVAILABLE);
        }

        @Override
        public void behave(Behaviour next) {
            if (next == Behaviour.UNAVAILABLE) {
                broker.stop();
                return;
            }
            broker.start();
            set("max.message.bytes", next == Behaviour.REFUSE ? "100" : "1000000");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> takes() == (next == Behaviour.TAKE));
        }

        /** A broker follows its settings a moment later. */
        private boolean takes() {
            try (var producer =
                    new KafkaProducer<>(
                            Map.<String, Object>of(
                                    "bootstrap.servers",
                                    brokers,
                                    "acks",
                                    "all",
                                    "retries",
                                    0,
                                    "enable.idempotence",
                                    false),
                            new StringSerializer(),
                            new ByteArraySerializer())) {
                producer.send(new ProducerRecord<>(name, PROBE, new byte[200])).get();
                return true;
            } catch (ExecutionException refused) {
                return false;
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }

        private void set(String key, String value) {
            try {
                admin.incrementalAlterConfigs(
                                Map.of(
                                        new ConfigResource(ConfigResource.Type.TOPIC, name),
                                        List.of(
                                                new AlterConfigOp(
                                                        new ConfigEntry(key, value),
                                                        AlterConfigOp.OpType.SET))))
                        .all()
                        .get();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }

        List<ConsumerRecord<String, byte[]>> records() {
            try (var consumer =
                    new KafkaConsumer<>(
                            Map.<String, Object>of("bootstrap.servers", brokers),
                            new StringDeserializer(),
                            new ByteArrayDeserializer())) {
                TopicPartition only = new TopicPartition(name, 0);
                consumer.assign(List.of(only));
                consumer.seekToBeginning(List.of(only));
                long end = consumer.endOffsets(List.of(only)).get(only);
                List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
                while (consumer.position(only) < end) {
                    consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                }
                records.removeIf(record -> record.key().equals(PROBE));
                return records;
            }
        }

        /** The broker tells of those it took only. */
        @Override
        public List<String> asked() {
            return taken().stream().map(Taken::key).toList();
        }

        @Override
        public List<Taken> taken() {
            List<Taken> taken = new ArrayList<>();
            try {
                for (ConsumerRecord<String, byte[]> record : records()) {
                    JsonNode event = new ObjectMapper().readTree(record.value());
                    taken.add(
                            new Taken(
                                    new String(record.headers().lastHeader("ce_id").value(), UTF_8),
                                    event.at("/data/content/text").textValue()));
                }
                return taken;
            } catch (IOException noJson) {
                throw new IllegalStateException(noJson);
            }
        }

        @Override
        public void close() {
            broker.start(); // or the hub, when it ends, waits for what the broker has not taken
            admin.close(Duration.ZERO);
        }
    }
}
