package org.jawort.consent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Appends declarations to the chains of their tenants, a batch at a time. The end of each chain is
 * one row that stays locked until the caller's transaction ends, so an append belongs at the end of
 * a transaction, and before it takes the counters of deliveries as every transaction does.
 */
final class ConsentChain {

    private static final HexFormat HEX = HexFormat.of();
    private static final int SALT_BYTES = 32;

    private record Head(long index, String hash) {}

    private record Link(LedgerEntry entry, UUID subject, PersonalPart personal) {}

    private record Terms(String tenant, String sha256, ObjectNode json) {}

    private final JdbcTemplate jdbc;
    private final Circumstances circumstances;
    private final SecureRandom random = new SecureRandom();

    ConsentChain(JdbcTemplate jdbc, Circumstances circumstances) {
        this.jdbc = jdbc;
        this.circumstances = circumstances;
    }

    void append(List<Declaration> lines) {
        if (lines.isEmpty()) {
            return;
        }
        Map<UUID, byte[]> lookups = lookups(lines);
        Map<String, Head> heads = lockedHeads(lines);
        Map<String, Terms> terms = new LinkedHashMap<>();
        List<Link> links = new ArrayList<>();
        for (Declaration line : lines) {
            String tenant = line.person().tenant();
            Link link = link(line, heads.get(tenant), lookups.get(addressOf(line)), terms);
            heads.put(tenant, new Head(link.entry().index(), link.entry().hashHex()));
            links.add(link);
        }
        insertTerms(List.copyOf(terms.values()));
        insertEntries(links);
        insertPersonal(links);
        saveHeads(heads);
    }

