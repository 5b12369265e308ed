package org.jawort.media;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Deletes in the object store what belongs to no file any more: nothing opens it since its file's
 * row went, this frees the place and makes sure. The row of an object stays and says when the store
 * was seen to have nothing of it; one that cannot be deleted is asked for again, and counted.
 * Registered as {@code mediaDisposal}.
 */
public final class MediaDisposal {

    private static final Logger LOG = LoggerFactory.getLogger(MediaDisposal.class);
    private static final int AT_ONCE = 200;
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private record Loose(String tenant, UUID id, int attempts) {}

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final PieceStore store;
    private final Tenants tenants;
    private final InstantSource clock;
    private final MeterRegistry meters;

    MediaDisposal(
            TenantScope scope,
            JdbcTemplate jdbc,
            PieceStore store,
            Tenants tenants,
            InstantSource clock,
            MeterRegistry meters) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.store = store;
        this.tenants = tenants;
        this.clock = clock;
        this.meters = meters;
    }

    /** Deletes what is due, until nothing is. */
    public void run() {
        for (Tenant tenant : tenants.all()) {
            List<Loose> loose = loose(tenant.id());
            while (!loose.isEmpty()) {
                loose.forEach(this::delete);
                loose = loose.size() < AT_ONCE ? List.of() : loose(tenant.id());
            }
        }
    }

    private List<Loose> loose(String tenant) {
        Instant now = clock.instant();
        return scope.call(
                tenant,
                () ->
                        Bulk.query(
                                jdbc,
                                """
                                select tenant, id, attempts from media_object
                                 where tenant = ? and file_id is null and gone_at is null
                                   and (retry_at is null or retry_at <= ?::timestamptz) order by retry_at nulls first limit ?""",
                                row ->
                                        new Loose(
                                                row.getString(1),
                                                row.getObject(2, UUID.class),
                                                row.getInt(3)),
                                Column.one(tenant),
                                Column.one(now),
                                Column.one(AT_ONCE)));
    }

    private void delete(Loose object) {
        boolean gone = false;
        try {
            gone = store.delete(object.tenant(), object.id());
        } catch (RuntimeException failure) {
            LOG.warn(
                    "media.not_deleted object={} attempt={} cause={}",
                    object.id(),
                    object.attempts() + 1,
                    failure.getClass().getSimpleName());
        }
        Instant now = clock.instant();
        Instant again = gone ? null : now.plus(wait(object.attempts()));
        Instant goneAt = gone ? now : null;
        scope.run(
                object.tenant(),
                () ->
                        Bulk.update(
                                jdbc,
                                "update media_object set attempts = attempts + 1, retry_at = ?::timestamptz, gone_at = ?::timestamptz"
                                        + " where tenant = ? and id = ?",
                                Column.one(again),
                                Column.one(goneAt),
                                Column.one(object.tenant()),
                                Column.one(object.id())));
        meters.counter(
                        "jawort.media.deletions",
                        "tenant",
                        object.tenant(),
                        "outcome",
                        gone ? "gone" : "again")
                .increment();
    }

    private static Duration wait(int attempts) {
        Duration wait = Duration.ofSeconds(10L << Math.min(attempts, 10));
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }
}
