package org.jawort.sending;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** Queues scheduled messages whose time has come. Registered as {@code scheduledSends}. */
public final class ScheduledSends {

    private static final int AT_ONCE = 1000;

    private final TenantScope scope;
    private final OutboundRows rows;
    private final Outgoing outgoing;
    private final Disclosures disclosures;
    private final InstantSource clock;
    private final List<String> tenants;

    ScheduledSends(
            TenantScope scope,
            OutboundRows rows,
            Outgoing outgoing,
            Disclosures disclosures,
            InstantSource clock,
            Tenants tenants) {
        this.scope = scope;
        this.rows = rows;
        this.outgoing = outgoing;
        this.disclosures = disclosures;
        this.clock = clock;
        this.tenants = tenants.all().stream().map(Tenant::id).toList();
    }

    /** Makes the body the records to publish; an empty list if nothing is due. */
    public void due(Exchange exchange) {
        exchange.getMessage().setBody(scope.call(tenants, () -> release(clock.instant())));
    }

    /** What must be told first is queued first. */
    private List<DeliveryRecord> release(Instant now) {
        List<Outbound> due = rows.release(tenants, AT_ONCE, now);
        List<DeliveryRecord> records = new ArrayList<>();
        for (Outbound row : due) {
            Disclosures.Plan plan =
                    disclosures.plan(
                            new Disclosures.Place(
                                    row.tenant(),
                                    row.subject(),
                                    row.address(),
                                    row.channel(),
                                    row.conversation()),
                            row.writer());
            if (plan.ahead() != null) {
                records.addAll(outgoing.enqueue(List.of(plan.ahead()), now));
            }
            disclosures.keep(row.tenant(), row.message(), plan);
        }
        records.addAll(
                rows.queue(
                        due.stream()
                                .map(row -> OutboundRows.toSend(row, row.account(), now))
                                .toList(),
                        now));
        return records;
    }
}
