package org.jawort.proof;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.LedgerEntry;
import org.jawort.consent.PersonalPart;
import org.jawort.consent.TextShown;
import org.jawort.message.Channel;
import org.jawort.notice.Text;
import org.jawort.notice.Texts;
import org.jawort.store.Bulk;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The proof of one consent: every declaration about it with the field names of ISO/IEC TS 27560,
 * and with the hashes that place each in the tenant's chain (CON-20, CON-22). Works inside the
 * caller's transaction.
 */
public final class ConsentProofs {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What puts a text before a person. */
    private static final Set<String> SHOWING = Set.of("CAPTURED", "PROMPT_OFFERED");

    /**
     * @param terms {@code null} for what was declared before terms were kept
     * @param personal {@code null} once erased
     * @param retained the evidence as it was sealed anew when the person was erased, {@code null}
     *     if that did not happen
     */
    private record Line(
            LedgerEntry entry, ObjectNode terms, PersonalPart personal, byte[] retained) {}

    /** The person's keys as far as they are there. */
    private record Keys(Optional<SubjectKey> ordinary, Optional<SubjectKey> retained) {}

    /** What a person said, or why it cannot be shown any more. */
    private record Evidence(JsonNode shown, String withheld) {}

    private final JdbcTemplate jdbc;
    private final StoredKeys keys;
    private final Texts texts;

    ConsentProofs(JdbcTemplate jdbc, SubjectKeys keys, Texts texts) {
        this.jdbc = jdbc;
        this.keys = new StoredKeys(jdbc, keys);
        this.texts = texts;
    }

    /**
     * @return empty if nothing was ever declared about such a record
     */
    public Optional<ObjectNode> of(String tenant, UUID record) {
        List<Line> lines = lines(tenant, record);
        return lines.isEmpty() ? Optional.empty() : Optional.of(proof(tenant, record, lines));
    }

    /** Whether what is proved of somebody is kept for its period only, after an erasure (T15). */
    public boolean isRestricted(String tenant, UUID subject) {
        return !jdbc.queryForList(
                        "select 1 from restricted_proof where tenant = ? and subject_id = ?",
                        Integer.class,
                        tenant,
                        subject)
                .isEmpty();
    }

    private List<Line> lines(String tenant, UUID record) {
        return jdbc.query(
                "select "
                        + LedgerEntry.SELECT
                        + ", t.terms, s.salt, s.address_lookup, s.sealed_evidence, r.sealed as retained from consent_event e"
                        + " left join consent_terms t on t.tenant = e.tenant and t.sha256 = e.terms_sha256"
                        + " left join consent_salt s on s.tenant = e.tenant and s.event_id = e.id"
                        + " left join retained_evidence r on r.tenant = e.tenant and r.event_id = e.id"
                        + " where e.tenant = ? and e.record_id = ? order by e.chain_index",
                (row, n) ->
                        new Line(
                                LedgerEntry.read(row),
                                (ObjectNode) parsed(row.getString("terms")),
                                row.getBytes("salt") == null
                                        ? null
                                        : new PersonalPart(
                                                row.getBytes("salt"),
                                                row.getBytes("address_lookup"),
                                                row.getBytes("sealed_evidence")),
                                row.getBytes("retained")),
                tenant,
                record);
    }

    private ObjectNode proof(String tenant, UUID record, List<Line> lines) {
        LedgerEntry last = lines.getLast().entry();
        UUID subject = UUID.fromString(last.text("subjectId"));
        Keys key =
                new Keys(
                        keys.find(tenant, subject, SubjectKeys.ORDINARY),
                        keys.find(tenant, subject, SubjectKeys.RETAINED));
        ObjectNode proof = JsonNodeFactory.instance.objectNode();
        ObjectNode terms = terms(lines);
        proof.set("schema_version", terms.get("schemaVersion"));
        proof.put("record_id", record.toString());
        proof.put("pii_principal_id", subject.toString());
        ObjectNode controller = proof.putArray("pii_controllers").addObject();
        controller.set("party_id", terms.at("/controller/id"));
        controller.set("party_name", terms.at("/controller/name"));
        controller.set("party_address", terms.at("/controller/address"));
        controller.set("party_contact", terms.at("/controller/contact"));
        proof.put("purpose", last.text("purpose"));
        proof.put("lawful_basis", last.text("basis"));
        ArrayNode information = proof.putArray("pii_information");
        terms.get("dataCategories")
                .forEach(category -> information.addObject().set("pii_type", category));
        proof.put("service", last.text("channel"));
        proof.put("event_state", last.text("state"));
        proof.put("validity_duration", validUntil(tenant, record, last));
        proof.put("privacy_notice", last.text("noticeVersion"));
        proof.set("recipient_third_parties", terms.get("recipients"));
        proof.set("storage_locations", terms.get("storageLocations"));
        proof.set("jurisdiction", terms.get("jurisdiction"));
        proof.set("retention_period", terms.get("retentionRule"));
        proof.set("withdrawal_method", terms.get("withdrawalMethod"));
        proof.set("privacy_rights", terms.get("rightsUrl"));
        ArrayNode events = proof.putArray("events");
        lines.forEach(line -> events.add(event(line, key)));
        proof.set("declaration", declaration(events));
        proof.set("texts", texts(tenant, lines));
        return proof;
    }

