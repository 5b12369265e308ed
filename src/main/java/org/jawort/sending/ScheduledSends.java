package org.jawort.sending;

import java.time.InstantSource;
import java.util.List;
import org.apache.camel.Exchange;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** Queues scheduled messages whose time has come. Registered as {@code scheduledSends}. */
public final class ScheduledSends {

    private static final int AT_ONCE = 1000;

    private final TenantScope scope;
    private final OutboundRows rows;
    private final InstantSource clock;
    private final List<String> tenants;

    ScheduledSends(TenantScope scope, OutboundRows rows, InstantSource clock, Tenants tenants) {
        this.scope = scope;
        this.rows = rows;
        this.clock = clock;
        this.tenants = tenants.all().stream().map(Tenant::id).toList();
    }

    /** Makes the body the records to publish; an empty list if nothing is due. */
    public void due(Exchange exchange) {
        exchange.getMessage()
                .setBody(
                        scope.call(tenants, () -> rows.release(tenants, AT_ONCE, clock.instant())));
    }
}
