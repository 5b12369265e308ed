package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What the retention routes ask of Java: the cutoffs by the rules in force, the counts, and the
 * record of each run. Registered as {@code retentionRuns}. Cutoffs travel as headers, which the SQL
 * in the routes takes as parameters.
 */
public final class RetentionRuns {

    static final String RUN = "jawort.retention.run";
    private static final String PLAN = "jawort.retention.plan";
    private static final String PLANNED = "jawort.retention.planned";
    private static final String LEFT = "jawort.retention.left";
    private static final String COUNTS = "jawort.retention.counts";
    private static final String STARTED = "jawort.retention.started";
    private static final Logger LOG = LoggerFactory.getLogger(RetentionRuns.class);

    /**
     * A conversation nobody wrote in for this long closes itself: no start event must not mean for
     * ever (RET-4).
     */
    private static final Period IDLE = Period.ofDays(30);

    private final Tenants tenants;
    private final RetentionRules rules;
    private final Preservation preservation;
    private final TenantScope scope;
    private final ObjectMapper json;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final int batchSize;
    private final long dailyCap;
    private final RetentionPlans plans;
    private final RunRecords records;
    private final RetainedItems retained;
    private final Tombstones stones;
    private final DeletionJournal journal;
    private final RetentionAlerts alerts;

