package org.jawort.delivery;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Wakes parked deliveries whose time has come. A wake-up is leased for a minute: if the record or its consumer is lost on the way,
 * the delivery is woken again, and the attempt number in the record keeps the first one from counting twice. Registered as {@code
 * parkedDeliveries}.
 */
public final class ParkedDeliveries {

    private static final int AT_ONCE = 1000;
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final List<String> tenants;

    ParkedDeliveries(TenantScope scope, JdbcTemplate jdbc, InstantSource clock, Tenants tenants) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
        this.tenants = tenants.all().stream().map(Tenant::id).toList();
    }

    /** Makes the body the records of what is due, in the order of their lanes; an empty list if nothing is. */
    public void due(Exchange exchange) {
        List<DeliveryRecord> due = scope.call(
                tenants,
                () -> jdbc.query(
                        """
                        update delivery d set next_attempt_at = ?
                          from (select tenant, destination, event_id from delivery
                                 where state = 'parked' and next_attempt_at <= ?
                                 order by next_attempt_at, sequence limit ? for update skip locked) due
                         where d.tenant = due.tenant and d.destination = due.destination and d.event_id = due.event_id
                        returning d.tenant, d.destination, d.lane, d.event_id, d.attempts, d.sequence""",
                        (row, n) -> new Due(
                                new DeliveryRecord(
                                        row.getString("tenant"),
                                        row.getString("destination"),
                                        row.getObject("lane", UUID.class),
                                        row.getObject("event_id", UUID.class),
                                        row.getInt("attempts")),
                                row.getLong("sequence")),
                        Bulk.timestamp(clock.instant().plus(LEASE)),
                        Bulk.timestamp(clock.instant()),
                        AT_ONCE)
                        .stream()
                        .sorted(java.util.Comparator.comparingLong(Due::sequence))
                        .map(Due::record)
                        .toList());
        exchange.getMessage().setBody(due.stream().map(record -> record.message(exchange)).toList());
    }

    private record Due(DeliveryRecord record, long sequence) {}
}
