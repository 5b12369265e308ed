package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.message.Category;
import org.jawort.tenant.CategoryRules.Rule;

/**
 * What a tenant decided about how long things are kept.
 *
 * @param financial bank, insurer or investment firm, whose vouchers are kept longer (RET-6)
 * @param unknownAfter how long after its conversation closed a message nobody classified waits for
 *     that; at most 90 days (RET-7)
 * @param unknownThen what it counts as afterwards
 * @param categories how messages are classified when they are stored
 * @param place where a rule stands, for whom something is wrong with it
 */
public record TenantRetention(
        boolean financial,
        List<TenantRule> rules,
        Period unknownAfter,
        Category unknownThen,
        CategoryRules categories,
        TextVersion.Place place) {

    private static final Period LONGEST_UNKNOWN = Period.ofDays(90);
    private static final LocalDate SINCE_EVER = LocalDate.of(2026, 1, 1);

    /** Names of data types in a tenant file. */
    private static final Map<String, String> NAMES =
            Map.of(
                    "conversationText", "conversation-text",
                    "media", "media",
                    "deliveryMetadata", "delivery-metadata",
                    "transportBuffer", "transport-buffer");

    /**
     * @param periods by name of a data type, as a tenant file says them
     */
    public static TenantRetention of(String tenant, Map<String, Period> periods) {
        List<TenantRule> rules = new ArrayList<>();
        periods.forEach((name, period) -> rules.add(rule(name, period, null, null)));
        return new TenantRetention(
                false,
                rules,
                LONGEST_UNKNOWN,
                Category.NONE,
                CategoryRules.NONE,
                new TextVersion.Place("tenants/" + tenant + ".yaml", Map.of()));
    }

    static TenantRetention parse(String file, YamlDocument document) {
        JsonNode json = document.json().path("retention");
        List<TenantRule> rules = new ArrayList<>();
        NAMES.keySet().stream()
                .filter(json::has)
                .sorted()
                .forEach(name -> rules.add(named(file, document, name, json.get(name))));
        for (int i = 0; i < json.path("rules").size(); i++) {
            rules.add(rule(file, document, "/retention/rules/" + i, json.path("rules").get(i)));
        }
        Map<String, Integer> lines = new HashMap<>();
        rules.forEach(rule -> lines.put(rule.at(), document.line(rule.at())));
        JsonNode unknown = json.path("unknown");
        return new TenantRetention(
                json.path("financial").asBoolean(false),
                List.copyOf(rules),
                unknownAfter(file, document, unknown),
                Category.valueOf(unknown.path("then").asText("NONE")),
                categories(file, document, json.path("categories")),
                new TextVersion.Place(file, lines));
    }

    private static Period unknownAfter(String file, YamlDocument document, JsonNode unknown) {
        if (!unknown.has("after")) {
            return LONGEST_UNKNOWN;
        }
        String at = "/retention/unknown/after";
        Period after = period(file, document, at, unknown.get("after"));
        if (after.isNegative() || Periods.isLonger(after, LONGEST_UNKNOWN)) {
            throw new TenantFileInvalid(
                    file,
                    document.line(at),
                    "what nobody classified waits for at most " + LONGEST_UNKNOWN + " (RET-7)");
        }
        return after;
    }

    private static TenantRule named(
            String file, YamlDocument document, String name, JsonNode value) {
        String at = "/retention/" + name;
        return value.isObject()
                ? rule(
                        name,
                        period(file, document, at + "/period", value.get("period")),
                        value.path("basis").asText(null),
                        value.path("owner").asText(null))
                : rule(name, period(file, document, at, value), null, null);
    }

    private static TenantRule rule(String name, Period period, String basis, String owner) {
        return new TenantRule(
                "/retention/" + name,
                null,
                0,
                NAMES.get(name),
                period,
                Map.of(),
                basis,
                owner,
                SINCE_EVER);
    }

    private static TenantRule rule(String file, YamlDocument document, String at, JsonNode json) {
        Map<String, String> criteria = new HashMap<>();
        json.path("criteria")
                .properties()
                .forEach(e -> criteria.put(e.getKey(), e.getValue().asText()));
        return new TenantRule(
                at,
                json.get("id").asText(),
                Integer.parseInt(json.get("version").asText()),
                json.get("dataType").asText(),
                period(file, document, at + "/period", json.get("period")),
                Map.copyOf(criteria),
                json.path("basis").asText(null),
                json.path("owner").asText(null),
                day(file, document, at + "/validFrom", json.get("validFrom")));
    }

    private static CategoryRules categories(String file, YamlDocument document, JsonNode list) {
        List<Rule> rules = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode json : list) {
            String id = json.get("id").asText();
            if (!ids.add(id)) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/retention/categories/" + rules.size()),
                        "category rule id '" + id + "' is used twice");
            }
            rules.add(
                    new Rule(
                            id,
                            Category.valueOf(json.get("category").asText()),
                            MessageCriteria.parse(json)));
        }
        return rules.isEmpty() ? CategoryRules.NONE : new CategoryRules(rules);
    }

    private static Period period(String file, YamlDocument document, String at, JsonNode value) {
        Period period;
        try {
            period = Period.parse(value.asText());
        } catch (DateTimeException notAPeriod) {
            throw new TenantFileInvalid(
                    file,
                    document.line(at),
                    "'" + value.asText() + "' is no ISO 8601 period such as P90D");
        }
        if (Periods.isBeyondMeasure(period)) {
            throw new TenantFileInvalid(
                    file,
                    document.line(at),
                    "'%s' is longer than %d years"
                            .formatted(value.asText(), Periods.LONGEST_YEARS));
        }
        return period;
    }

    private static LocalDate day(String file, YamlDocument document, String at, JsonNode value) {
        try {
            return LocalDate.parse(value.asText());
        } catch (DateTimeException noDay) {
            throw new TenantFileInvalid(
                    file,
                    document.line(at),
                    "'" + value.asText() + "' is no date such as 2026-12-01");
        }
    }
}
