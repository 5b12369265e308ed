package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
     * @param usual deleted by data type on average; nothing is a jump before the first run
     * @param planned by data type, with {@code due}
     */
    void compare(String tenant, Map<String, Double> usual, JsonNode planned, Instant now) {
        usual.forEach(
                (type, average) -> {
                    long due = planned.path(type).path("due").asLong();
                    if (due >= FEW && due > JUMP * average) {
                        tell(tenant, type, due, Math.round(average), now);
                    }
                });
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
