package org.jawort.delivery;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory.CamelExchangePayload;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory.KafkaRecordPayload;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/** A consumer that reads nothing and tells which records were committed, and by which request. */
final class CommittedOffsets extends MockConsumer<byte[], byte[]> {

    private final BiConsumer<Integer, Long> committed;

    /**
     * @param committed told of each partition and the offset of the last record that is done
     */
    CommittedOffsets(BiConsumer<Integer, Long> committed) {
        super(OffsetResetStrategy.EARLIEST);
        this.committed = committed;
    }

    /** What Camel puts into the headers of a record. */
    KafkaManualCommit of(int partition, long offset) {
        return new DefaultKafkaManualCommit(
                new CamelExchangePayload(null, this, null, null),
                new KafkaRecordPayload(new TopicPartition("deliveries", partition), offset, 5000)) {
            @Override
            public void commit() {
                throw new UnsupportedOperationException("one request for each partition");
            }
        };
    }

    @Override
    public synchronized void commitSync(
            Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        Map<Integer, Long> last = new TreeMap<>();
        offsets.forEach((partition, next) -> last.put(partition.partition(), next.offset() - 1));
        last.forEach(committed);
    }
}
