package org.jawort.rights;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jawort.Failures;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Goes on with every request that can go on, and says when time runs out. Registered as {@code
 * requestRuns}. A request that fails is tried again later and keeps no other from its turn (DSR-3).
 */
public final class RequestRuns {

    private static final Logger LOG = LoggerFactory.getLogger(RequestRuns.class);

    /** Data type of what is kept of a request. */
    private static final String FILE = "request-file";

    private static final int AT_ONCE = 100;

    /** More than the steps there are; the next run goes on. */
    private static final int STEPS = 10;

    /** How long after its time a request keeps the proof that came for it. */
    private static final int PROOF_WEEKS = 4;

    private final RequestStore store;
    private final RequestWork work;
    private final RightsEvents events;
    private final Downloads downloads;
    private final Periods periods;
    private final DeletedFiles deleted;
    private final JdbcTemplate jdbc;
    private final Tenants tenants;
    private final TenantScope scope;
    private final InstantSource clock;
    private final MeterRegistry meters;

    RequestRuns(
            RequestStore store,
            RequestWork work,
            RightsEvents events,
            Downloads downloads,
            Periods periods,
            DeletedFiles deleted,
            JdbcTemplate jdbc,
            Tenants tenants,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        this.store = store;
        this.work = work;
        this.events = events;
        this.downloads = downloads;
        this.periods = periods;
        this.deleted = deleted;
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.scope = scope;
        this.clock = clock;
        this.meters = meters;
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    public void advance(String tenant) {
        List<UUID> ready = scope.call(tenant, () -> store.ready(tenant, clock.instant(), AT_ONCE));
        for (UUID id : ready) {
            try {
                int steps = 0;
                while (work.advance(tenant, id) && ++steps < STEPS) {
                    // one transaction after the other
                }
            } catch (RuntimeException failed) {
                failed(tenant, id, failed);
            }
        }
    }

    private void failed(String tenant, UUID id, RuntimeException failed) {
        String cause = Failures.describe(failed);
        LOG.warn("rights.request.failed tenant={} request={} cause={}", tenant, id, cause);
        meters.counter("jawort.rights.failed", "tenant", tenant).increment();
        scope.run(
                tenant,
                () -> {
                    int failures = store.find(tenant, id).map(RightsRequest::attempts).orElse(0);
                    Instant again = clock.instant().plus(RequestStore.waitAfter(failures));
                    store.failed(tenant, id, cause, again);
                });
    }

    /**
     * At half the time, at four fifths, once it is over, and each week from then on (DSR-1). A
     * proof of identity about which nobody decided in all that time is not kept for it (DSR-2).
     */
    public void remind(String tenant) {
        scope.run(
                tenant,
                () -> {
                    Instant now = clock.instant();
                    for (RightsRequest request : store.unanswered(tenant)) {
                        int over = share(request, now);
                        if (over > request.reminded()) {
                            store.reminded(request, over);
                            String cause = over >= 100 ? "overdue" : "reminder-" + over;
                            events.changed(request, request.state(), cause, now);
                            LOG.warn(
                                    "rights.request.{} tenant={} request={} due={}",
                                    cause,
                                    tenant,
                                    request.id(),
                                    request.dueOn());
                            meters.counter("jawort.rights.reminders", "tenant", tenant, "at", cause)
                                    .increment();
                        }
                        if (over >= 100 + PROOF_WEEKS && store.dropProof(request)) {
                            store.step(
                                    request,
                                    request.state(),
                                    RequestMoves.HUB,
                                    "PROOF_DROPPED",
                                    now);
                        }
                    }
                });
    }

    /** Percent of the time; a hundred and one for each week that it has been over. */
    private static int share(RightsRequest request, Instant now) {
        Instant end = DueDates.endOf(request.dueOn());
        if (!now.isBefore(end)) {
            return 100 + (int) Math.min(1000, Duration.between(end, now).toDays() / 7);
        }
        for (int percent : new int[] {80, 50}) {
            if (!now.isBefore(DueDates.share(request.receivedAt(), request.dueOn(), percent))) {
                return percent;
            }
        }
        return 0;
    }

    /** Packages nobody can open, notes on messages that are gone, files whose period is over. */
    public void expire(String tenant) {
        scope.run(
                tenant,
                () -> {
                    Instant now = clock.instant();
                    deleted.deleted(tenant, FILE, downloads.expire(tenant, now), now);
                    List<UUID> notes =
                            jdbc.queryForList(
                                    """
                                    delete from message_annotation a where a.tenant = ?
                                       and not exists (select 1 from message m where m.tenant = a.tenant and m.id = a.message_id)
                                    returning id""",
                                    UUID.class,
                                    tenant);
                    deleted.deleted(tenant, "conversation-text", notes, now);
                    List<UUID> over =
                            jdbc.queryForList(
                                    """
                                    select q.id from rights_request q
                                     where q.tenant = ? and q.state = 'CLOSED' and q.answered_at < ?
                                       and not exists (select 1 from restriction_in_force f where f.tenant = q.tenant and f.request_id = q.id)
                                     order by q.answered_at limit 500""",
                                    UUID.class,
                                    tenant,
                                    Bulk.timestamp(periods.cutoff(tenant, FILE, now)));
                    for (UUID id : over) {
                        for (String rows :
                                List.of(
                                        "rights_request_step where request_id",
                                        "rights_download where request_id",
                                        "rights_request where id")) {
                            jdbc.update("delete from " + rows + " = ? and tenant = ?", id, tenant);
                        }
                    }
                    deleted.deleted(tenant, FILE, over, now);
                });
    }
}