    /** The record's own as long as it is there: each use moves it on, and is no entry (T12). */
    private String validUntil(String tenant, UUID record, LedgerEntry last) {
        List<Instant> live =
                jdbc.query(
                        "select (details ->> 'validUntil')::timestamptz as until from consent_record"
                                + " where tenant = ? and id = ?",
                        (row, n) -> Bulk.instant(row, "until"),
                        tenant,
                        record);
        return live.isEmpty() ? last.text("validUntil") : LedgerEntry.time(live.getFirst());
    }

    /** The newest that are known; of an entry from before terms were kept all is null or empty. */
    private static ObjectNode terms(List<Line> lines) {
        for (Line line : lines.reversed()) {
            if (line.terms() != null) {
                return line.terms();
            }
        }
        ObjectNode none = JsonNodeFactory.instance.objectNode();
        none.putNull("schemaVersion").putNull("jurisdiction").putNull("retentionRule");
        none.putNull("rightsUrl");
        none.putObject("controller").putNull("id").putNull("name").putNull("address");
        ((ObjectNode) none.get("controller")).putNull("contact");
        for (String list :
                List.of("dataCategories", "recipients", "storageLocations", "withdrawalMethod")) {
            none.putArray(list);
        }
        return none;
    }

    private ObjectNode event(Line line, Keys key) {
        LedgerEntry entry = line.entry();
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("event_id", entry.id().toString());
        event.put("event_type", entry.text("event"));
        event.put("event_state", entry.text("state"));
        event.put("entity_id", entry.text("actor"));
        event.put("event_time", entry.text("eventTime"));
        event.put("received_time", entry.text("receivedTime"));
        event.put("validity_duration", entry.text("validUntil"));
        event.put("privacy_notice", entry.text("noticeVersion"));
        event.put("language", entry.text("language"));
        ObjectNode more = event.putObject("extension");
        for (String field :
                List.of(
                        "transition",
                        "outcome",
                        "reason",
                        "previousState",
                        "matchedRule",
                        "textVersion",
                        "textSha256")) {
            more.put(field, entry.text(field));
        }
        more.put("messageId", entry.text("causeMessage"));
        more.put("addressId", entry.text("addressId"));
        PersonalPart personal = line.personal();
        more.put(
                "addressHash", personal == null ? null : LedgerEntry.hex(personal.addressLookup()));
        Evidence evidence = evidence(line, key);
        more.set("evidence", evidence.shown());
        more.put("evidenceWithheld", evidence.withheld());
        more.put("chainIndex", entry.index());
        more.put("termsSha256", entry.text("termsSha256"));
        more.put("salt", personal == null ? null : LedgerEntry.hex(personal.salt()));
        more.put("commitment", entry.text("commitment"));
        more.put("prevHash", entry.text("prevHash"));
        more.put("entryHash", entry.hashHex());
        more.put("sound", entry.isSound() && (personal == null || personal.opens(entry)));
        return event;
    }

    private static Evidence evidence(Line line, Keys keys) {
        PersonalPart personal = line.personal();
        if (personal == null) {
            return new Evidence(NullNode.instance, "ERASED");
        }
        if (personal.evidence() == null) {
            return new Evidence(NullNode.instance, null);
        }
        Optional<SubjectKey> key = line.retained() == null ? keys.ordinary() : keys.retained();
        if (key.isEmpty()) {
            return new Evidence(NullNode.instance, "KEY_DESTROYED");
        }
        try {
            byte[] sealed = line.retained() == null ? personal.evidence() : line.retained();
            byte[] plain = key.get().open("consent.evidence", sealed);
            return new Evidence(read(new String(plain, StandardCharsets.UTF_8)), null);
        } catch (Undecipherable changed) {
            return new Evidence(NullNode.instance, "UNDECIPHERABLE");
        }
    }