    RetentionRuns(
            Tenants tenants,
            RetentionRules rules,
            Preservation preservation,
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ObjectMapper json,
            InstantSource clock,
            MeterRegistry meters,
            int batchSize,
            long dailyCap,
            PlannedHolds holds,
            RetainedItems retained,
            Tombstones stones,
            RetentionAlerts alerts) {
        this.tenants = tenants;
        this.rules = rules;
        this.preservation = preservation;
        this.scope = scope;
        this.json = json;
        this.clock = clock;
        this.meters = meters;
        this.batchSize = batchSize;
        this.dailyCap = dailyCap;
        this.plans = new RetentionPlans(jdbc, holds);
        this.records = new RunRecords(jdbc, keys);
        this.retained = retained;
        this.stones = stones;
        this.journal = new DeletionJournal(jdbc);
        this.alerts = alerts;
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    /**
     * Starts the run of the tenant whose id is the body.
     *
     * @param dryRun plan and count only
     * @param planHash the plan to execute, lower-case hex; without one the run executes what it
     *     finds
     */
    public void begin(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getBody(String.class);
        boolean dryRun = message.getHeader("dryRun", false, Boolean.class);
        String planHash = message.getHeader("planHash", String.class);
        Instant now = clock.instant();
        message.removeHeaders("*");
        exchange.setProperty(PLAN, planHash);
        message.setHeader("dryRun", dryRun);
        message.setHeader("tenant", tenant);
        message.setHeader("limit", batchSize);
        message.setHeader("now", now.atOffset(ZoneOffset.UTC));
        message.setHeader(
                "idleBefore",
                now.atZone(rules.rule(tenant, "conversation-text").tz())
                        .minus(IDLE)
                        .toOffsetDateTime());
        message.setHeader("idleDays", IDLE.getDays());
        preservation.prepare(tenant, now);
        cutoffs(message, tenant, "text", "conversation-text", now);
        cutoffs(message, tenant, "media", "media", now);
        cutoff(message, tenant, "metadataBefore", "delivery-metadata", now);
        cutoff(message, tenant, "bufferBefore", "transport-buffer", now);
        cutoff(message, tenant, "dedupBefore", "dedup-key", now);
        cutoff(message, tenant, "evidenceBefore", "deletion-evidence", now);
        exchange.setProperty(RUN, UuidCreator.getTimeOrderedEpoch());
        exchange.setProperty(STARTED, now);
        exchange.setProperty(COUNTS, new RunCounts());
    }

    private void cutoffs(
            Message message, String tenant, String name, String dataType, Instant now) {
        Cutoffs cutoffs = Cutoffs.of(rules, tenant, dataType, now);
        message.setHeader(name + "Before", cutoffs.latest().atOffset(ZoneOffset.UTC));
        message.setHeader(name + "Rules", cutoffs.exceptions());
    }

    private void cutoff(
            Message message, String tenant, String header, String dataType, Instant now) {
        message.setHeader(
                header, rules.rule(tenant, dataType).cutoff(now).atOffset(ZoneOffset.UTC));
    }

    /** Takes the counts of the plan, rows as {@link RunCounts#planned} wants them. */
    public void planned(Exchange exchange) {
        for (Object row : exchange.getMessage().getBody(List.class)) {
            counts(exchange).planned((Map<?, ?>) row);
        }
    }

    /** Takes who received what is over, rows as {@link RunCounts#received} wants them. */
    public void recipients(Exchange exchange) {
        for (Object row : exchange.getMessage().getBody(List.class)) {
            counts(exchange).received((Map<?, ?>) row);
        }
    }

    /**
     * Keeps what was counted as a plan under its hash, or checks that the plan to execute is still
     * what would be executed; tells if there is far more to delete than usual.
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
                                    counts(exchange).types(),
                                    counts(exchange).recipients(),
                                    now);
                    if (wanted == null) {
                        UUID run = dryRun ? null : exchange.getProperty(RUN, UUID.class);
                        exchange.setProperty(PLAN, plans.keep(tenant, document, run, now));
                    } else {
                        plans.execute(
                                tenant, wanted, exchange.getProperty(RUN, UUID.class), document);
                    }
                    exchange.setProperty(PLANNED, document);
                    if (!dryRun) {
                        leave(exchange, dailyCap - plans.deletedToday(tenant, now));
                        alerts.compare(tenant, plans.usual(tenant), document.get("counts"), now);
                        records.begin(
                                tenant,
                                exchange.getProperty(RUN, UUID.class),
                                inForce(tenant),
                                write(counts(exchange).types()),
                                exchange.getProperty(STARTED, Instant.class));
                    }
                });
    }

    /** No batch is larger than what is left of the day's cap. */
    private void leave(Exchange exchange, long left) {
        exchange.setProperty(LEFT, left);
        exchange.getMessage().setHeader("limit", (int) Math.clamp(left, 0, batchSize));
    }

    /** Makes the body what law kept long enough and is deleted now. */
    public void deleteRetained(Exchange exchange) {
        Message message = exchange.getMessage();
        message.setBody(
                retained
                        .deleteOver(
                                message.getHeader("tenant", String.class),
                                clock.instant(),
                                batchSize)
                        .stream()
                        .map(id -> Map.of("id", id))
                        .toList());
    }

    /**
     * Adds the rows of the body, which a batch deleted, to the count of a data type and to the
     * evidence, in the transaction of the batch. Rows name themselves by {@code id}, else by {@code
     * message_id}.
     */
    public void deleted(Exchange exchange, String dataType) {
        List<?> rows = exchange.getMessage().getBody(List.class);
        long gone = rows.size();
        counts(exchange).deleted(dataType, gone);
        String tenant = exchange.getMessage().getHeader("tenant", String.class);
        List<UUID> ids = rows.stream().map(RetentionRuns::id).toList();
        if (gone > 0) {
            records.progress(
                    tenant,
                    exchange.getProperty(RUN, UUID.class),
                    write(counts(exchange).types()),
                    clock.instant());
        }
        record(exchange, tenant, dataType, ids);
        stones.write(tenant, dataType, null, ids, clock.instant());
        long left = exchange.getProperty(LEFT, Long.MAX_VALUE, Long.class) - gone;
        leave(exchange, left);
        // The loop ends with a batch that is not full, and at the day's cap with any.
        exchange.setProperty("jawort.retention.last", left > 0 ? gone : -1L);
        if (left <= 0 && gone > 0) {
            meters.counter("jawort.retention.capped", "tenant", tenant).increment();
            LOG.warn("retention.capped tenant={} type={}", tenant, dataType);
        }
        meters.counter("jawort.retention.deleted", "tenant", tenant, "type", dataType)
                .increment(gone);
    }

    private static UUID id(Object row) {
        Map<?, ?> columns = (Map<?, ?>) row;
        Object id = columns.get("id");
        return (UUID) (id == null ? columns.get("message_id") : id);
    }

    private void record(Exchange exchange, String tenant, String dataType, List<UUID> ids) {
        String plan = exchange.getProperty(PLAN, String.class);
        journal.append(
                tenant,
                new DeletionJournal.Done(
                        exchange.getProperty(RUN, UUID.class),
                        "RETENTION",
                        "DELETED",
                        rules.label(tenant, dataType),
                        dataType,
                        ids,
                        plan == null ? null : HexFormat.of().parseHex(plan),
                        "hub",
                        exchange.getProperty(STARTED, Instant.class),
                        clock.instant()));
    }

    /** Writes the record of the run and makes it the body: tenant, run, rules, counts. */
    public void finish(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getHeader("tenant", String.class);
        boolean dryRun = message.getHeader("dryRun", Boolean.class);
        UUID run = exchange.getProperty(RUN, UUID.class);
        Instant started = exchange.getProperty(STARTED, Instant.class);
        String inForce = inForce(tenant);
        Map<String, Object> counts = counts(exchange).types();
        String status =
                scope.call(
                        tenant,
                        () -> {
                            if (!dryRun) {
                                return records.finish(tenant, run, write(counts), clock.instant());
                            }
                            records.dry(
                                    tenant, run, inForce, write(counts), started, clock.instant());
                            return "COMPLETED";
                        });
        stones.forget(tenant, clock.instant());
        LOG.info(
                "retention.finished tenant={} run={} dryRun={} counts={}",
                tenant,
                run,
                dryRun,
                write(counts));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("run", run.toString());
        report.put("dryRun", dryRun);
        report.put("status", status);
        report.put("startedAt", started.toString());
        report.put("rules", inForce);
        report.put("counts", counts);
        report.put("plan", exchange.getProperty(PLAN, String.class));
        ObjectNode planned = exchange.getProperty(PLANNED, ObjectNode.class);
        report.put("recipients", planned.get("recipients"));
        report.put("held", planned.get("held"));
        message.setBody(report);
    }

    private String inForce(String tenant) {
        return String.join(", ", rules.rules(tenant).stream().map(RetentionRule::label).toList());
    }

    private static RunCounts counts(Exchange exchange) {
        return exchange.getProperty(COUNTS, RunCounts.class);
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
