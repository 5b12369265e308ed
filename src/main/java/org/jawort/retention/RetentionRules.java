package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jawort.delivery.RuleLabels;
import org.jawort.retention.RetentionRule.Action;
import org.jawort.retention.RetentionRule.Rounding;
import org.jawort.retention.RetentionRule.StartType;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** The rule of each data type, per tenant: the hub's, or the tenant's shorter one. */
public final class RetentionRules implements RuleLabels {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /**
     * Where the rows of each table get their rule from (RET-1); a table without a data type stops
     * the hub from starting.
     */
    static final Map<String, String> DATA_TYPE_BY_TABLE =
            Map.ofEntries(
                    Map.entry("subject", "relationship"),
                    Map.entry("subject_key", "relationship"),
                    Map.entry("address", "relationship"),
                    Map.entry("conversation", "conversation-text"),
                    Map.entry("message", "conversation-text"),
                    Map.entry("media", "media"),
                    Map.entry("provider_event", "dedup-key"),
                    Map.entry("message_status", "delivery-metadata"),
                    Map.entry("consent_record", "consent-proof"),
                    Map.entry("consent_event", "consent-proof"),
                    Map.entry("consent_salt", "consent-proof"),
                    Map.entry("consent_terms", "consent-proof"),
                    Map.entry("consent_chain", "consent-proof"),
                    Map.entry("ledger_anchor", "consent-proof"),
                    Map.entry("text_version", "consent-proof"),
                    Map.entry("notice_delivery", "notice-evidence"),
                    Map.entry("template_category", "template-category"),
                    Map.entry("suppression", "suppression-stub"),
                    Map.entry("suppression_stub", "suppression-stub"),
                    Map.entry("restricted_proof", "consent-proof"),
                    Map.entry("possible_withdrawal", "consent-proof"),
                    Map.entry("outbound", "delivery-metadata"),
                    Map.entry("send_decision", "delivery-metadata"),
                    Map.entry("send_count", "delivery-metadata"),
                    Map.entry("event", "delivery-metadata"),
                    Map.entry("delivery", "delivery-metadata"),
                    Map.entry("destination_sequence", "deletion-evidence"),
                    Map.entry("sealing_key", "transport-buffer"),
                    Map.entry("webhook_spool", "transport-buffer"),
                    Map.entry("quarantine", "delivery-metadata"),
                    Map.entry("idempotent_request", "transport-buffer"),
                    Map.entry("retention_run", "deletion-evidence"),
                    Map.entry("retention_plan", "deletion-evidence"),
                    Map.entry("deletion_journal", "deletion-evidence"),
                    Map.entry("deletion_anchor", "deletion-evidence"),
                    Map.entry("erasure_run", "deletion-evidence"),
                    Map.entry("erasure_task", "deletion-evidence"),
                    Map.entry("erasure_call", "deletion-evidence"),
                    Map.entry("retained_message", "commercial-letter"),
                    Map.entry("retained_evidence", "consent-proof"),
                    Map.entry("disclosure", "relationship"));

    /** Names of the periods in a tenant file. */
    private static final Map<String, String> TENANT_NAMES =
            Map.of(
                    "conversationText", "conversation-text",
                    "media", "media",
                    "deliveryMetadata", "delivery-metadata",
                    "transportBuffer", "transport-buffer");

    private final Map<String, Map<String, RetentionRule>> byTenant = new LinkedHashMap<>();

    /**
     * @throws IllegalArgumentException in one line, if a tenant keeps something longer than the hub
     *     allows
     */
    public RetentionRules(Tenants tenants) {
        Map<String, RetentionRule> hub = hubRules();
        for (Tenant tenant : tenants.all()) {
            byTenant.put(tenant.id(), forTenant(tenant, hub));
        }
    }

    /**
     * @throws IllegalArgumentException if the data type has no rule, so that it could not be stored
     */
    public RetentionRule rule(String tenant, String dataType) {
        return Optional.ofNullable(byTenant.getOrDefault(tenant, Map.of()).get(dataType))
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no retention rule for data type " + dataType));
    }

    @Override
    public String label(String tenant, String dataType) {
        return rule(tenant, dataType).label();
    }

    public Collection<RetentionRule> rules(String tenant) {
        return byTenant.get(tenant).values();
    }

    private static Map<String, RetentionRule> forTenant(
            Tenant tenant, Map<String, RetentionRule> hub) {
        Map<String, RetentionRule> rules = new LinkedHashMap<>(hub);
        tenant.retention()
                .forEach(
                        (name, period) -> {
                            String dataType = TENANT_NAMES.get(name);
                            RetentionRule rule = hub.get(dataType);
                            String written =
                                    "tenants/%s.yaml: retention.%s %s"
                                            .formatted(tenant.id(), name, period);
                            if (period.isNegative()) {
                                throw new IllegalArgumentException(
                                        written + " ends before it begins");
                            }
                            LocalDate anyDay = LocalDate.of(2000, 1, 1);
                            if (anyDay.plus(period).isAfter(anyDay.plus(rule.period()))) {
                                throw new IllegalArgumentException(
                                        written
                                                + " is longer than the hub's "
                                                + rule.period()
                                                + "; a tenant may only shorten it (RET-3)");
                            }
                            rules.put(dataType, shortened(rule, period, tenant.id()));
                        });
        return rules;
    }

    private static RetentionRule shortened(RetentionRule rule, Period period, String tenant) {
        return new RetentionRule(
                rule.id(),
                rule.version(),
                rule.dataType(),
                rule.startType(),
                rule.startEvent(),
                period,
                rule.rounding(),
                rule.tz(),
                Map.of("tenant", tenant),
                rule.action(),
                rule.basis(),
                tenant,
                rule.validFrom());
    }

    private static Map<String, RetentionRule> hubRules() {
        try (InputStream yaml = RetentionRules.class.getResourceAsStream("/retention-rules.yaml")) {
            Map<String, RetentionRule> rules = new LinkedHashMap<>();
            for (JsonNode json : new YAMLMapper().readTree(yaml).get("rules")) {
                RetentionRule rule =
                        new RetentionRule(
                                json.get("id").asText(),
                                json.get("version").asInt(),
                                json.get("dataType").asText(),
                                StartType.valueOf(json.get("startType").asText()),
                                json.get("startEvent").asText(),
                                Period.parse(json.get("period").asText()),
                                Rounding.valueOf(json.path("rounding").asText("EXACT")),
                                BERLIN,
                                Map.of(),
                                Action.valueOf(json.path("action").asText("DELETE")),
                                json.get("basis").asText(),
                                json.path("owner").asText("hub"),
                                LocalDate.parse(json.path("validFrom").asText("2026-01-01")));
                if (rules.put(rule.dataType(), rule) != null) {
                    throw new IllegalArgumentException(
                            "two retention rules for data type " + rule.dataType());
                }
            }
            return rules;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