    /** Evidence is a JSON object, or a plain word such as a provider's message id. */
    private static JsonNode read(String evidence) {
        try {
            JsonNode json = JSON.readTree(evidence);
            return json != null && json.isObject() ? json : new TextNode(evidence);
        } catch (JsonProcessingException plain) {
            return new TextNode(evidence);
        }
    }

    /** What CON-20 asks for by name, out of the newest events that have it. */
    private static ObjectNode declaration(ArrayNode events) {
        ObjectNode declaration = JsonNodeFactory.instance.objectNode();
        JsonNode captured = newest(events, Set.of("CAPTURED"));
        JsonNode prompt = newest(events, Set.of("PROMPT_OFFERED", "PROMPT_ACCEPTED"));
        JsonNode reply = newest(events, Set.of("YES", "NO"));
        declaration.set("collection_method", captured.at("/extension/evidence"));
        declaration.set("promptMessageId", prompt.at("/extension/messageId"));
        declaration.set("promptProviderMessageId", prompt.at("/extension/evidence"));
        declaration.set("replyMessageId", reply.at("/extension/messageId"));
        declaration.set("rawReply", reply.at("/extension/evidence"));
        declaration.set("matchedRule", reply.at("/extension/matchedRule"));
        declaration.properties().stream()
                .filter(field -> field.getValue().isMissingNode())
                .map(field -> field.getKey())
                .toList()
                .forEach(declaration::putNull);
        return declaration;
    }

    private static JsonNode newest(ArrayNode events, Set<String> types) {
        JsonNode newest = JsonNodeFactory.instance.objectNode();
        for (JsonNode event : events) {
            if (types.contains(event.get("event_type").textValue())
                    && event.at("/extension/outcome").textValue().equals("moved")) {
                newest = event;
            }
        }
        return newest;
    }

    /**
     * The words behind each text that was put before the person, as far as the hub has them, filled
     * in with the terms of that time; once for entries that say the same (INF-5). An answer names
     * the text it answers, and shows it to nobody again; nor does a new version by its coming.
     */
    private ArrayNode texts(String tenant, List<Line> lines) {
        Set<ObjectNode> list = new LinkedHashSet<>();
        Set<TextShown> seen = new HashSet<>();
        for (Line line : lines) {
            LedgerEntry entry = line.entry();
            String event = entry.text("event");
            if (event.equals("TEXT_CHANGED")) {
                continue;
            }
            boolean isFirst =
                    seen.add(new TextShown(entry.text("textVersion"), entry.text("language")));
            if (!isFirst && !SHOWING.contains(event)) {
                continue;
            }
            ObjectNode terms = terms(line.terms() == null ? lines : List.of(line));
            Channel channel = Channel.of(entry.text("channel"));
            texts.exact(tenant, entry.text("textVersion"), entry.text("language"))
                    .ifPresent(text -> list.add(text(tenant, text, channel, terms)));
        }
        return JsonNodeFactory.instance.arrayNode().addAll(list);
    }

    private ObjectNode text(String tenant, Text text, Channel channel, ObjectNode terms) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("textVersion", text.reference())
                .put("language", text.language())
                .put("kind", text.kind().wireName())
                .put("validFrom", text.validFrom().toString())
                .put("approvedBy", text.approvedBy())
                .put("sha256", LedgerEntry.hex(text.sha256()))
                .put("words", text.words())
                .put("shown", shown(tenant, text, channel, terms));
    }

    /** Filled in as it was for the person; {@code null} if the tenant no longer says all of it. */
    private String shown(String tenant, Text text, Channel channel, ObjectNode terms) {
        Map<String, String> then = new HashMap<>();
        put(then, "controller", terms.at("/controller/name"));
        put(then, "contact", terms.at("/controller/contact"));
        put(then, "rightsUrl", terms.get("rightsUrl"));
        try {
            return texts.render(tenant, text, channel, then);
        } catch (IllegalArgumentException unfilled) {
            return null;
        }
    }

    private static void put(Map<String, String> values, String name, JsonNode value) {
        if (value.isTextual()) {
            values.put(name, value.textValue());
        }
    }

    private static JsonNode parsed(String json) {
        try {
            return json == null ? null : JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
