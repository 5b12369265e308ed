package org.jawort;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jawort.local.LocalKafka;

/** Everything that lies in a topic now. */
final class TopicRecords {

    private TopicRecords() {}

    /** Everything on the hub's topic of webhooks, if it runs on the shared Kafka. */
    static List<ConsumerRecord<String, byte[]>> webhooks(HubInTest hub) {
        return of(LocalKafka.shared(), hub.property("jawort.kafka.topics.webhooks"));
    }

    static List<ConsumerRecord<String, byte[]>> of(LocalKafka kafka, String topic) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka.brokers());
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(part -> new TopicPartition(topic, part.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long left =
                    consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (records.size() < left) {
                consumer.poll(Duration.ofMillis(500)).forEach(records::add);
            }
            return records;
        }
    }
}
