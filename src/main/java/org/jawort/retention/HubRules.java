package org.jawort.retention;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jawort.tenant.TenantFileInvalid;

/**
 * The rules the hub ships with.
 *
 * @param all every version of each
 * @param lines where each stands, by its label
 */
record HubRules(List<RetentionRule> all, Map<String, Integer> lines) {

    /**
     * An item that no rule is about would be stored for ever, and every run would stop at it.
     *
     * @param dataTypes of all that is stored
     * @throws TenantFileInvalid if there is one without a rule for each of its items, now or from a
     *     later version on (RET-1)
     */
    void requireComplete(Collection<String> dataTypes, Instant now) {
        List<Instant> changes =
                Stream.concat(
                                Stream.of(now),
                                all.stream()
                                        .map(RetentionRule::inForceFrom)
                                        .filter(later -> later.isAfter(now)))
                        .distinct()
                        .sorted()
                        .toList();
        for (String dataType : new TreeSet<>(dataTypes)) {
            for (Instant at : changes) {
                if (!coversAll(dataType, at)) {
                    throw lacking(dataType, at);
                }
            }
        }
    }

    private boolean coversAll(String dataType, Instant at) {
        return all.stream()
                .filter(rule -> rule.dataType().equals(dataType) && rule.criteria().isEmpty())
                .filter(rule -> !rule.inForceFrom().isAfter(at))
                .anyMatch(rule -> isNewest(rule, at));
    }

    private boolean isNewest(RetentionRule rule, Instant at) {
        return all.stream()
                .filter(other -> other.id().equals(rule.id()))
                .filter(other -> !other.inForceFrom().isAfter(at))
                .noneMatch(other -> other.version() > rule.version());
    }

    private TenantFileInvalid lacking(String dataType, Instant at) {
        int line =
                all.stream()
                        .filter(rule -> rule.dataType().equals(dataType))
                        .map(rule -> lines.getOrDefault(rule.label(), 0))
                        .max(Comparator.naturalOrder())
                        .orElse(1);
        return new TenantFileInvalid(
                RetentionRulesFile.FILE,
                line,
                "no retention rule for data type %s holds for each of its items at %s; add one without criteria that is valid by then (RET-1)"
                        .formatted(dataType, at));
    }
}
