package org.jawort.delivery;

import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.KafkaRecords;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/**
 * A topic for each destination and each account that sends: {@code
 * <prefix>.<tenant>.<destination>}, so that what waits for one is read by nobody else and its lag
 * is how far that one is behind. Registered as {@code deliveryTopics}.
 */
public final class DeliveryTopics {

    private final String prefix;

    public DeliveryTopics(String prefix) {
        this.prefix = prefix;
    }

    /** Ids hold no dot, and Kafka takes no colon. */
    public String of(String tenant, String destination) {
        return prefix + "." + tenant + "." + destination.replace(':', '.');
    }

    /** Of everything the tenants deliver to or send through. */
    public List<String> all(Tenants tenants) {
        return tenants.all().stream()
                .flatMap(Tenant::queues)
                .map(queue -> of(queue.tenant(), queue.id()))
                .toList();
    }

    /** Makes the list of {@link DeliveryRecord}s in the body records for Kafka, in order. */
    public void address(Exchange exchange) {
        List<?> records = exchange.getMessage().getBody(List.class);
        exchange.getMessage()
                .setBody(
                        records.stream()
                                .map(record -> message(exchange, (DeliveryRecord) record))
                                .toList());
    }

    private Message message(Exchange exchange, DeliveryRecord record) {
        return KafkaRecords.record(
                exchange, of(record.tenant(), record.destination()), record.key(), record.value());
    }
}
