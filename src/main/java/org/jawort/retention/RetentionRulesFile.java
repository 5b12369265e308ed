package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jawort.retention.RetentionRule.Action;
import org.jawort.retention.RetentionRule.Rounding;
import org.jawort.retention.RetentionRule.StartType;
import org.jawort.tenant.FileSchema;
import org.jawort.tenant.Periods;
import org.jawort.tenant.TenantFileInvalid;
import org.jawort.tenant.YamlDocument;

/** Reads {@code retention-rules.yaml} and holds it against its schema. */
final class RetentionRulesFile {

    static final String FILE = "retention-rules.yaml";
    private static final FileSchema SCHEMA = new FileSchema("/schema/retention-rules-v1.json");

    private RetentionRulesFile() {}

    /** Every version of every rule the hub ships with. */
    static HubRules load() {
        try (InputStream file = RetentionRulesFile.class.getResourceAsStream("/" + FILE)) {
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @throws TenantFileInvalid naming the line of a rule that breaks the schema, is there twice,
     *     or contradicts another
     */
    static HubRules parse(String yaml) {
        YamlDocument document = YamlDocument.parse(FILE, yaml, UnaryOperator.identity());
        SCHEMA.check(FILE, document);
        List<RetentionRule> rules = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (JsonNode json : document.json().get("rules")) {
            int line = document.line("/rules/" + rules.size());
            RetentionRule rule = rule(json, line);
            for (RetentionRule other : rules) {
                if (rule.label().equals(other.label())) {
                    throw new TenantFileInvalid(FILE, line, rule.label() + " is there twice");
                }
                if (rule.clashesWith(other)) {
                    throw new TenantFileInvalid(
                            FILE,
                            line,
                            "%s and %s hold for the same items; give one of them more criteria"
                                    .formatted(rule.label(), other.label()));
                }
            }
            rules.add(rule);
            lines.put(rule.label(), line);
        }
        return new HubRules(List.copyOf(rules), Map.copyOf(lines));
    }

    private static RetentionRule rule(JsonNode json, int line) {
        Map<String, String> criteria = new HashMap<>();
        json.path("criteria")
                .properties()
                .forEach(entry -> criteria.put(entry.getKey(), entry.getValue().asText()));
        try {
            Period period = Period.parse(json.get("period").asText());
            if (Periods.isBeyondMeasure(period)) {
                throw new TenantFileInvalid(
                        FILE,
                        line,
                        "%s is longer than %d years".formatted(period, Periods.LONGEST_YEARS));
            }
            Action action = Action.valueOf(json.path("action").asText("DELETE"));
            String dataType = json.get("dataType").asText();
            if (action == Action.ARCHIVE_THEN_DELETE
                    && !ArchiveWaits.DATA_TYPES.contains(dataType)) {
                throw new TenantFileInvalid(
                        FILE,
                        line,
                        "archives are given %s, and no %s: they cannot be waited for (RET-11)"
                                .formatted(
                                        String.join(" and ", ArchiveWaits.DATA_TYPES), dataType));
            }
            return new RetentionRule(
                    json.get("id").asText(),
                    Integer.parseInt(json.get("version").asText()),
                    dataType,
                    StartType.valueOf(json.get("startType").asText()),
                    json.get("startEvent").asText(),
                    period,
                    Rounding.valueOf(json.path("rounding").asText("EXACT")),
                    ZoneId.of(json.path("tz").asText("Europe/Berlin")),
                    Map.copyOf(criteria),
                    action,
                    json.get("basis").asText(),
                    json.get("owner").asText(),
                    LocalDate.parse(json.get("validFrom").asText()));
        } catch (DateTimeException unreadable) {
            throw new TenantFileInvalid(FILE, line, unreadable.getMessage());
        }
    }
}