    private Link link(Declaration line, Head head, byte[] lookup, Map<String, Terms> terms) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        PersonalPart personal = new PersonalPart(salt, lookup, line.cause().sealedEvidence());
        ObjectNode fields = facts(line);
        Terms around = terms(line);
        terms.putIfAbsent(around.tenant() + around.sha256(), around);
        fields.put("termsSha256", around.sha256());
        fields.put("chainIndex", head.index() + 1);
        fields.put("commitment", LedgerEntry.hex(personal.commitment()));
        fields.put("prevHash", head.hash());
        LedgerEntry unsigned = new LedgerEntry(fields, null);
        return new Link(
                new LedgerEntry(fields, unsigned.computedHash()),
                line.person().subject(),
                personal);
    }

    private ObjectNode facts(Declaration line) {
        String tenant = line.person().tenant();
        TextShown text = TextShown.of(line);
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        fields.put("tenant", tenant);
        fields.put("id", line.id().toString());
        fields.put("subjectId", line.person().subject().toString());
        fields.put("recordId", line.record().id().toString());
        fields.put("channel", line.record().channel().wireName());
        fields.put("purpose", line.record().purpose().name());
        fields.put("basis", line.record().basis().name());
        fields.put("event", name(line.event()));
        fields.put("transition", line.transition() == null ? null : line.transition().name());
        fields.put("outcome", line.outcome());
        fields.put("reason", line.reason());
        fields.put("previousState", line.previous().name());
        fields.put("state", line.after().state().name());
        fields.put("eventTime", LedgerEntry.time(line.event().time().provider()));
        fields.put("receivedTime", LedgerEntry.time(line.event().time().received()));
        fields.put("actor", line.cause().actor());
        fields.put("causeMessage", text(line.cause().message()));
        fields.put("addressId", text(addressOf(line)));
        fields.put("matchedRule", matchedRule(line.event()));
        fields.put("textVersion", text == null ? null : text.version());
        fields.put("language", text == null ? null : text.language());
        fields.put(
                "textSha256",
                text == null
                        ? null
                        : LedgerEntry.hex(
                                circumstances.textSha256(tenant, text.version(), text.language())));
        fields.put("noticeVersion", circumstances.noticeVersion(tenant));
        fields.put("validUntil", LedgerEntry.time(line.after().validUntil()));
        return fields;
    }

    private Terms terms(Declaration line) {
        String tenant = line.person().tenant();
        ObjectNode json =
                circumstances.terms(tenant, line.record().channel(), line.record().purpose());
        return new Terms(tenant, LedgerEntry.hex(CanonicalJson.sha256(json)), json);
    }

    /** That spoke; where none did, the one it is about. */
    private static UUID addressOf(Declaration line) {
        if (line.cause().address() != null) {
            return line.cause().address();
        }
        UUID said =
                switch (line.event()) {
                    case ConsentEvent.Captured captured -> captured.addressId();
                    case ConsentEvent.PromptOffered offered -> offered.addressId();
                    case ConsentEvent.Yes yes -> yes.addressId();
                    case ConsentEvent.No no -> no.addressId();
                    case ConsentEvent.AddressInvalid invalid -> invalid.addressId();
                    default -> null;
                };
        return said == null ? line.record().addressId() : said;
    }

    /** How a declaration came, was read or how far it goes; {@code null} where nothing was. */
    private static String matchedRule(ConsentEvent event) {
        return switch (event) {
            case ConsentEvent.Captured captured -> captured.origin().name();
            case ConsentEvent.Yes yes -> yes.byButton() ? "BUTTON" : "WORD";
            case ConsentEvent.No no -> "WORD_OR_BUTTON";
            case ConsentEvent.Stop stop ->
                    stop.route() == ConsentEvent.Stop.Route.CHAT
                            ? "STOP_WORD"
                            : stop.route().name();
            case ConsentEvent.ProviderOptOut out -> out.scope().name();
            case ConsentEvent.ProviderOptIn in -> in.scope().name();
            case ConsentEvent.TenantSuppressed ordered -> ordered.scope().name();
            case ConsentEvent.TenantReleased ordered -> ordered.scope().name();
            case ConsentEvent.TextChanged changed ->
                    changed.isMaterial() ? "MATERIAL" : "EDITORIAL";
            case ConsentEvent.Linked linked -> "SUBJECT " + linked.other();
            default -> null;
        };
    }

    /** PromptAccepted becomes PROMPT_ACCEPTED, as the transition table names events. */
    private static String name(ConsentEvent event) {
        return event.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toUpperCase(Locale.ROOT);
    }

    private static String text(UUID id) {
        return id == null ? null : id.toString();
    }

    private Map<UUID, byte[]> lookups(List<Declaration> lines) {
        List<Declaration> known = lines.stream().filter(line -> addressOf(line) != null).toList();
        Map<UUID, byte[]> lookups = new HashMap<>();
        if (!known.isEmpty()) {
            Bulk.query(
                    jdbc,
                    "select a.id, a.lookup from address a join unnest(?::text[], ?::uuid[]) as n(tenant, id)"
                            + " on a.tenant = n.tenant and a.id = n.id",
                    row -> lookups.put(row.getObject(1, UUID.class), row.getBytes(2)),
                    Column.of("text", known, line -> line.person().tenant()),
                    Column.of("uuid", known, ConsentChain::addressOf));
        }
        return lookups;
    }

    private Map<String, Head> lockedHeads(List<Declaration> lines) {
        // sorted, so that no two batches wait for each other
        TreeSet<String> tenants =
                lines.stream()
                        .map(line -> line.person().tenant())
                        .collect(Collectors.toCollection(TreeSet::new));
        Map<String, Head> heads = lock(tenants);
        if (heads.size() < tenants.size()) {
            Bulk.update(
                    jdbc,
                    "insert into consent_chain (tenant, chain_index, entry_hash)"
                            + " select tenant, 0, ?::bytea from unnest(?::text[]) as n(tenant)"
                            + " order by tenant on conflict do nothing",
                    Column.one(HEX.parseHex(LedgerEntry.GENESIS)),
                    Column.of("text", tenants, tenant -> tenant));
            heads = lock(tenants);
        }
        return heads;
    }

    private Map<String, Head> lock(TreeSet<String> tenants) {
        Map<String, Head> heads = new HashMap<>();
        Bulk.query(
                jdbc,
                "select tenant, chain_index, entry_hash from consent_chain"
                        + " where tenant = any(?::text[]) order by tenant for update",
                row ->
                        heads.put(
                                row.getString(1),
                                new Head(row.getLong(2), LedgerEntry.hex(row.getBytes(3)))),
                Column.of("text", tenants, tenant -> tenant));
        return heads;
    }

    private void insertTerms(List<Terms> terms) {
        Bulk.update(
                jdbc,
                "insert into consent_terms (tenant, sha256, terms) select tenant, sha256, terms::jsonb"
                        + " from unnest(?::text[], ?::bytea[], ?::text[]) as n(tenant, sha256, terms)"
                        + " on conflict do nothing",
                Column.of("text", terms, Terms::tenant),
                Column.of("bytea", terms, one -> HEX.parseHex(one.sha256())),
                Column.of("text", terms, one -> one.json().toString()));
    }

    private void insertEntries(List<Link> links) {
        List<LedgerEntry> entries = links.stream().map(Link::entry).toList();
        List<Column> columns = new ArrayList<>();
        for (LedgerEntry.Column column : LedgerEntry.COLUMNS) {
            columns.add(Column.of(column.type(), entries, entry -> value(entry, column)));
        }
        columns.add(Column.of("bytea", entries, LedgerEntry::hash));
        Bulk.update(jdbc, INSERT, columns.toArray(Column[]::new));
    }

    private static Object value(LedgerEntry entry, LedgerEntry.Column column) {
        if (column.type().equals("int8")) {
            return entry.index();
        }
        String text = entry.text(column.field());
        return switch (column.type()) {
            case "bytea" -> text == null ? null : HEX.parseHex(text);
            case "uuid" -> text == null ? null : UUID.fromString(text);
            default -> text;
        };
    }

    private static final String INSERT =
            "insert into consent_event ("
                    + LedgerEntry.COLUMNS.stream()
                            .map(LedgerEntry.Column::name)
                            .collect(Collectors.joining(", "))
                    + ", entry_hash) select * from unnest("
                    + LedgerEntry.COLUMNS.stream()
                            .map(column -> "?::" + column.type() + "[]")
                            .collect(Collectors.joining(", "))
                    + ", ?::bytea[])";

    private void insertPersonal(List<Link> links) {
        Bulk.update(
                jdbc,
                """
                insert into consent_salt (tenant, event_id, subject_id, salt, address_lookup, sealed_evidence)
                select * from unnest(?::text[], ?::uuid[], ?::uuid[], ?::bytea[], ?::bytea[], ?::bytea[])""",
                Column.of("text", links, link -> link.entry().text("tenant")),
                Column.of("uuid", links, link -> link.entry().id()),
                Column.of("uuid", links, Link::subject),
                Column.of("bytea", links, link -> link.personal().salt()),
                Column.of("bytea", links, link -> link.personal().addressLookup()),
                Column.of("bytea", links, link -> link.personal().evidence()));
    }

    private void saveHeads(Map<String, Head> heads) {
        Bulk.update(
                jdbc,
                """
                update consent_chain c set chain_index = n.chain_index, entry_hash = n.entry_hash
                  from unnest(?::text[], ?::int8[], ?::bytea[]) as n(tenant, chain_index, entry_hash)
                 where c.tenant = n.tenant""",
                Column.of("text", heads.entrySet(), Map.Entry::getKey),
                Column.of("int8", heads.entrySet(), head -> head.getValue().index()),
                Column.of("bytea", heads.entrySet(), head -> HEX.parseHex(head.getValue().hash())));
    }
}
