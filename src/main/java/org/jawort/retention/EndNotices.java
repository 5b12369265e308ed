package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;

/**
 * Tells that the hub has forgotten somebody with whom the tenant had nothing to do for the whole
 * period. Those hear it who received something of the person and ask for the event: archives, which
 * delete then what no deletion of a message reaches (RET-6, RET-16). Works inside the caller's
 * transaction.
 */
final class EndNotices {

    static final String EVENT = "jawort.subject.ended.v1";

    private final Tenants tenants;
    private final Outbox outbox;

    EndNotices(Tenants tenants, Outbox outbox) {
        this.tenants = tenants;
        this.outbox = outbox;
    }

    /**
     * @param recipients who received something of the person
     * @param keeps what law keeps here
     */
    void tell(
            String tenant,
            UUID subject,
            Collection<String> recipients,
            List<RetainedItems.Kept> keeps,
            Instant now) {
        Map<String, Destination> known = tenants.get(tenant).destinations();
        List<Destination> receivers =
                recipients.stream()
                        .map(known::get)
                        .filter(Objects::nonNull)
                        .filter(one -> one.receives(EVENT, false))
                        .toList();
        if (receivers.isEmpty()) {
            return;
        }
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("reason", "RELATIONSHIP_ENDED");
        ErasurePropagation.name(keeps, detail.putArray("kept"));
        outbox.addDue(
                List.of(
                        new NewEvent(
                                tenant,
                                UuidCreator.getTimeOrderedEpoch(),
                                EVENT,
                                null,
                                subject,
                                null,
                                null,
                                false,
                                now,
                                detail.toString(),
                                null)),
                told -> receivers,
                now);
    }
}
