package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that a run has far more to delete than runs usually have: a rule or a clock may be wrong
 * (RET-12). Works inside the caller's transaction.
 */
final class RetentionAlerts {

    static final String EVENT = "jawort.retention.jumped.v1";

    private static final Logger LOG = LoggerFactory.getLogger(RetentionAlerts.class);
    private static final double JUMP = 10;

    /** Fewer than this are no jump, however few there were before. */
    private static final long FEW = 1000;

    private final Tenants tenants;
    private final Outbox outbox;
    private final MeterRegistry meters;

    RetentionAlerts(Tenants tenants, Outbox outbox, MeterRegistry meters) {
        this.tenants = tenants;
        this.outbox = outbox;
        this.meters = meters;
    }

    /**
     * Begins to watch a run.
     *
     * @param usual deleted by data type on average; nothing is a jump before the first run
     */
    Watch watch(String tenant, Map<String, Double> usual) {
        return new Watch(tenant, usual);
    }

    /** Of one run: what it deletes, each jump told once. */
    final class Watch {
        private final String tenant;
        private final Map<String, Double> usual;
        private final Set<String> told = new HashSet<>();

        private Watch(String tenant, Map<String, Double> usual) {
            this.tenant = tenant;
            this.usual = usual;
        }

        /**
         * @param due how many the run is to delete, or has deleted so far
         */
        void see(String dataType, long due, Instant now) {
            Double average = usual.get(dataType);
            if (average != null && due >= FEW && due > JUMP * average && told.add(dataType)) {
                tell(tenant, dataType, due, Math.round(average), now);
            }
        }

        /**
         * @param counts of a plan, by data type, with {@code due}
         */
        void see(JsonNode counts, Instant now) {
            counts.fields()
                    .forEachRemaining(
                            one -> see(one.getKey(), one.getValue().path("due").asLong(), now));
        }
    }

    private void tell(String tenant, String type, long due, long usual, Instant now) {
        meters.counter("jawort.retention.jumps", "tenant", tenant, "type", type).increment();
        LOG.warn("retention.jumped tenant={} type={} due={} usual={}", tenant, type, due, usual);
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("dataType", type).put("due", due).put("usual", usual);
        outbox.addDue(
                List.of(
                        new NewEvent(
                                tenant,
                                UuidCreator.getTimeOrderedEpoch(),
                                EVENT,
                                null,
                                null,
                                null,
                                null,
                                false,
                                now,
                                detail.toString(),
                                null)),
                event ->
                        tenants.get(tenant).destinations().values().stream()
                                .filter(one -> one.receives(event.type(), false))
                                .toList(),
                now);
    }
}
