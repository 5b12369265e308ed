package org.jawort.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Wakes parked deliveries whose time has come. A wake-up is leased for a minute: if the record or
 * its consumer is lost on the way, the delivery is woken again, and the attempt number in the
 * record keeps the first one from counting twice. Where more is due than is woken at once, every
 * destination has its share, so that the backlog of one that is down holds up nobody else. What is
 * stopped is not woken at all. What is pending for an hour is taken for lost on its way, and
 * parked. Registered as {@code parkedDeliveries}.
 */
public final class ParkedDeliveries {

    private static final int AT_ONCE = 1000;
    private static final Duration LEASE = Duration.ofMinutes(1);

    /** Of a destination that takes longer than a minute for what is on its way already. */
    private static final Duration LONG_LEASE = Duration.ofMinutes(10);

    /**
     * The longest due of each destination, in turns: none of one that is stopped or spared, one of
     * one that may be well again.
     */
    private static final String WAKE =
            """
            with share as materialized (
              select due.tenant, due.destination, due.event_id
                from unnest(?::text[], ?::text[]) as place(tenant, destination)
                left join destination_state s on s.tenant = place.tenant and s.destination = place.destination
               cross join lateral (
                       select d.tenant, d.destination, d.event_id,
                              row_number() over (order by d.next_attempt_at, d.sequence) as turn
                         from delivery d
                        where d.tenant = place.tenant and d.destination = place.destination and d.state = 'parked'
                          and d.next_attempt_at <= ?::timestamptz
                        order by d.next_attempt_at, d.sequence limit case when s.probe_at is null then ? else 1 end) due
               where s.state is null or s.state = 'active' and (s.probe_at is null or s.probe_at <= ?::timestamptz)
               order by due.turn limit ?),
            due as materialized (
              select d.tenant, d.destination, d.event_id
                from share join delivery d on d.tenant = share.tenant and d.destination = share.destination
                                          and d.event_id = share.event_id
               where case when d.state = 'parked' and d.next_attempt_at <= ?::timestamptz then true end for update of d skip locked)
            update delivery d set next_attempt_at = lease.until, leased_until = lease.until
              from due cross join lateral (
                     select case when exists (select 1 from destination_state s
                                               where s.tenant = due.tenant and s.destination = due.destination and s.slow)
                                 then ?::timestamptz else ?::timestamptz end as until) lease
             where d.tenant = due.tenant and d.destination = due.destination and d.event_id = due.event_id
            returning d.tenant, d.destination, d.lane, d.event_id, d.attempts, d.sequence""";

    /** How long a delivery may be on its topic before it is published again. */
    private static final Duration LOST_AFTER = Duration.ofHours(1);

    /** Longer than a batch, and the attempt it ends with, that may be at it on another node. */
    private static final Duration UNDER_WAY = Duration.ofMinutes(5);

    /**
     * Of a destination and a wake-up. Few, because a topic may also hold what is an hour old: then
     * its record comes first, and the one published here finds the delivery settled.
     */
    private static final int LOST_AT_ONCE = 100;

    /**
     * A database that was restored, or a Kafka that was made anew, leaves deliveries that no record
     * comes for. Parked, they keep their place in their lane.
     */
    private static final String PARK_LOST =
            """
            with lost as materialized (
              select d.tenant, d.destination, d.event_id
                from unnest(?::text[], ?::text[]) as place(tenant, destination)
               cross join lateral (
                       select d.tenant, d.destination, d.event_id from delivery d
                        where d.tenant = place.tenant and d.destination = place.destination and lower(d.state) = 'pending'
                          and d.created_at < ?::timestamptz
                        order by d.created_at limit ? for update skip locked) d)
            update delivery d set state = 'parked', next_attempt_at = ?::timestamptz
              from lost where d.tenant = lost.tenant and d.destination = lost.destination and d.event_id = lost.event_id
            returning d.tenant, d.destination""";

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final List<String> tenants;
    private final List<Place> places;

    private record Place(String tenant, String destination) {}

    ParkedDeliveries(
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters,
            Tenants tenants) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
        this.meters = meters;
        this.tenants = tenants.all().stream().map(Tenant::id).toList();
        this.places =
                tenants.all().stream()
                        .flatMap(Tenant::queues)
                        .map(queue -> new Place(queue.tenant(), queue.id()))
                        .toList();
    }

    /**
     * Makes the body the records of what is due, in the order of their lanes; an empty list if
     * nothing is.
     */
    public void due(Exchange exchange) {
        Instant now = clock.instant();
        parkLost(now);
        List<DeliveryRecord> due =
                scope
                        .call(
                                tenants,
                                () ->
                                        Bulk.query(
                                                jdbc,
                                                WAKE,
                                                ParkedDeliveries::read,
                                                Column.of("text", places, Place::tenant),
                                                Column.of("text", places, Place::destination),
                                                Column.one(now),
                                                Column.one(AT_ONCE),
                                                Column.one(now),
                                                Column.one(AT_ONCE),
                                                Column.one(now),
                                                Column.one(now.plus(LONG_LEASE)),
                                                Column.one(now.plus(LEASE))))
                        .stream()
                        .sorted(Comparator.comparingLong(Due::sequence))
                        .map(Due::record)
                        .toList();
        exchange.getMessage().setBody(due);
    }

    private void parkLost(Instant now) {
        List<Place> lost =
                scope.call(
                        tenants,
                        () ->
                                Bulk.query(
                                        jdbc,
                                        PARK_LOST,
                                        row -> new Place(row.getString(1), row.getString(2)),
                                        Column.of("text", places, Place::tenant),
                                        Column.of("text", places, Place::destination),
                                        Column.one(now.minus(LOST_AFTER)),
                                        Column.one(LOST_AT_ONCE),
                                        Column.one(now.plus(UNDER_WAY))));
        for (Place place : lost) {
            meters.counter(
                            "jawort.deliveries.republished",
                            "tenant",
                            place.tenant(),
                            "destination",
                            place.destination())
                    .increment();
        }
    }

    private static Due read(ResultSet row) throws SQLException {
        return new Due(
                new DeliveryRecord(
                        row.getString("tenant"),
                        row.getString("destination"),
                        row.getObject("lane", UUID.class),
                        row.getObject("event_id", UUID.class),
                        row.getInt("attempts")),
                row.getLong("sequence"));
    }

    private record Due(DeliveryRecord record, long sequence) {}
}
