package org.jawort.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jawort.local.LocalKafka;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A consumer asks less often while nothing comes, and delays nothing by it")
class PatientConsumerIT {

    private static final Duration SHORT = Duration.ofMillis(5);

    private final String topic = "patient-" + UUID.randomUUID();
    private final AtomicBoolean isStopping = new AtomicBoolean();
    private KafkaProducer<String, String> producer;
    private PatientConsumer<String, String> consumer;

    @BeforeEach
    void start() throws Exception {
        Map<String, Object> broker = Map.of("bootstrap.servers", LocalKafka.shared().brokers());
        try (var admin = Admin.create(broker)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        producer = new KafkaProducer<>(broker, new StringSerializer(), new StringSerializer());
        Properties properties = new Properties();
        properties.putAll(broker);
        properties.put("key.deserializer", StringDeserializer.class);
        properties.put("value.deserializer", StringDeserializer.class);
        consumer = new PatientConsumer<>(properties, isStopping::get);
        consumer.assign(List.of(new TopicPartition(topic, 0)));
        consumer.seekToBeginning(consumer.assignment());
        consumer.position(new TopicPartition(topic, 0));
    }

    @AfterEach
    void stop() {
        producer.close();
        consumer.close();
    }

    @Test
    @DisplayName(
            "after some polls without a record one takes long; one that brings a record does not")
    void growsPatient() throws Exception {
        for (int poll = 0; poll < 4; poll++) {
            assertThat(consumer.poll(SHORT)).isEmpty();
        }
        long began = System.nanoTime();
        assertThat(consumer.poll(SHORT)).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isGreaterThan(Duration.ofMillis(240));

        producer.send(new ProducerRecord<>(topic, "key", "value")).get();
        int came = 0;
        for (int breaths = 0; came == 0 && breaths < 20; breaths++) {
            came = consumer.poll(SHORT).count(); // a busy broker may need more than one
        }
        assertThat(came).as("waits for it").isEqualTo(1);
        assertThat(quickest(3)).as("a batch is to be ended").isLessThan(Duration.ofMillis(200));
    }

    @Test
    @DisplayName("on the way down nobody is waited for")
    void hurriesOnTheWayDown() {
        for (int poll = 0; poll < 6; poll++) {
            consumer.poll(SHORT);
        }
        isStopping.set(true);

        assertThat(quickest(5)).isLessThan(Duration.ofMillis(200));
    }

    @Test
    @DisplayName(
            "Camel's health check finds in it what it looks for: whether a broker is connected")
    void showsItsHealth() throws Exception {
        Object delegate = field(consumer, "delegate");
        assertThat(field(delegate, "client").getClass().getSimpleName())
                .isEqualTo("ConsumerNetworkClient");
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        var field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    /** The quickest, for on a busy machine any may take long. */
    private Duration quickest(int polls) {
        Duration quickest = Duration.ofDays(1);
        for (int poll = 0; poll < polls; poll++) {
            long began = System.nanoTime();
            ConsumerRecords<String, String> none = consumer.poll(SHORT);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertThat(none).isEmpty();
            quickest = took.compareTo(quickest) < 0 ? took : quickest;
        }
        return quickest;
    }
}
