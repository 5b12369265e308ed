package org.jawort.sending;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Queues scheduled messages whose time has come. Registered as {@code scheduledSends}. */
public final class ScheduledSends {

    private static final int AT_ONCE = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledSends.class);

    private final TenantScope scope;
    private final OneByOne oneByOne;
    private final StrandedSends stranded;
    private final SendingAccounts accounts;
    private final OutboundRows rows;
    private final Outgoing outgoing;
    private final Disclosures disclosures;
    private final InstantSource clock;
    private final List<String> tenants;
    private final MeterRegistry meters;

    ScheduledSends(
            TenantScope scope,
            StrandedSends stranded,
            SendingAccounts accounts,
            OutboundRows rows,
            Outgoing outgoing,
            Disclosures disclosures,
            InstantSource clock,
            Tenants tenants,
            MeterRegistry meters) {
        this.scope = scope;
        this.oneByOne = new OneByOne(scope, meters, "unreleased");
        this.stranded = stranded;
        this.accounts = accounts;
        this.rows = rows;
        this.outgoing = outgoing;
        this.disclosures = disclosures;
        this.clock = clock;
        this.tenants = tenants.all().stream().map(Tenant::id).toList();
        this.meters = meters;
    }

    /**
     * Makes the body the records to publish; an empty list if nothing is due. What goes wrong with
     * one tenant's messages keeps nobody else's waiting.
     */
    public void due(Exchange exchange) {
        List<DeliveryRecord> records = new ArrayList<>();
        if (stranded.isTimeToSay()) {
            for (String tenant : tenants) {
                apart(tenant, () -> stranded.sayWhatIsServed(tenant));
                apart(tenant, () -> stranded.endScheduled(tenant));
            }
        }
        for (String tenant : scope.call(tenants, () -> rows.due(tenants, clock.instant()))) {
            apart(tenant, () -> release(tenant, records));
        }
        if (stranded.isTimeToLook()) {
            tenants.forEach(tenant -> apart(tenant, () -> stranded.endQueued(tenant)));
        }
        exchange.getMessage().setBody(records);
    }

    private void apart(String tenant, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            meters.counter("jawort.sends.unreleased", "tenant", tenant).increment();
            LOG.error("sends.unreleased tenant={} error={}", tenant, failure.getClass().getName());
        }
    }

    /** All at once; where that fails one by one, so that the one it fails for is left behind. */
    private void release(String tenant, List<DeliveryRecord> records) {
        List<String> own = accounts.of(tenant);
        Instant now = clock.instant();
        try {
            records.addAll(
                    scope.call(tenant, () -> queued(rows.release(tenant, own, AT_ONCE, now), now)));
        } catch (RuntimeException oneOfThem) {
            oneByOne.with(
                    tenant,
                    () -> rows.scheduled(tenant, own, AT_ONCE, now),
                    message -> records.addAll(queued(rows.release(tenant, message, now), now)));
        }
    }

    /** What must be told first is queued first. */
    private List<DeliveryRecord> queued(List<Outbound> due, Instant now) {
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
                records.addAll(outgoing.enqueue(List.of(plan.ahead()), now).records());
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
