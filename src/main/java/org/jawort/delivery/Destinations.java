package org.jawort.delivery;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How a tenant's destinations are, its accounts that send to people among them, and the hand that
 * stops them and lets them go on. Works in the caller's transaction.
 */
public final class Destinations {

    private static final int HISTORY = 50;

    /**
     * @param state {@code active}, {@code paused} or {@code disabled}
     * @param since {@code null}: from the start, as {@code reason} and {@code changedBy}
     * @param disablesAt when it is disabled if it goes on failing
     * @param breaker {@code null} for an account, whose breaker is each node's own; nor are its
     *     successes and failures written down here
     */
    public record View(
            String id,
            String route,
            String processor,
            String state,
            Instant since,
            String reason,
            String changedBy,
            Instant failingSince,
            Instant disablesAt,
            Instant lastSuccessAt,
            Instant lastFailureAt,
            Integer lastStatus,
            String lastError,
            Breaker breaker,
            Backlog backlog) {}

    /**
     * @param state {@code closed}; {@code open}: nothing is called; {@code half-open}: the next
     *     delivery tries, or is trying
     */
    public record Breaker(String state, Instant since, Instant nextProbeAt, int failedProbes) {}

    /**
     * What is parked; what is on its way for the first time is not counted.
     *
     * @param oldest when the event of the oldest was made
     */
    public record Backlog(long waiting, Instant oldest) {}

    /**
     * @param change {@code paused}, {@code resumed}, {@code disabled}, or {@code failing} with the
     *     per cent as reason
     */
    public record Change(Instant at, String change, String reason, String changedBy) {}

    private final Tenants tenants;
    private final ConditionRows rows;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    Destinations(Tenants tenants, ConditionRows rows, JdbcTemplate jdbc, InstantSource clock) {
        this.tenants = tenants;
        this.rows = rows;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** In the order of their ids. */
    public List<View> all(String tenant) {
        Map<String, Condition> conditions =
                rows.all().stream()
                        .collect(Collectors.toMap(Condition::destination, Function.identity()));
        Map<String, Backlog> backlogs = backlogs(tenant);
        return tenants.get(tenant)
                .queues()
                .sorted(Comparator.comparing(Destination::id))
                .map(
                        queue ->
                                view(
                                        queue,
                                        conditions.getOrDefault(
                                                queue.id(), Condition.well(tenant, queue.id())),
                                        backlogs.get(queue.id())))
                .toList();
    }

    /** Empty if the tenant has no such destination. */
    public Optional<View> find(String tenant, String id) {
        return destination(tenant, id)
                .map(
                        destination ->
                                view(destination, rows.find(tenant, id), backlogs(tenant).get(id)));
    }

    /** The last changes, newest first. */
    public List<Change> history(String tenant, String id) {
        return rows.history(tenant, id, HISTORY).stream()
                .map(
                        change ->
                                new Change(
                                        change.at(),
                                        change.change(),
                                        change.reason(),
                                        change.changedBy()))
                .toList();
    }

    /**
     * Nothing is sent to it any more, on any node within seconds; what comes for it waits.
     *
     * @param by id of the API key
     */
    public Optional<View> pause(String tenant, String id, String by) {
        return destination(tenant, id)
                .flatMap(
                        destination -> {
                            Instant now = clock.instant();
                            if (rows.pause(tenant, id, by, now)) {
                                rows.note(tenant, id, now, "paused", "REQUESTED", by);
                            }
                            return find(tenant, id);
                        });
    }

    /**
     * What waits is sent, in order; also to one that was disabled.
     *
     * @param by id of the API key
     */
    public Optional<View> resume(String tenant, String id, String by) {
        return destination(tenant, id)
                .flatMap(
                        destination -> {
                            Instant now = clock.instant();
                            if (rows.resume(tenant, id, by, now)) {
                                rows.note(tenant, id, now, "resumed", "REQUESTED", by);
                            }
                            return find(tenant, id);
                        });
    }

    private Optional<Destination> destination(String tenant, String id) {
        return tenants.get(tenant).queues().filter(queue -> queue.id().equals(id)).findFirst();
    }

    private Map<String, Backlog> backlogs(String tenant) {
        return Bulk.query(
                        jdbc,
                        "select destination, count(*), min(created_at) as oldest from delivery"
                                + " where tenant = ? and state = 'parked' group by destination",
                        row ->
                                Map.entry(
                                        row.getString(1),
                                        new Backlog(row.getLong(2), Bulk.instant(row, "oldest"))),
                        Column.one(tenant))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private View view(Destination destination, Condition condition, Backlog backlog) {
        Instant failing = condition.failingSince();
        return new View(
                destination.id(),
                destination.route(),
                destination.processor(),
                condition.state().name().toLowerCase(Locale.ROOT),
                condition.since(),
                condition.reason(),
                condition.changedBy(),
                failing,
                failing == null || condition.state() != Condition.State.ACTIVE
                        ? null
                        : failing.plus(destination.delivery().disableAfter()),
                condition.lastSuccessAt(),
                condition.lastFailureAt(),
                condition.lastStatus(),
                condition.lastError(),
                destination.isAccount() ? null : breaker(condition),
                backlog == null ? new Backlog(0, null) : backlog);
    }

    private Breaker breaker(Condition condition) {
        if (condition.probeAt() == null) {
            return new Breaker("closed", null, null, 0);
        }
        return new Breaker(
                condition.probeAt().isAfter(clock.instant()) ? "open" : "half-open",
                condition.openSince(),
                condition.probeAt(),
                condition.failedProbes());
    }
}
