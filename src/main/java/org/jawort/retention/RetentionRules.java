package org.jawort.retention;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jawort.delivery.RulePeriods;
import org.jawort.message.Category;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantRetention;
import org.jawort.tenant.TenantRule;
import org.jawort.tenant.Tenants;

/**
 * The rule of each data type, per tenant: the hub's, or the tenant's own one. Of several about the
 * same data type the one with the most criteria holds for an item; of several versions the newest
 * valid one.
 */
public final class RetentionRules implements RulePeriods {

    /**
     * Where the rows of each table get their rule from (RET-1); a table without a data type stops
     * the hub from starting.
     */
    static final Map<String, String> DATA_TYPE_BY_TABLE =
            Map.ofEntries(
                    Map.entry("subject", "relationship"),
                    Map.entry("subject_key", "relationship"),
                    Map.entry("address", "relationship"),
                    Map.entry("last_activity", "relationship"),
                    Map.entry("tenant_key", "relationship"),
                    Map.entry("conversation", "conversation-text"),
                    Map.entry("message", "conversation-text"),
                    Map.entry("media", "media"),
                    Map.entry("media_file", "media"),
                    Map.entry("media_piece", "media"),
                    Map.entry("media_object", "deletion-evidence"),
                    Map.entry("provider_event", "dedup-key"),
                    Map.entry("message_status", "delivery-metadata"),
                    Map.entry("consent_record", "consent-proof"),
                    Map.entry("consent_event", "consent-proof"),
                    Map.entry("consent_salt", "consent-proof"),
                    Map.entry("consent_terms", "consent-proof"),
                    Map.entry("consent_chain", "consent-proof"),
                    Map.entry("ledger_anchor", "consent-proof"),
                    Map.entry("text_version", "consent-proof"),
                    Map.entry("purpose_basis", "consent-proof"),
                    Map.entry("notice_delivery", "notice-evidence"),
                    Map.entry("template_category", "template-category"),
                    Map.entry("suppression", "suppression-stub"),
                    Map.entry("suppression_stub", "suppression-stub"),
                    Map.entry("tenant_act", "relationship"),
                    Map.entry("restricted_proof", "consent-proof"),
                    Map.entry("possible_withdrawal", "consent-proof"),
                    Map.entry("outbound", "delivery-metadata"),
                    Map.entry("send_decision", "delivery-metadata"),
                    Map.entry("send_count", "delivery-metadata"),
                    Map.entry("event", "delivery-metadata"),
                    Map.entry("delivery", "delivery-metadata"),
                    Map.entry("delivery_attempt", "delivery-metadata"),
                    Map.entry("replay", "delivery-metadata"),
                    Map.entry("destination_sequence", "deletion-evidence"),
                    Map.entry("destination_state", "deletion-evidence"),
                    Map.entry("destination_change", "deletion-evidence"),
                    Map.entry("sealing_key", "transport-buffer"),
                    Map.entry("webhook_spool", "transport-buffer"),
                    Map.entry("quarantine", "delivery-metadata"),
                    Map.entry("idempotent_request", "transport-buffer"),
                    Map.entry("rights_request", "request-file"),
                    Map.entry("rights_request_step", "request-file"),
                    Map.entry("rights_download", "request-file"),
                    Map.entry("rights_package", "request-file"),
                    Map.entry("message_annotation", "conversation-text"),
                    Map.entry("label", "conversation-text"),
                    Map.entry("archive_procedure", "archive-procedure"),
                    Map.entry("category_change", "delivery-metadata"),
                    Map.entry("legal_hold", "hold-file"),
                    Map.entry("held_message", "hold-file"),
                    Map.entry("retention_run", "deletion-evidence"),
                    Map.entry("retention_plan", "deletion-evidence"),
                    Map.entry("deletion_journal", "deletion-evidence"),
                    Map.entry("deletion_anchor", "deletion-evidence"),
                    Map.entry("erasure_run", "deletion-evidence"),
                    Map.entry("erasure_task", "deletion-evidence"),
                    Map.entry("erasure_call", "deletion-evidence"),
                    Map.entry("deletion_task", "deletion-evidence"),
                    Map.entry("provider_deletion", "transport-buffer"),
                    Map.entry("retained_message", "commercial-letter"),
                    Map.entry("retained_party", "commercial-letter"),
                    Map.entry("key_change", "deletion-evidence"),
                    Map.entry("processor_request", "deletion-evidence"),
                    Map.entry("retained_evidence", "consent-proof"),
                    Map.entry("disclosure", "relationship"),
                    Map.entry("provider_remainder", "relationship"));

