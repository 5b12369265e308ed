package org.jawort.delivery;

import com.github.f4b6a3.uuid.UuidCreator;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Rows of {@code destination_state}, shared by all nodes, and the history beside them. Works in the
 * caller's transaction.
 */
final class ConditionRows {

    /**
     * @param change {@code paused}, {@code resumed}, {@code disabled} or {@code failing}
     * @param reason as in {@link Condition}; of {@code failing} the per cent
     */
    record Change(Instant at, String change, String reason, String changedBy) {}

    private static final String COLUMNS =
            "tenant, destination, state, since, reason, changed_by, failing_since, warned, last_success_at,"
                    + " last_failure_at, last_status, last_error, open_since, probe_at, failed_probes, slow";

    private static final String WHERE = " where tenant = ? and destination = ?";

    private final JdbcTemplate jdbc;

    ConditionRows(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Of the tenants of the transaction; without those nothing was ever written down of. */
    List<Condition> all() {
        return Bulk.query(
                jdbc, "select " + COLUMNS + " from destination_state", ConditionRows::read);
    }

    Condition find(String tenant, String destination) {
        return Bulk.query(
                        jdbc,
                        "select " + COLUMNS + " from destination_state" + WHERE,
                        ConditionRows::read,
                        Column.one(tenant),
                        Column.one(destination))
                .stream()
                .findFirst()
                .orElseGet(() -> Condition.well(tenant, destination));
    }

    /**
     * Takes leave for the one delivery that tries whether the destination is well again, until it
     * ends or {@code lease} is over.
     *
     * @return whether nobody else was faster
     */
    boolean claimProbe(Condition open, Instant now, Duration lease) {
        return Bulk.update(
                        jdbc,
                        "update destination_state set probe_at = ?"
                                + WHERE
                                + " and state = 'active' and probe_at = ? and probe_at <= ?",
                        Column.one(now.plus(lease)),
                        Column.one(open.tenant()),
                        Column.one(open.destination()),
                        Column.one(open.probeAt()),
                        Column.one(now))
                == 1;
    }

    /** A probe that asked nothing: the next may. */
    void giveProbeBack(String tenant, String destination, Instant now) {
        update(tenant, destination, "probe_at = ?", " and probe_at is not null", Column.one(now));
    }

    /** Something was delivered. */
    void succeeded(String tenant, String destination, Instant now) {
        ensure(tenant, destination);
        update(
                tenant,
                destination,
                "last_success_at = ?, failing_since = null, warned = 0",
                "",
                Column.one(now));
    }

    /** It failed, for the first time after its last success at {@code from}. */
    void failed(
            String tenant,
            String destination,
            Instant from,
            Instant now,
            Integer status,
            String error) {
        ensure(tenant, destination);
        update(
                tenant,
                destination,
                "failing_since = coalesce(failing_since, ?), last_failure_at = ?, last_status = ?::int, last_error = ?",
                "",
                Column.one(from),
                Column.one(now),
                Column.one(status),
                Column.one(error));
    }

    /** Failing ended without a success: nobody tries any more. */
    boolean forget(Condition failing) {
        return update(
                failing.tenant(),
                failing.destination(),
                "failing_since = null, warned = 0",
                " and failing_since = ? and last_failure_at = ?",
                Column.one(failing.failingSince()),
                Column.one(failing.lastFailureAt()));
    }

    /**
     * @param failedProbes of this breaker so far
     */
    void open(String tenant, String destination, Instant now, Instant probeAt, int failedProbes) {
        ensure(tenant, destination);
        update(
                tenant,
                destination,
                "open_since = coalesce(open_since, ?), probe_at = greatest(?, case when ? > 0 then null else probe_at end), failed_probes = ?",
                "",
                Column.one(now),
                Column.one(probeAt),
                Column.one(failedProbes),
                Column.one(failedProbes));
    }

    void close(String tenant, String destination) {
        update(tenant, destination, "open_since = null, probe_at = null, failed_probes = 0", "");
    }

    void slow(String tenant, String destination, boolean slow) {
        ensure(tenant, destination);
        update(tenant, destination, "slow = ?", "", Column.one(slow));
    }

    /** Whether this transaction is the one that told of so many per cent. */
    boolean warn(Condition failing, int percent) {
        return update(
                failing.tenant(),
                failing.destination(),
                "warned = ?",
                " and state = 'active' and failing_since = ? and warned < ?",
                Column.one(percent),
                Column.one(failing.failingSince()),
                Column.one(percent));
    }

    /** Whether this transaction is the one that disabled it; nobody's pause is undone by it. */
    boolean disable(String tenant, String destination, Condition.Reason reason, Instant now) {
        ensure(tenant, destination);
        return update(
                tenant,
                destination,
                "state = 'disabled', since = ?, reason = ?, changed_by = null",
                " and state = 'active'",
                Column.one(now),
                Column.one(reason.name()));
    }

    /** Whether it was something else before. */
    boolean pause(String tenant, String destination, String by, Instant now) {
        ensure(tenant, destination);
        return update(
                tenant,
                destination,
                "state = 'paused', since = ?, reason = 'REQUESTED', changed_by = ?",
                " and state <> 'paused'",
                Column.one(now),
                Column.one(by));
    }

    /** Whether it was something else before; it begins anew, with nothing held against it. */
    boolean resume(String tenant, String destination, String by, Instant now) {
        return update(
                tenant,
                destination,
                "state = 'active', since = ?, reason = 'REQUESTED', changed_by = ?, failing_since = null, warned = 0,"
                        + " open_since = null, probe_at = null, failed_probes = 0",
                " and state <> 'active'",
                Column.one(now),
                Column.one(by));
    }

    void note(
            String tenant,
            String destination,
            Instant at,
            String change,
            String reason,
            String by) {
        Bulk.update(
                jdbc,
                "insert into destination_change (tenant, id, destination, at, change, reason, changed_by) values (?, ?, ?, ?, ?, ?, ?)",
                Column.one(tenant),
                Column.one(UuidCreator.getTimeOrderedEpoch()),
                Column.one(destination),
                Column.one(at),
                Column.one(change),
                Column.one(reason),
                Column.one(by));
    }

    /** Newest first. */
    List<Change> history(String tenant, String destination, int limit) {
        return Bulk.query(
                jdbc,
                "select at, change, reason, changed_by from destination_change"
                        + WHERE
                        + " order by at desc, id desc limit ?",
                row ->
                        new Change(
                                Bulk.instant(row, "at"),
                                row.getString("change"),
                                row.getString("reason"),
                                row.getString("changed_by")),
                Column.one(tenant),
                Column.one(destination),
                Column.one(limit));
    }

    private void ensure(String tenant, String destination) {
        Bulk.update(
                jdbc,
                "insert into destination_state (tenant, destination) values (?, ?) on conflict do nothing",
                Column.one(tenant),
                Column.one(destination));
    }

    /**
     * @param values of {@code set}, then of {@code condition}
     */
    private boolean update(
            String tenant, String destination, String set, String condition, Column... values) {
        int inSet = (int) set.chars().filter(c -> c == '?').count();
        Column[] columns = new Column[values.length + 2];
        System.arraycopy(values, 0, columns, 0, inSet);
        columns[inSet] = Column.one(tenant);
        columns[inSet + 1] = Column.one(destination);
        System.arraycopy(values, inSet, columns, inSet + 2, values.length - inSet);
        return Bulk.update(jdbc, "update destination_state set " + set + WHERE + condition, columns)
                == 1;
    }

    private static Condition read(ResultSet row) throws SQLException {
        return new Condition(
                row.getString("tenant"),
                row.getString("destination"),
                Condition.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                Bulk.instant(row, "since"),
                row.getString("reason"),
                row.getString("changed_by"),
                Bulk.instant(row, "failing_since"),
                row.getInt("warned"),
                Bulk.instant(row, "last_success_at"),
                Bulk.instant(row, "last_failure_at"),
                row.getObject("last_status", Integer.class),
                row.getString("last_error"),
                Bulk.instant(row, "open_since"),
                Bulk.instant(row, "probe_at"),
                row.getInt("failed_probes"),
                row.getBoolean("slow"));
    }
}
