package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKafkaTest {

    @TempDir static Path directory;
    private static LocalKafka kafka;

    @BeforeAll
    static void aNode() {
        kafka = LocalKafka.onFreePorts(directory);
    }

    @BeforeEach
    void start() {
        kafka.start();
    }

    @AfterAll
    static void stop() {
        kafka.kill();
    }

    @Test
    void keepsAcknowledgedRecordsOverACrashAndOverAStop() throws Exception {
        createTopic("kept");
        send("kept", "first");

        kafka.kill();
        kafka.start();
        send("kept", "second");
        kafka.stop();
        kafka.start();

        assertThat(read("kept", 2)).containsExactly("first", "second");
    }

    @Test
    void makesNoTopicByItself() {
        assertThatThrownBy(() -> send("unheard-of", "lost"))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void endsItsOwnOrphan() throws Exception {
        createTopic("known");
        int port = Integer.parseInt(kafka.brokers().split(":")[1]);
        ProcessHandle orphan = processInPidFile();

        try (var successor = LocalKafka.in(directory, port)) {
            successor.start();

            assertThat(orphan.isAlive()).isFalse();
            assertThat(topics()).contains("known");
        }
    }

    @Test
    void leavesAStrangerNamedInAStalePidFileAlone() throws IOException {
        kafka.kill();
        Process stranger = new ProcessBuilder("sleep", "120").start();
        Files.writeString(directory.resolve("kafka.pid"), stranger.pid() + "\n");

        kafka.start();

        assertThat(stranger.isAlive()).isTrue();
        stranger.destroyForcibly();
    }

    private ProcessHandle processInPidFile() throws IOException {
        long pid = Long.parseLong(Files.readString(directory.resolve("kafka.pid")).strip());
        return ProcessHandle.of(pid).orElseThrow();
    }

    private void createTopic(String name) throws Exception {
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private java.util.Set<String> topics() throws Exception {
        try (var admin = admin()) {
            return admin.listTopics().names().get(20, TimeUnit.SECONDS);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.brokers()));
    }

    private void send(String topic, String value) throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.brokers(), "acks", "all", "max.block.ms", 5_000);
        try (var producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(20, TimeUnit.SECONDS);
        }
    }

    private List<String> read(String topic, int count) {
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.brokers());
        var values = new java.util.ArrayList<String>();
        try (var consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(it -> values.add(it.value()));
            }
        }
        return values;
    }
}