    /** Data types whose items have a channel, a purpose or a category to tell them apart by. */
    private static final Set<String> WITH_TRAITS =
            Set.of("conversation-text", "media", "commercial-letter", "voucher", "consent-proof");

    /** When every version written today has come into force. */
    private static final Instant LAST_VERSIONS = Instant.parse("2999-01-01T00:00:00Z");

    private record Entry(RetentionRule rule, boolean isTenants, boolean lengthens) {}

    /** What is in force from an instant on, until another version comes into force. */
    private record InForce(Instant since, Instant until, List<Entry> entries) {

        static InForce of(List<Entry> all, Instant now) {
            Instant until = Instant.MAX;
            Map<String, Entry> newest = new LinkedHashMap<>();
            for (Entry entry : all) {
                Instant start =
                        entry.rule().validFrom().atStartOfDay(entry.rule().tz()).toInstant();
                if (start.isAfter(now)) {
                    until = start.isBefore(until) ? start : until;
                } else {
                    newest.merge(
                            entry.isTenants() + "/" + entry.rule().id(),
                            entry,
                            (one, other) ->
                                    one.rule().version() < other.rule().version() ? other : one);
                }
            }
            return new InForce(now, until, List.copyOf(newest.values()));
        }
    }

    /**
     * What becomes of a message nobody classified (RET-7).
     *
     * @param waiting how long after the end of its conversation somebody may still do so
     */
    record Unclassified(RetentionRule waiting, Category then) {}

    private final Map<String, List<Entry>> byTenant = new LinkedHashMap<>();
    private final Map<String, Unclassified> unclassified = new LinkedHashMap<>();
    private final Map<String, InForce> inForce = new ConcurrentHashMap<>();
    private final InstantSource clock;

    /**
     * @throws org.jawort.tenant.TenantFileInvalid in one line, if a tenant keeps something longer
     *     than the hub allows without a basis, or shorter than the law does
     */
    public RetentionRules(Tenants tenants, InstantSource clock) {
        this(tenants, RetentionRulesFile.load(), clock);
    }

    RetentionRules(Tenants tenants, List<RetentionRule> hub, InstantSource clock) {
        this.clock = clock;
        for (String dataType : Set.copyOf(DATA_TYPE_BY_TABLE.values())) {
            if (hub.stream().noneMatch(rule -> rule.dataType().equals(dataType))) {
                throw new IllegalArgumentException(
                        "no retention rule for data type " + dataType + " (RET-1)");
            }
        }
        for (Tenant tenant : tenants.all()) {
            byTenant.put(tenant.id(), forTenant(tenant, hub));
            inForce.remove(tenant.id()); // the hub's alone, by which the tenant's were judged
            TenantRetention retention = tenant.retention();
            unclassified.put(
                    tenant.id(),
                    new Unclassified(
                            waitingFor(tenant.id(), retention.unknownAfter()),
                            retention.unknownThen()));
        }
    }

    /**
     * The rule now in force for an item of which nothing more is known.
     *
     * @throws IllegalArgumentException if the data type has no rule, so that it could not be stored
     */
    public RetentionRule rule(String tenant, String dataType) {
        return rule(tenant, dataType, Map.of(), clock.instant());
    }

    /**
     * The rule that decides when an item is over, but for what the law asks to keep.
     *
     * @param traits channel, purpose and category, as far as known
     */
    RetentionRule rule(String tenant, String dataType, Map<String, String> traits, Instant now) {
        List<Entry> about =
                inForce(tenant, now)
                        .filter(entry -> entry.rule().dataType().equals(dataType))
                        .filter(entry -> entry.rule().isAbout(traits))
                        .sorted(Comparator.comparingInt(entry -> -entry.rule().criteria().size()))
                        .toList();
        Optional<Entry> own = about.stream().filter(Entry::isTenants).findFirst();
        Optional<RetentionRule> hub =
                about.stream().filter(entry -> !entry.isTenants()).findFirst().map(Entry::rule);
        if (own.isEmpty()) {
            return hub.orElseThrow(
                    () ->
                            new IllegalArgumentException(
                                    "no retention rule for data type " + dataType));
        }
        RetentionRule rule = own.get().rule();
        // The earliest deletion wins, unless a basis is on record for the longer period.
        return !own.get().lengthens() && hub.isPresent() && rule.isLongerThan(hub.get())
                ? hub.get()
                : rule;
    }

