package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
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
    private final JdbcTemplate jdbc;
    private final ObjectMapper json;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final int batchSize;

    public RetentionRuns(
            Tenants tenants,
            RetentionRules rules,
            Preservation preservation,
            TenantScope scope,
            JdbcTemplate jdbc,
            ObjectMapper json,
            InstantSource clock,
            MeterRegistry meters,
            int batchSize) {
        this.tenants = tenants;
        this.rules = rules;
        this.preservation = preservation;
        this.scope = scope;
        this.jdbc = jdbc;
        this.json = json;
        this.clock = clock;
        this.meters = meters;
        this.batchSize = batchSize;
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    /**
     * Starts the run of the tenant whose id is the body.
     *
     * @param dryRun plan and count only
     */
    public void begin(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getBody(String.class);
        boolean dryRun = message.getHeader("dryRun", false, Boolean.class);
        Instant now = clock.instant();
        message.removeHeaders("*");
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
        exchange.setProperty(COUNTS, new LinkedHashMap<String, Object>());
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

    /**
     * Takes the counts of the plan: rows with {@code data_type}, {@code due}, {@code oldest},
     * {@code newest}.
     */
    public void planned(Exchange exchange) {
        for (Object row : exchange.getMessage().getBody(List.class)) {
            Map<?, ?> counts = (Map<?, ?>) row;
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("due", counts.get("due"));
            entry.put("oldest", text(counts.get("oldest")));
            entry.put("newest", text(counts.get("newest")));
            entry.put("deleted", 0L);
            counts(exchange).put(String.valueOf(counts.get("data_type")), entry);
        }
    }

    /** Adds the rows of the body, which a batch deleted, to the count of a data type. */
    public void deleted(Exchange exchange, String dataType) {
        List<?> rows = exchange.getMessage().getBody(List.class);
        long gone =
                rows.size() == 1 && ((Map<?, ?>) rows.getFirst()).get("n") instanceof Number n
                        ? n.longValue()
                        : rows.size();
        @SuppressWarnings("unchecked")
        Map<String, Object> entry =
                (Map<String, Object>)
                        counts(exchange)
                                .computeIfAbsent(
                                        dataType,
                                        type -> new LinkedHashMap<>(Map.of("deleted", 0L)));
        entry.merge(
                "deleted",
                gone,
                (before, more) -> ((Number) before).longValue() + ((Number) more).longValue());
        exchange.setProperty("jawort.retention.last", gone);
        String tenant = exchange.getMessage().getHeader("tenant", String.class);
        meters.counter("jawort.retention.deleted", "tenant", tenant, "type", dataType)
                .increment(gone);
    }

    /** Writes the record of the run and makes it the body: tenant, run, rules, counts. */
    public void finish(Exchange exchange) {
        Message message = exchange.getMessage();
        String tenant = message.getHeader("tenant", String.class);
        boolean dryRun = message.getHeader("dryRun", Boolean.class);
        UUID run = exchange.getProperty(RUN, UUID.class);
        Instant started = exchange.getProperty(STARTED, Instant.class);
        String inForce =
                String.join(", ", rules.rules(tenant).stream().map(RetentionRule::label).toList());
        Map<String, Object> counts = counts(exchange);
        scope.run(
                tenant,
                () ->
                        jdbc.update(
                                "insert into retention_run (tenant, id, dry_run, rules, counts, started_at, finished_at)"
                                        + " values (?, ?, ?, ?, ?::jsonb, ?, ?)",
                                tenant,
                                run,
                                dryRun,
                                inForce,
                                write(counts),
                                started.atOffset(ZoneOffset.UTC),
                                clock.instant().atOffset(ZoneOffset.UTC)));
        LOG.info(
                "retention.finished tenant={} run={} dryRun={} counts={}",
                tenant,
                run,
                dryRun,
                write(counts));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("run", run.toString());
        report.put("dryRun", dryRun);
        report.put("startedAt", started.toString());
        report.put("rules", inForce);
        report.put("counts", counts);
        message.setBody(report);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> counts(Exchange exchange) {
        return exchange.getProperty(COUNTS, Map.class);
    }

    private static String text(Object time) {
        return time == null
                ? null
                : time instanceof java.sql.Timestamp at
                        ? at.toInstant().toString()
                        : time.toString();
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
