package org.jawort;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jawort.delivery.DeliveryTopics;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** How far a hub's pipeline is behind its topics. */
record ConsumerLag(HubInTest hub, Admin kafka) {

    /** Records that the hub's consumer groups have not committed, all topics. */
    long records() throws InterruptedException, ExecutionException {
        long lag = 0;
        String webhooks = hub.property("jawort.kafka.topics.webhooks");
        String prefix = hub.property("jawort.kafka.group-prefix");
        lag += lag(webhooks, prefix + "-normalize");
        for (Tenant tenant : hub.bean(Tenants.class).all()) {
            for (String destination : tenant.destinations().keySet()) {
                lag +=
                        lag(
                                hub.bean(DeliveryTopics.class).of(tenant.id(), destination),
                                prefix + "-deliver-" + tenant.id() + "-" + destination);
            }
        }
        return lag;
    }

    private long lag(String topic, String group) throws InterruptedException, ExecutionException {
        var committed = kafka.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        int partitions = Integer.parseInt(hub.property("jawort.kafka.partitions"));
        for (int partition = 0; partition < partitions; partition++) {
            wanted.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        long lag = 0;
        for (var end : kafka.listOffsets(wanted).all().get().entrySet()) {
            var reached = committed.get(end.getKey());
            lag += end.getValue().offset() - (reached == null ? 0 : reached.offset());
        }
        return lag;
    }
}