    /** Every rule by which the law asks to keep an item of this data type. */
    List<RetentionRule> statutory(
            String tenant, String dataType, Map<String, String> traits, Instant now) {
        return inForce(tenant, now)
                .map(Entry::rule)
                .filter(rule -> rule.isStatutory() && rule.dataType().equals(dataType))
                .filter(rule -> rule.isAbout(traits))
                .toList();
    }

    Unclassified unclassified(String tenant) {
        return unclassified.get(tenant);
    }

    @Override
    public String label(String tenant, String dataType) {
        return rule(tenant, dataType).label();
    }

    @Override
    public String label(
            String tenant, String dataType, String channel, String purpose, String category) {
        return binding(tenant, dataType, channel, purpose, category).label();
    }

    @Override
    public Instant until(
            String tenant,
            String dataType,
            String channel,
            String purpose,
            String category,
            Instant start) {
        return binding(tenant, dataType, channel, purpose, category).dueAt(start);
    }

    /** What the law asks for, else the rule that decides. */
    private RetentionRule binding(
            String tenant, String dataType, String channel, String purpose, String category) {
        Map<String, String> traits = new HashMap<>();
        traits.put("channel", channel);
        traits.put("purpose", purpose);
        traits.put("category", category);
        Instant now = clock.instant();
        Category known = category == null ? Category.NONE : Category.valueOf(category);
        return statutory(tenant, boundAs(known, dataType), traits, now).stream()
                .max(RetentionRule.BY_LENGTH)
                .orElseGet(() -> rule(tenant, dataType, traits, now));
    }

    /**
     * The label of the rule by which a run deleted an item.
     *
     * @param row of the item: its {@code rule} if that was settled before, else {@code channel},
     *     {@code purpose} and {@code category}, as far as it has them
     */
    String deciding(String tenant, String dataType, Map<?, ?> row) {
        if (row.get("rule") instanceof String settled) {
            return settled;
        }
        Map<String, String> traits = new HashMap<>();
        for (String trait : List.of("channel", "purpose", "category")) {
            traits.put(trait, (String) row.get(trait));
        }
        if (Category.UNKNOWN.name().equals(traits.get("category"))) {
            traits.put("category", unclassified(tenant).then().name()); // it has waited
        }
        return rule(tenant, dataType(row, dataType), traits, clock.instant()).label();
    }

    /** The same for the many rows of a batch, most of which are alike. */
    Function<Map<?, ?>, String> deciding(String tenant, String dataType) {
        Map<List<Object>, String> known = new HashMap<>();
        return row ->
                known.computeIfAbsent(
                        Stream.of("rule", "channel", "purpose", "category", "data_type")
                                .<Object>map(row::get)
                                .toList(),
                        alike -> deciding(tenant, dataType, row));
    }

    /** The data type a deleted row says it is of, else that of its batch. */
    static String dataType(Map<?, ?> row, String dataType) {
        return row.get("data_type") instanceof String its ? its : dataType;
    }

    /** The data type whose statutory rules are about items of a category. */
    static String boundAs(Category category, String dataType) {
        return category == Category.COMMERCIAL_LETTER
                ? "commercial-letter"
                : category == Category.VOUCHER ? "voucher" : dataType;
    }

    /**
     * Holds the files of tenants against the hub's rules as they will be at last.
     *
     * @throws org.jawort.tenant.TenantFileInvalid for the first rule that may not be
     */
    public static void check(Tenants tenants) {
        new RetentionRules(tenants, () -> LAST_VERSIONS);
    }

    /**
     * The rule an item was marked with, whether or not it is in force now.
     *
     * @param label as {@link RetentionRule#label} gives it
     */
    Optional<RetentionRule> find(String tenant, String label) {
        return byTenant.getOrDefault(tenant, List.of()).stream()
                .map(Entry::rule)
                .filter(rule -> rule.label().equals(label))
                .findFirst();
    }

