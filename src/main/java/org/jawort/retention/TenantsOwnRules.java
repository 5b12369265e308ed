package org.jawort.retention;

import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jawort.retention.RetentionRules.Entry;
import org.jawort.retention.RetentionRules.Unclassified;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantRetention;
import org.jawort.tenant.TenantRule;

/** What a tenant's file makes of the hub's rules, and what it may not (RET-3, RET-5). */
final class TenantsOwnRules {

    /** Data types whose items have a channel, a purpose or a category to tell them apart by. */
    private static final Set<String> WITH_TRAITS =
            Set.of("conversation-text", "media", "commercial-letter", "voucher", "consent-proof");

    private final Tenant tenant;
    private final List<Entry> hubs;

    /**
     * @param hubs the hub's rules about what this tenant has
     */
    TenantsOwnRules(Tenant tenant, List<Entry> hubs) {
        this.tenant = tenant;
        this.hubs = hubs;
    }

    /**
     * @param ofHub the hub's rule for what a tenant's is about
     * @return the hub's with the tenant's
     * @throws org.jawort.tenant.TenantFileInvalid for the first that may not be
     */
    List<Entry> added(Function<TenantRule, RetentionRule> ofHub) {
        TenantRetention retention = tenant.retention();
        List<Entry> entries = new ArrayList<>(hubs);
        for (TenantRule wanted : retention.rules()) {
            Entry entry = entry(wanted, ofHub);
            for (Entry other : entries) {
                RetentionRule rule = other.rule();
                if (other.isTenants()
                        && (entry.rule().clashesWith(rule)
                                || entry.rule().label().equals(rule.label()))) {
                    throw retention
                            .place()
                            .invalid(
                                    wanted.at(),
                                    shown(wanted)
                                            + " and "
                                            + rule.label()
                                            + " hold for the same items; give one of them more"
                                            + " criteria, or another version");
                }
            }
            entries.add(entry);
        }
        return entries;
    }

    private Entry entry(TenantRule wanted, Function<TenantRule, RetentionRule> ofHub) {
        String dataType = wanted.dataType();
        if (hubs.stream().noneMatch(entry -> entry.rule().dataType().equals(dataType))) {
            throw refused(wanted, "is about a data type the hub does not have");
        }
        if (!wanted.criteria().isEmpty() && !WITH_TRAITS.contains(dataType)) {
            throw refused(wanted, "has criteria, and nothing tells items of it apart");
        }
        RetentionRule hub = ofHub.apply(wanted);
        RetentionRule rule = rule(wanted, hub);
        boolean isTaken =
                hubs.stream().anyMatch(entry -> entry.rule().label().equals(rule.label()));
        if (isTaken && wanted.id() != null) {
            throw refused(wanted, "is called " + rule.label() + ", as a rule of the hub is");
        }
        if (rule.period().isNegative()) {
            throw refused(wanted, "ends before it begins");
        }
        if (hub.isStatutory() && hub.isLongerThan(rule)) {
            throw refused(
                    wanted,
                    "is shorter than the " + hub.period() + " of " + hub.basis() + " (RET-5)");
        }
        boolean lengthens = rule.isLongerThan(hub);
        if (lengthens && wanted.basis() == null) {
            throw refused(
                    wanted,
                    "is longer than the hub's "
                            + hub.period()
                            + "; a tenant may only shorten it, or say its basis (RET-3)");
        }
        return new Entry(rule, true, lengthens, tenant.retention().place(), wanted.at());
    }

    private RetentionRule rule(TenantRule wanted, RetentionRule hub) {
        Map<String, String> criteria = new LinkedHashMap<>(wanted.criteria());
        criteria.put("tenant", tenant.id());
        boolean isOwn = wanted.id() != null;
        return new RetentionRule(
                isOwn ? wanted.id() : named(wanted, hub),
                isOwn ? wanted.version() : hub.version(),
                hub.dataType(),
                hub.startType(),
                hub.startEvent(),
                wanted.period(),
                hub.rounding(),
                hub.tz(),
                Map.copyOf(criteria),
                hub.action(),
                wanted.basis() == null ? hub.basis() : wanted.basis(),
                wanted.owner() == null ? tenant.id() : wanted.owner(),
                isOwn ? wanted.validFrom() : hub.validFrom());
    }

    /**
     * A rule without an id of its own is named by its period, e.g. {@code conversation-text-P30D},
     * so that with another period it is another rule in plans and evidence (RET-12, RET-13).
     */
    private static String named(TenantRule wanted, RetentionRule hub) {
        return wanted.period().equals(hub.period()) ? hub.id() : hub.id() + "-" + wanted.period();
    }

    /** The wait for a category, and what ends it (RET-7). */
    static Unclassified unclassified(Tenant tenant) {
        TenantRetention retention = tenant.retention();
        return new Unclassified(
                waitingFor(tenant.id(), retention.unknownAfter()), retention.unknownThen());
    }

    private static RetentionRule waitingFor(String tenant, Period after) {
        return new RetentionRule(
                "unclassified",
                1,
                "conversation-text",
                RetentionRule.StartType.S2,
                "conversation closed",
                after,
                RetentionRule.Rounding.EXACT,
                ZoneId.of("Europe/Berlin"),
                Map.of(),
                RetentionRule.Action.DELETE,
                "HGB §257, AO §147: somebody must see whether it is bound",
                tenant,
                LocalDate.EPOCH);
    }

    private RuntimeException refused(TenantRule wanted, String problem) {
        return tenant.retention()
                .place()
                .invalid(wanted.at(), shown(wanted) + " " + wanted.period() + " " + problem);
    }

    private static String shown(TenantRule rule) {
        return rule.at().substring(1).replace('/', '.');
    }
}
