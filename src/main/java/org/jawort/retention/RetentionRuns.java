package org.jawort.retention;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.sending.ErasureCalls;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What the retention routes ask of Java: the counts and the record of each run. Registered as
 * {@code retentionRuns}. What the SQL of the routes takes is in {@link RunParameters}.
 */
public final class RetentionRuns {

    private static final String PLAN = RetentionTally.PLAN;
    private static final String PLANNED = "jawort.retention.planned";
    private static final String AHEAD = "jawort.retention.ahead";
    private static final String OVER = "jawort.retention.over";
    private static final String RECIPIENTS = "jawort.retention.recipients";
    private static final Logger LOG = LoggerFactory.getLogger(RetentionRuns.class);

    private final Tenants tenants;
    private final RetentionRules rules;
    private final Preservation preservation;
    private final TenantScope scope;
    private final InstantSource clock;
    private final long dailyCap;
    private final RunParameters parameters;
    private final RetentionPlans plans;
    private final RunRecords records;
    private final RetentionTally tally;
    private final RetentionBatches batches;
    private final Tombstones stones;
    private final TombstoneDirectory directory;
    private final RetentionAlerts alerts;
    private final ArchiveWaits waits;

    RetentionRuns(
            Tenants tenants,
            RetentionRules rules,
            Preservation preservation,
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            InstantSource clock,
            MeterRegistry meters,
            int batchSize,
            long dailyCap,
            Holds holds,
            RetentionBatches batches,
            Tombstones stones,
            TombstoneDirectory directory,
            ErasureCalls calls,
            RetentionAlerts alerts) {
        this.tenants = tenants;
        this.rules = rules;
        this.preservation = preservation;
        this.scope = scope;
        this.clock = clock;
        this.dailyCap = dailyCap;
        this.parameters = new RunParameters(rules, calls);
        this.plans = new RetentionPlans(jdbc, holds);
        this.records = new RunRecords(jdbc, keys);
        this.tally = new RetentionTally(rules, jdbc, records, stones, clock, meters, batchSize);
        this.batches = batches;
        this.stones = stones;
        this.directory = directory;
        this.alerts = alerts;
        this.waits = new ArchiveWaits(meters);
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    /**
     * Starts the run of the tenant whose id is the body.
     *
     * @param dryRun plan and count only
     * @param actor who had it run, unless the schedule did: {@code api:} and the id of the key
     * @param planHash the plan to execute, lower-case hex; without one the run executes what it
     *     finds
     */
    public void begin(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getBody(String.class);
        boolean dryRun = message.getHeader("dryRun", false, Boolean.class);
        String planHash = message.getHeader("planHash", String.class);
        String actor = message.getHeader("actor", String.class);
        Instant now = clock.instant();
        message.removeHeaders("*");
        if (actor != null) {
            exchange.setProperty(RetentionTally.ACTOR, actor);
        }
        exchange.setProperty(PLAN, planHash);
        // a nightly run counts as it goes: to look through all that is over before costs more than
        // to delete it
        exchange.setProperty(AHEAD, dryRun || planHash != null);
        message.setHeader("dryRun", dryRun);
        if (dryRun || planHash != null) {
            preservation.look(tenant, now);
        } else {
            preservation.prepare(tenant, now);
        }
        parameters.set(message, tenants.get(tenant), now);
        exchange.setProperty(RECIPIENTS, new TreeMap<String, Map<String, Object>>());
        tally.begin(exchange, UuidCreator.getTimeOrderedEpoch(), now);
        tally.watch(exchange, alerts.watch(tenant, Map.of()));
    }

    /** Sets what {@code retention-buffers-due} asks with, of the tenant whose id is the body. */
    public void look(Exchange exchange) {
        Message message = exchange.getMessage();
        Tenant tenant = tenants.get(message.getBody(String.class));
        message.removeHeaders("*");
        parameters.setOfBuffers(message, tenant, clock.instant());
    }

    /**
     * Takes the counts of the plan: rows with {@code data_type}, {@code store}, {@code due}, {@code
     * oldest}, {@code newest}, and {@code beside} for what goes with the items and is not counted.
     */
    public void planned(Exchange exchange) {
        PlannedCounts.add(RetentionTally.counts(exchange), rows(exchange));
    }

    /**
     * Takes who received what is over: rows with {@code data_type}, {@code recipient}, {@code due}.
     */
    public void recipients(Exchange exchange) {
        @SuppressWarnings("unchecked")
        Map<String, Map<String, Object>> recipients = exchange.getProperty(RECIPIENTS, Map.class);
        PlannedCounts.addRecipients(
                recipients, RetentionTally.counts(exchange).keySet(), rows(exchange));
    }

    /**
     * Takes what waits for archives: rows with {@code data_type}, {@code destination}, {@code
     * items}. If nothing does, nothing will: no later statement of the run looks.
     */
    public void waiting(Exchange exchange) {
        Message message = exchange.getMessage();
        if (rows(exchange).isEmpty()) {
            message.setHeader(ArchiveWaits.HEADER, ArchiveWaits.NONE);
        }
        waits.note(
                tenant(exchange),
                rows(exchange),
                RetentionTally.counts(exchange),
                message.getHeader("dryRun", Boolean.class));
    }

    /**
     * Keeps the plan under its hash, with what was counted if anything was, or checks that the plan
     * to execute is still what would be executed; tells if there is far more to delete than usual.
     *
     * @throws PlanChanged if it is not
     */
    public void decide(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getHeader("tenant", String.class);
        boolean dryRun = message.getHeader("dryRun", Boolean.class);
        String wanted = exchange.getProperty(PLAN, String.class);
        Instant now = clock.instant();
        scope.run(
                tenant,
                () -> {
                    ObjectNode document =
                            plans.document(
                                    tenant,
                                    inForce(tenant),
                                    rules.contentHash(tenant, now),
                                    RetentionTally.counts(exchange),
                                    exchange.getProperty(RECIPIENTS, Map.class),
                                    now);
                    if (wanted == null) {
                        UUID run = dryRun ? null : RetentionTally.run(exchange);
                        exchange.setProperty(
                                PLAN,
                                plans.keep(
                                        tenant,
                                        document,
                                        run,
                                        RetentionTally.actor(exchange),
                                        now));
                    } else {
                        plans.execute(tenant, wanted, RetentionTally.run(exchange), document);
                    }
                    exchange.setProperty(PLANNED, document);
                    if (!dryRun) {
                        tally.leave(exchange, dailyCap - plans.deletedToday(tenant, now));
                        RetentionAlerts.Watch watch = alerts.watch(tenant, plans.usual(tenant));
                        watch.see(document.get("counts"), now);
                        tally.watch(exchange, watch);
                        records.begin(
                                tenant,
                                RetentionTally.run(exchange),
                                inForce(tenant),
                                RetentionTally.json(RetentionTally.counts(exchange)),
                                RetentionTally.actor(exchange),
                                RetentionTally.started(exchange));
                    }
                });
    }

    /**
     * Writes down a run that has no plan and is under no cap: of buffers, which may not wait for
     * the next day.
     */
    public void record(Exchange exchange) {
        String tenant = tenant(exchange);
        scope.run(
                tenant,
                () ->
                        records.begin(
                                tenant,
                                RetentionTally.run(exchange),
                                inForce(tenant),
                                RetentionTally.json(RetentionTally.counts(exchange)),
                                RetentionTally.actor(exchange),
                                RetentionTally.started(exchange)));
    }

    /**
     * Opens a batch, in its transaction: until that ends nobody else gives the run up. While
     * something is replayed an archive may have to take again what it had taken, or never was
     * given. What other runs deleted meanwhile, on whichever node, is taken off the day's cap; none
     * goes on before this batch has ended.
     *
     * @throws IllegalStateException if somebody has; then the run does nothing more
     */
    public void enter(Exchange exchange) {
        scope.enter(tenant(exchange));
        if (RetentionTally.isCapped(exchange)) {
            plans.lockDay(tenant(exchange));
            tally.leave(exchange, dailyCap - plans.deletedToday(tenant(exchange), clock.instant()));
        }
        if (records.hold(tenant(exchange), RetentionTally.run(exchange))) {
            exchange.getMessage()
                    .setHeader(
                            ArchiveWaits.HEADER,
                            ArchiveWaits.archives(tenants.get(tenant(exchange))));
        }
    }

    /**
     * Opens the transaction of a statement that a run carries out once: it is planned for this
     * tenant and these times, however often the connection has carried it out for others.
     */
    public void enterOnce(Exchange exchange) {
        scope.enter(tenant(exchange));
        records.planAnew();
    }

    /**
     * Adds the rows of the body, which a batch deleted, to the count of a data type and to the
     * evidence, in the transaction of the batch. Rows name themselves by {@code id}, else by {@code
     * message_id}.
     */
    public void deleted(Exchange exchange, String dataType) {
        tally.deleted(exchange, dataType, rows(exchange), rows(exchange));
    }

    /**
     * Adds what went along with the rows of the body, in the same batch, to the count of its own
     * data type and to the evidence.
     *
     * @param dataType of what each row names in {@code events}, if it does
     */
    public void along(Exchange exchange, String dataType) {
        tally.along(exchange, dataType, rows(exchange));
    }

    /** Adds the rows of the body to the count of a data type whose items have no names. */
    public void gone(Exchange exchange, String dataType) {
        tally.gone(exchange, dataType, rows(exchange));
    }

    /**
     * Adds the rows of the body, which went beside the items of data types, to the evidence: {@code
     * data_type}, {@code store} and {@code ids}, and {@code channel} where that decides about the
     * rule; one row says {@code reached} and {@code more}.
     */
    public void beside(Exchange exchange) {
        tally.beside(exchange, rows(exchange));
    }

    /**
     * Takes the letters of the body, by {@code message_id}, out of ordinary access. The body is
     * then those that are not in it any more; the others are passed over from now on.
     */
    public void restrict(Exchange exchange) {
        LetterRestriction.Done done =
                batches.restrict(
                        tenant(exchange),
                        RetentionTally.run(exchange),
                        rows(exchange).stream().map(row -> (UUID) row.get("message_id")).toList(),
                        RetentionTally.started(exchange));
        tally.restricted(exchange, done, rows(exchange).size());
        exchange.setProperty(OVER, done.over());
        exchange.getMessage()
                .setBody(
                        rows(exchange).stream()
                                .filter(row -> done.isGone((UUID) row.get("message_id")))
                                .toList());
    }

    /** Makes the body those of the letters that nothing keeps any more, and which are deleted. */
    public void over(Exchange exchange) {
        exchange.getMessage().setBody(exchange.getProperty(OVER));
    }

    /** Makes the body what law kept long enough and is deleted now. */
    public void deleteRetained(Exchange exchange) {
        exchange.getMessage()
                .setBody(
                        batches.deleteRetained(
                                tenant(exchange),
                                RetentionTally.started(exchange),
                                exchange.getMessage().getHeader("limit", Integer.class)));
    }

    /** Takes from the journal what its period is over for. */
    public void cutJournal(Exchange exchange) {
        batches.cutJournal(
                tenant(exchange),
                RetentionTally.run(exchange),
                RetentionTally.plan(exchange),
                RetentionTally.actor(exchange),
                RetentionTally.started(exchange));
    }

    /** Makes the body the holds whose files are deleted now, by {@code id}. */
    public void forgetHolds(Exchange exchange) {
        List<UUID> holds =
                batches.forgetHolds(
                        tenant(exchange),
                        RetentionTally.started(exchange),
                        exchange.getMessage().getHeader("limit", Integer.class));
        exchange.getMessage().setBody(holds.stream().map(id -> Map.of("id", id)).toList());
    }

    /**
     * Forgets the people of the body, by {@code id} and {@code last_active_at}, unless they came
     * back or their key cannot be read, and counts them as {@link #deleted} does.
     */
    public void endRelationships(Exchange exchange) {
        Map<UUID, Instant> lastActive = new LinkedHashMap<>();
        rows(exchange)
                .forEach(
                        row ->
                                lastActive.put(
                                        (UUID) row.get("id"),
                                        ((Timestamp) row.get(RetentionTally.LAST_ACTIVE))
                                                .toInstant()));
        Instant started = RetentionTally.started(exchange);
        List<Map<?, ?>> ended = new ArrayList<>();
        for (UUID id : batches.endRelationships(tenant(exchange), lastActive, started)) {
            ended.add(Map.of("id", id, RetentionTally.LAST_ACTIVE, lastActive.get(id)));
        }
        tally.deleted(exchange, RetentionTally.TOLD, ended, rows(exchange));
    }

    /** Removes the people of the body, by {@code id}, of whom nothing else is left. */
    public void leave(Exchange exchange) {
        List<UUID> people = rows(exchange).stream().map(row -> (UUID) row.get("id")).toList();
        batches.leave(tenant(exchange), people);
        tally.uncounted(exchange, rows(exchange));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<?, ?>> rows(Exchange exchange) {
        return exchange.getMessage().getBody(List.class);
    }

    private static String tenant(Exchange exchange) {
        return exchange.getMessage().getHeader("tenant", String.class);
    }

    /** Writes the record of the run and makes it the body: tenant, run, rules, counts. */
    public void finish(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getHeader("tenant", String.class);
        boolean dryRun = message.getHeader("dryRun", Boolean.class);
        UUID run = RetentionTally.run(exchange);
        Instant started = RetentionTally.started(exchange);
        String inForce = inForce(tenant);
        Map<String, Map<String, Object>> counts = RetentionTally.counts(exchange);
        String written = RetentionTally.json(counts);
        String status =
                scope.call(
                        tenant,
                        () -> {
                            if (!dryRun) {
                                return records.finish(tenant, run, written, clock.instant());
                            }
                            records.dry(
                                    tenant,
                                    run,
                                    inForce,
                                    written,
                                    RetentionTally.actor(exchange),
                                    started,
                                    clock.instant());
                            return "COMPLETED";
                        });
        if (!dryRun && RetentionTally.deletedAny(exchange)) {
            // the record of the run was waited for, and with it all its batches
            stones.over(tenant, run, true, clock.instant());
        }
        if (!dryRun) {
            directory.used(tenant, clock.instant());
            stones.forget(tenant, clock.instant());
        }
        LOG.info(
                "retention.finished tenant={} run={} dryRun={} counts={}",
                tenant,
                run,
                dryRun,
                written);
        message.setBody(report(exchange, status, inForce));
    }

    private static Map<String, Object> report(Exchange exchange, String status, String inForce) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("run", RetentionTally.run(exchange).toString());
        report.put("dryRun", exchange.getMessage().getHeader("dryRun", Boolean.class));
        report.put("status", status);
        report.put("startedAt", RetentionTally.started(exchange).toString());
        report.put("rules", inForce);
        report.put("counts", RetentionTally.counts(exchange));
        report.put("plan", exchange.getProperty(PLAN, String.class));
        ObjectNode planned = exchange.getProperty(PLANNED, ObjectNode.class);
        if (planned != null) {
            report.put("recipients", planned.get("recipients"));
            report.put("held", planned.get("held"));
        }
        return report;
    }

    private String inForce(String tenant) {
        return String.join(", ", rules.rules(tenant).stream().map(RetentionRule::label).toList());
    }
}
