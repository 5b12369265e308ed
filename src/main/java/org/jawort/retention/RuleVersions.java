package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jawort.retention.RetentionRules.Entry;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Stops the start when a rule that was in force has become another one under its old name: evidence
 * and plans name rules by id and version, and what they kept or deleted would be explained by a
 * period that was not theirs (RET-2, RET-13).
 */
final class RuleVersions implements InitializingBean {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Tenants tenants;
    private final RetentionRules rules;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    RuleVersions(
            Tenants tenants,
            RetentionRules rules,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock) {
        this.tenants = tenants;
        this.rules = rules;
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @throws org.jawort.tenant.TenantFileInvalid naming the line of the first rule that was
     *     changed and kept its version
     */
    @Override
    public void afterPropertiesSet() {
        Instant now = clock.instant();
        for (Tenant tenant : tenants.all()) {
            scope.run(tenant.id(), () -> compare(tenant.id(), now));
        }
    }

    private void compare(String tenant, Instant now) {
        Map<String, JsonNode> known = known(tenant);
        for (Entry entry : rules.begun(tenant, now)) {
            String label = entry.rule().label();
            ObjectNode content = RuleContent.deciding(entry.rule());
            JsonNode before = known.get(label);
            if (before == null) {
                jdbc.update(
                        "insert into retention_rule (tenant, rule, content, first_used) values (?, ?, ?::jsonb, ?) on conflict do nothing",
                        tenant,
                        label,
                        content.toString(),
                        Bulk.timestamp(now));
            } else if (!before.equals(content)) {
                throw entry.invalid(
                        "%s has another %s than when it was first in force, and the same version; make it version %d, valid from the day on which it shall hold, or put back what it was (RET-2)"
                                .formatted(
                                        label,
                                        String.join(" and ", changed(before, content)),
                                        entry.rule().version() + 1));
            }
        }
    }

    private Map<String, JsonNode> known(String tenant) {
        Map<String, JsonNode> known = new HashMap<>();
        jdbc.query(
                "select rule, content from retention_rule where tenant = ?",
                row -> {
                    known.put(row.getString(1), read(row.getString(2)));
                },
                tenant);
        return known;
    }

    private static List<String> changed(JsonNode before, ObjectNode content) {
        TreeSet<String> fields = new TreeSet<>();
        content.fieldNames().forEachRemaining(fields::add);
        return fields.stream()
                .filter(field -> !content.get(field).equals(before.path(field)))
                .toList();
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException impossible) {
            throw new IllegalStateException("a rule in the store", impossible);
        }
    }
}
