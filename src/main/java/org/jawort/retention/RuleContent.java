package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;

/** What a rule says, beyond its name. */
final class RuleContent {

    private RuleContent() {}

    /**
     * What decides which of a tenant's items go when: to change it takes another version. Whose
     * rule it is does not: a tenant may say what the hub says.
     */
    static ObjectNode deciding(RetentionRule rule) {
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.put("dataType", rule.dataType());
        content.put("startType", rule.startType().name());
        content.put("period", rule.period().toString());
        content.put("rounding", rule.rounding().name());
        content.put("tz", rule.tz().getId());
        ObjectNode criteria = content.putObject("criteria");
        new TreeMap<>(rule.criteria()).forEach(criteria::put);
        criteria.remove("tenant");
        content.put("action", rule.action().name());
        return content;
    }

    /** All of it. */
    static ObjectNode whole(RetentionRule rule) {
        ObjectNode content = deciding(rule);
        content.put("rule", rule.label());
        content.put("startEvent", rule.startEvent());
        content.put("basis", rule.basis());
        content.put("owner", rule.owner());
        content.put("validFrom", rule.validFrom().toString());
        return content;
    }
}
