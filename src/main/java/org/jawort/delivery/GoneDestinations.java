package org.jawort.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What asks a destination to delete something although no node knows it any more: nobody would ever
 * come for that, and a run of deletion would wait for its answer. It becomes a dead letter, which
 * can be replayed should the destination come back. Each node says every five minutes which ones it
 * knows. Registered as {@code goneDestinations}.
 */
public final class GoneDestinations {

    /**
     * So long nobody knew it: a destination leaves with a restart, of one node after the other; by
     * mistake perhaps (docs/decisions/0027).
     */
    private static final Duration PERIOD = Duration.ofHours(1);

    private static final Duration BEAT = Duration.ofMinutes(5);
    private static final int AT_ONCE = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(GoneDestinations.class);

    private static final String SAY =
            """
            insert into destination_state as s (tenant, destination, served_at)
            select ?, id, ?::timestamptz from unnest(?::text[]) as w(id) order by id
            on conflict (tenant, destination) do update set served_at = greatest(s.served_at, excluded.served_at)""";

    private static final String GONE =
            """
            select q.destination from destination_sequence q
             where q.tenant = ? and q.destination not like '%s%%' and q.destination <> all(?::text[])
               and not exists (select 1 from destination_state s
                                where s.tenant = q.tenant and s.destination = q.destination and s.served_at > ?::timestamptz)"""
                    .formatted(Destination.SEND);

    private static final String END =
            """
            update delivery d set state = 'dead', last_error = 'DESTINATION_GONE', next_attempt_at = null, finished_at = ?::timestamptz
              from (select d.tenant, d.destination, d.event_id from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id
                     where d.tenant = ? and d.destination = ? and d.state = '%1$s'
                       and e.type in ('jawort.message.deleted.v1', 'jawort.subject.erased.v1', 'jawort.subject.ended.v1') limit ?) o
             where d.tenant = o.tenant and d.destination = o.destination and d.event_id = o.event_id and d.state = '%1$s'""";

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Instant patientUntil;
    private volatile Instant again;

    GoneDestinations(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
        this.meters = meters;
        this.again = clock.instant();
        this.patientUntil = again.plus(PERIOD);
    }

    /** Once; nothing but every five minutes, and nothing is given up in the hour after a start. */
    public void run() {
        Instant now = clock.instant();
        if (now.isBefore(again)) {
            return;
        }
        again = now.plus(BEAT);
        for (Tenant tenant : tenants.all()) {
            scope.run(tenant.id(), () -> say(tenant, now));
            if (!now.isBefore(patientUntil)) {
                scope.call(tenant.id(), () -> gone(tenant, now))
                        .forEach(destination -> end(tenant.id(), destination, now));
            }
        }
    }

    private void say(Tenant tenant, Instant now) {
        Bulk.update(jdbc, SAY, Column.one(tenant.id()), Column.one(now), known(tenant));
    }

    private List<String> gone(Tenant tenant, Instant now) {
        return Bulk.query(
                jdbc,
                GONE,
                row -> row.getString(1),
                Column.one(tenant.id()),
                known(tenant),
                Column.one(now.minus(PERIOD)));
    }

    private static Column known(Tenant tenant) {
        return Column.of("text", tenant.destinations().keySet(), id -> id);
    }

    private void end(String tenant, String destination, Instant now) {
        for (String state : List.of("parked", "pending")) {
            int ended = AT_ONCE;
            while (ended == AT_ONCE) {
                ended =
                        scope.call(
                                tenant,
                                () ->
                                        Bulk.update(
                                                jdbc,
                                                END.formatted(state),
                                                Column.one(now),
                                                Column.one(tenant),
                                                Column.one(destination),
                                                Column.one(AT_ONCE)));
                if (ended > 0) {
                    meters.counter("jawort.deliveries.stranded", "tenant", tenant).increment(ended);
                    LOG.warn(
                            "deliveries.stranded tenant={} destination={} orders={}",
                            tenant,
                            destination,
                            ended);
                }
            }
        }
    }
}
