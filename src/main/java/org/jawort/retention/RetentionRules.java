package org.jawort.retention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jawort.consent.CanonicalJson;
import org.jawort.delivery.RulePeriods;
import org.jawort.message.Category;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantFileInvalid;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextVersion;

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
                    Map.entry("retention_rule", "deletion-evidence"),
                    Map.entry("tombstone_directory", "deletion-evidence"),
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

    /** Data types that some rows of a table are of. */
    private static final Set<String> WITHOUT_A_TABLE = Set.of("unanswered-prompt", "voucher");

    /** When every version written today has come into force. */
    private static final Instant LAST_VERSIONS = Instant.parse("2999-01-01T00:00:00Z");

    /**
     * @param lengthens longer than the hub's, with a basis on record
     * @param place of the file it stands in
     * @param at where there
     */
    record Entry(
            RetentionRule rule,
            boolean isTenants,
            boolean lengthens,
            TextVersion.Place place,
            String at) {

        TenantFileInvalid invalid(String problem) {
            return place.invalid(at, problem);
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

    RetentionRules(Tenants tenants, HubRules hub, InstantSource clock) {
        this.clock = clock;
        hub.requireComplete(dataTypes(), clock.instant());
        for (Tenant tenant : tenants.all()) {
            byTenant.put(tenant.id(), hubs(tenant, hub));
            byTenant.put(
                    tenant.id(),
                    new TenantsOwnRules(tenant, byTenant.get(tenant.id()))
                            .added(
                                    wanted ->
                                            rule(
                                                    tenant.id(),
                                                    wanted.dataType(),
                                                    wanted.criteria(),
                                                    clock.instant())));
            ArchiveWaits.require(tenant, byTenant.get(tenant.id()));
            inForce.remove(tenant.id()); // the hub's alone, by which the tenant's were judged
            unclassified.put(tenant.id(), TenantsOwnRules.unclassified(tenant));
        }
    }

    /** Of all that is stored, each must have a rule. */
    private static Set<String> dataTypes() {
        Set<String> all = new HashSet<>(DATA_TYPE_BY_TABLE.values());
        all.addAll(WITHOUT_A_TABLE);
        return all;
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
                .reduce((one, other) -> other.isLongerThan(one) ? other : one)
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

    /** Every version that is or was in force, the hub's first. */
    List<Entry> begun(String tenant, Instant now) {
        return byTenant.getOrDefault(tenant, List.of()).stream()
                .filter(entry -> !entry.rule().inForceFrom().isAfter(now))
                .toList();
    }

    /**
     * SHA-256 over the RFC 8785 form of all that now decides what is deleted when: every word of
     * the rules in force, and what becomes of what nobody classified.
     */
    byte[] contentHash(String tenant, Instant now) {
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        ArrayNode all = content.putArray("rules");
        inForce(tenant, now).forEach(entry -> all.add(RuleContent.whole(entry.rule())));
        content.set("waiting", RuleContent.whole(unclassified(tenant).waiting()));
        content.put("then", unclassified(tenant).then().name());
        return MerkleTree.sha256(CanonicalJson.bytes(content));
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

    /** Those of the hub that are about what a tenant has. */
    private static List<Entry> hubs(Tenant tenant, HubRules hub) {
        var place = new TextVersion.Place(RetentionRulesFile.FILE, hub.lines());
        List<Entry> entries = new ArrayList<>();
        for (RetentionRule rule : hub.all()) {
            Map<String, String> of = rule.criteria();
            boolean isTheirs = of.getOrDefault("tenant", tenant.id()).equals(tenant.id());
            if (isTheirs && (!of.containsKey("sector") || tenant.retention().financial())) {
                entries.add(new Entry(rule, false, false, place, rule.label()));
            }
        }
        return List.copyOf(entries);
    }
}