    /**
     * Whether an item was marked with a version of a rule that is not in force, or not any more.
     */
    boolean isOutdated(String tenant, String label, Instant now) {
        return !label.equals(Erasure.ARTICLE)
                && !label.equals(unclassified(tenant).waiting().label())
                && inForce(tenant, now).noneMatch(entry -> entry.rule().label().equals(label));
    }

    /** Those now in force, each data type's at least one. */
    public Collection<RetentionRule> rules(String tenant) {
        return inForce(tenant, clock.instant()).map(Entry::rule).toList();
    }

    /** Of each rule the newest version that is valid. */
    private Stream<Entry> inForce(String tenant, Instant now) {
        InForce known = inForce.get(tenant);
        if (known == null || now.isBefore(known.since()) || !now.isBefore(known.until())) {
            known = InForce.of(byTenant.getOrDefault(tenant, List.of()), now);
            inForce.put(tenant, known);
        }
        return known.entries().stream();
    }

    private List<Entry> forTenant(Tenant tenant, List<RetentionRule> hub) {
        TenantRetention retention = tenant.retention();
        List<Entry> entries = new ArrayList<>();
        for (RetentionRule rule : hub) {
            Map<String, String> of = rule.criteria();
            boolean isTheirs = of.getOrDefault("tenant", tenant.id()).equals(tenant.id());
            if (isTheirs && (!of.containsKey("sector") || retention.financial())) {
                entries.add(new Entry(rule, false, false));
            }
        }
        byTenant.put(tenant.id(), List.copyOf(entries));
        for (TenantRule wanted : retention.rules()) {
            Entry entry = entry(tenant, wanted);
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

    private Entry entry(Tenant tenant, TenantRule wanted) {
        String dataType = wanted.dataType();
        boolean isKnown =
                byTenant.get(tenant.id()).stream()
                        .anyMatch(entry -> entry.rule().dataType().equals(dataType));
        if (!isKnown) {
            throw refused(tenant, wanted, "is about a data type the hub does not have");
        }
        if (!wanted.criteria().isEmpty() && !WITH_TRAITS.contains(dataType)) {
            throw refused(tenant, wanted, "has criteria, and nothing tells items of it apart");
        }
        RetentionRule hub = rule(tenant.id(), dataType, wanted.criteria(), clock.instant());
        RetentionRule rule = tenants(tenant.id(), wanted, hub);
        boolean isTaken =
                byTenant.get(tenant.id()).stream()
                        .anyMatch(entry -> entry.rule().label().equals(rule.label()));
        if (isTaken && wanted.id() != null) {
            throw refused(
                    tenant, wanted, "is called " + rule.label() + ", as a rule of the hub is");
        }
        if (rule.period().isNegative()) {
            throw refused(tenant, wanted, "ends before it begins");
        }
        if (hub.isLongerThan(rule) && hub.isStatutory()) {
            throw refused(
                    tenant,
                    wanted,
                    "is shorter than the " + hub.period() + " of " + hub.basis() + " (RET-5)");
        }
        boolean lengthens = rule.isLongerThan(hub);
        if (lengthens && wanted.basis() == null) {
            throw refused(
                    tenant,
                    wanted,
                    "is longer than the hub's "
                            + hub.period()
                            + "; a tenant may only shorten it, or say its basis (RET-3)");
        }
        return new Entry(rule, true, lengthens);
    }

    private static RetentionRule tenants(String tenant, TenantRule wanted, RetentionRule hub) {
        Map<String, String> criteria = new LinkedHashMap<>(wanted.criteria());
        criteria.put("tenant", tenant);
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
                wanted.owner() == null ? tenant : wanted.owner(),
                isOwn ? wanted.validFrom() : hub.validFrom());
    }

    /**
     * A rule without an id of its own is named by its period, e.g. {@code conversation-text-P30D},
     * so that with another period it is another rule in plans and evidence (RET-12, RET-13).
     */
    private static String named(TenantRule wanted, RetentionRule hub) {
        return wanted.period().equals(hub.period()) ? hub.id() : hub.id() + "-" + wanted.period();
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

    private static RuntimeException refused(Tenant tenant, TenantRule wanted, String problem) {
        return tenant.retention()
                .place()
                .invalid(wanted.at(), shown(wanted) + " " + wanted.period() + " " + problem);
    }

    private static String shown(TenantRule rule) {
        return rule.at().substring(1).replace('/', '.');
    }
}
