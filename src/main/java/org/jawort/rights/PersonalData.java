package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jawort.consent.ConsentLedger;
import org.jawort.delivery.DisclosureLedger;
import org.jawort.delivery.MessageMedia;
import org.jawort.delivery.MessageMedia.Medium;
import org.jawort.media.MediaReader;
import org.jawort.message.Channel;
import org.jawort.notice.NoticeHistory;
import org.jawort.proof.ConsentHistory;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Tenant;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Everything the store has of one person, section by section, each row as JSON and opened (DSR-4).
 * Read in pages: however much there is, little of it is in memory. Inside the caller's transaction.
 */
final class PersonalData {

    /** Rows of one kind, in order. */
    record Section(String name, Consumer<Consumer<ObjectNode>> rows) {}

    /**
     * A copy.
     *
     * @param files what the rows name in {@code file}, once they were read
     */
    record Copied(List<Section> sections, CopiedFiles files) {}

    private static final int PAGE = 200;

    private final JdbcTemplate jdbc;
    private final ObjectMapper json;
    private final ConsentHistory consents;
    private final ConsentLedger ledger;
    private final NoticeHistory notices;
    private final DisclosureLedger disclosed;
    private final RetainedData retained;
    private final MessageMedia messageMedia;
    private final MediaReader reader;

    PersonalData(
            JdbcTemplate jdbc,
            ObjectMapper json,
            ConsentHistory consents,
            ConsentLedger ledger,
            NoticeHistory notices,
            DisclosureLedger disclosed,
            RetainedData retained,
            MessageMedia messageMedia,
            MediaReader reader) {
        this.messageMedia = messageMedia;
        this.reader = reader;
        this.jdbc = jdbc;
        this.json = json;
        this.consents = consents;
        this.ledger = ledger;
        this.notices = notices;
        this.disclosed = disclosed;
        this.retained = retained;
    }

    /**
     * One copy for one request: of what its channel covers, and for {@link RequestType#PORTABILITY}
     * of what the person provided on the basis of consent or contract alone (DSR-5).
     */
    Copied copy(RightsRequest request, Tenant tenant, SubjectKey key, Instant now) {
        Copy copy = new Copy(request, tenant, key, now);
        return new Copied(copy.sections(), copy.files);
    }

    /** What of an earlier erasure a copy holds as well, why and until when it is kept. */
    List<ErasureRun.Kept> kept(RightsRequest request, SubjectKey key) {
        return request.type() == RequestType.ACCESS ? retained.kept(request, key) : List.of();
    }

    private final class Copy {
        private final RightsRequest request;
        private final Tenant tenant;
        private final SubjectKey key;
        private final Instant now;
        private final boolean provided;
        private final List<String> channels;
        private final List<String> purposes;
        private final ThirdParties others;
        private final CopiedFiles files = new CopiedFiles();

        Copy(RightsRequest request, Tenant tenant, SubjectKey key, Instant now) {
            this.request = request;
            this.tenant = tenant;
            this.key = key;
            this.now = now;
            provided = request.type() == RequestType.PORTABILITY;
            channels =
                    Arrays.stream(Channel.values())
                            .filter(this::isCovered)
                            .map(Channel::wireName)
                            .toList();
            purposes =
                    tenant.purposes().entrySet().stream()
                            .filter(one -> Set.of("CONSENT", "CONTRACT").contains(one.getValue()))
                            .map(one -> one.getKey())
                            .toList();
            others = new ThirdParties(ownAddresses());
        }

        private boolean isCovered(Channel channel) {
            return request.channel() == null || channel.consentChannel() == request.channel();
        }

        private boolean isCovered(String channel) {
            return request.channel() == null || channels.contains(channel);
        }

        private List<String> ownAddresses() {
            List<String> own = new ArrayList<>();
            addresses(row -> own.add(row.path("address").asText()), true);
            tenant.accounts().values().stream()
                    .flatMap(account -> account.channels().stream())
                    .map(channel -> channel.address())
                    .filter(Objects::nonNull)
                    .forEach(own::add);
            Stream.of(tenant.controller().contact()).filter(Objects::nonNull).forEach(own::add);
            return own;
        }

        List<Section> sections() {
            List<Section> sections = new ArrayList<>();
            sections.add(new Section("addresses", sink -> addresses(sink, false)));
            if (!provided) {
                sections.add(new Section("conversations", this::conversations));
            }
            sections.add(new Section("messages", this::messages));
            if (!provided) {
                sections.add(new Section("originals", this::originals));
                sections.add(new Section("classifications", this::classifications));
                sections.add(new Section("annotations", this::annotations));
                sections.add(new Section("labels", this::labels));
                sections.add(new Section("statuses", this::statuses));
                sections.add(new Section("consents", this::consents));
                sections.add(new Section("refusals", this::refusals));
                sections.add(new Section("tenantActs", this::tenantActs));
                sections.add(new Section("notices", this::notices));
                sections.add(new Section("decisions", this::decisions));
                sections.add(new Section("deliveries", this::deliveries));
                sections.add(new Section("disclosures", this::disclosures));
                sections.add(new Section("requests", this::requests));
                sections.addAll(retained.sections(request, key, others, files));
            }
            return sections;
        }

        private void addresses(Consumer<ObjectNode> sink, boolean all) {
            query(
                    """
                    select channel, scheme, sealed_address, created_at from address
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[]) or channel = '*') order by id""",
                    row -> {
                        ObjectNode address = RowJson.facts(json, row);
                        String text = text("address", row.getBytes("sealed_address"));
                        address.put("address", text);
                        sink.accept(address);
                    },
                    Column.one(all || request.channel() == null));
        }

        private void conversations(Consumer<ObjectNode> sink) {
            query(
                    """
                    select id, account, channel, opened_at, last_message_at, last_inbound_at, closed_at from conversation
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[])) order by id""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        private void messages(Consumer<ObjectNode> sink) {
            UUID after = null;
            for (List<ObjectNode> page = page(after); !page.isEmpty(); page = page(after)) {
                media(page);
                page.forEach(sink);
                after = UUID.fromString(page.getLast().get("id").textValue());
            }
            if (!provided) {
                restricted(sink);
            }
        }

        /** What only the law still keeps: that it is there, why and until when (RET-8). */
        private void restricted(Consumer<ObjectNode> sink) {
            query(
                    """
                    select id, conversation_id, channel, provider, account, direction, content_type, received_at, category, because,
                           kept_until as until from retained_message
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[])) order by id""",
                    row -> sink.accept(RowJson.facts(json, row).put("withheld", "RESTRICTED")),
                    Column.one(request.channel() == null));
        }

        private List<ObjectNode> page(UUID after) {
            return Bulk.query(
                    jdbc,
                    """
                    select id, conversation_id, channel, provider, account, direction, content_type, received_at, sealed_body, decision,
                           reason, purpose, consent_state, consent_record, category
                      from message
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[]))
                       and (not ? or direction = 'inbound' and purpose = any(?::text[]))
                       and (?::uuid is null or id > ?::uuid) order by id limit ?""",
                    this::message,
                    Column.one(request.tenant()),
                    Column.one(request.subject()),
                    Column.one(request.channel() == null),
                    texts(channels),
                    Column.one(provided),
                    texts(purposes),
                    Column.one(after == null ? null : after.toString()),
                    Column.one(after == null ? null : after.toString()),
                    Column.one(PAGE));
        }

        private ObjectNode message(ResultSet row) throws SQLException {
            ObjectNode message = RowJson.facts(json, row);
            JsonNode body = opened("message.body", row.getBytes("sealed_body"));
            if (body == null) {
                // kept under a key of its own because a law says so, and for nothing else
                message.put("withheld", "RESTRICTED");
                return message;
            }
            boolean outbound = row.getString("direction").equals("outbound");
            body.properties()
                    .forEach(
                            field ->
                                    message.set(
                                            field.getKey(),
                                            field.getKey().equals("content")
                                                    ? others.masked(field.getValue())
                                                    : field.getValue()));
            if (outbound && message.path("from").has("name")) {
                ((ObjectNode) message.get("from")).put("name", ThirdParties.MASK);
            }
            return message;
        }

        /** What the provider said of each, and where in the copy the file is if it was fetched. */
        private void media(List<ObjectNode> messages) {
            Map<UUID, List<Medium>> media =
                    messageMedia.of(
                            request.tenant(),
                            messages.stream()
                                    .map(one -> UUID.fromString(one.get("id").textValue()))
                                    .toList());
            for (ObjectNode message : messages) {
                UUID id = UUID.fromString(message.get("id").textValue());
                for (Medium medium : media.getOrDefault(id, List.of())) {
                    medium(medium).ifPresent(message.withArray("media")::add);
                }
            }
        }

        private Optional<ObjectNode> medium(Medium medium) {
            ObjectNode described;
            try {
                described = medium.described(key);
            } catch (Undecipherable otherKey) {
                return Optional.empty();
            }
            described.remove("url"); // the copy has the file itself
            if (described.has("sha256")) {
                UUID file = UUID.fromString(described.get("id").textValue());
                described.put(
                        "file",
                        files.add(
                                file,
                                described.path("contentType").textValue(),
                                () -> reader.openAnyway(request.tenant(), file)));
            }
            return Optional.of(described);
        }

        /** What providers sent of messages, with what the hub reads none of. */
        private void originals(Consumer<ObjectNode> sink) {
            Originals originals = new Originals(json, others);
            query(
                    """
                    select id as message_id, sealed_original from message
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[])) and sealed_original is not null
                     order by id""",
                    row -> {
                        String sent = text("message.original", row.getBytes("sealed_original"));
                        if (sent != null) { // or only law keeps it, under another key
                            sink.accept(
                                    RowJson.facts(json, row).set("sent", originals.fields(sent)));
                        }
                    },
                    Column.one(request.channel() == null));
        }

        private void classifications(Consumer<ObjectNode> sink) {
            query(
                    """
                    select g.message_id, g.previous, g.category, g.source, g.changed_at from category_change g
                      join message m on m.tenant = g.tenant and m.id = g.message_id
                     where m.tenant = ? and m.subject_id = ? and (? or m.channel = any(?::text[])) order by g.changed_at, g.id""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        private void annotations(Consumer<ObjectNode> sink) {
            query(
                    """
                    select a.message_id, a.sealed_text, a.created_at from message_annotation a
                      left join message m on m.tenant = a.tenant and m.id = a.message_id
                     where a.tenant = ? and a.subject_id = ? and (? or m.channel = any(?::text[])) order by a.id""",
                    row -> {
                        ObjectNode note = RowJson.facts(json, row);
                        note.put("text", text("message.annotation", row.getBytes("sealed_text")));
                        sink.accept(note);
                    },
                    Column.one(request.channel() == null));
        }

        /** Under what messages and conversations were filed, and by whom. */
        private void labels(Consumer<ObjectNode> sink) {
            query(
                    """
                    select l.conversation_id, l.message_id, l.name, l.sealed_value, l.source, l.set_at, l.removed_at from label l
                      join conversation c on c.tenant = l.tenant and c.id = l.conversation_id
                     where l.tenant = ? and l.subject_id = ? and (? or c.channel = any(?::text[])) order by l.set_at, l.id""",
                    row -> {
                        ObjectNode label = RowJson.facts(json, row);
                        label.put("value", text("label.value", row.getBytes("sealed_value")));
                        sink.accept(label);
                    },
                    Column.one(request.channel() == null));
        }

        private void statuses(Consumer<ObjectNode> sink) {
            query(
                    """
                    select s.message_id, s.account, s.status, s.occurred_at, s.updated_at from message_status s
                      left join message m on m.tenant = s.tenant and m.id = s.message_id
                     where s.tenant = ? and s.subject_id = ? and (? or m.channel = any(?::text[]))
                     order by s.updated_at, s.provider_message_key""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        private void consents(Consumer<ObjectNode> sink) {
            consents.at(request.tenant(), request.subject(), now).stream()
                    .filter(held -> isCovered(held.channel()))
                    .forEach(
                            held -> {
                                ObjectNode consent = json.valueToTree(held);
                                consent.set(
                                        "history",
                                        json.valueToTree(
                                                ledger.history(request.tenant(), held.id())));
                                sink.accept(consent);
                            });
        }

        private void refusals(Consumer<ObjectNode> sink) {
            query(
                    """
                    select channel, scope, source, since, lifted_at from suppression
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[])) order by channel, scope, source""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        /** What the tenant did of itself; a block is on every channel. */
        private void tenantActs(Consumer<ObjectNode> sink) {
            query(
                    """
                    select act as action, channel, scope, reason, at as occurred_at from tenant_act
                     where tenant = ? and subject_id = ? and (? or channel is null or channel = any(?::text[])) order by at, id""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        private void notices(Consumer<ObjectNode> sink) {
            notices.of(request.tenant(), request.subject()).stream()
                    .filter(shown -> isCovered(shown.channel()))
                    .forEach(shown -> sink.accept(json.valueToTree(shown)));
        }

        private void decisions(Consumer<ObjectNode> sink) {
            query(
                    """
                    select d.message_id, d.stage, d.decided_at, d.reason, d.account, d.basis, d.consent_state, d.record_id, d.text_version,
                           o.purpose
                      from send_decision d left join outbound o on o.tenant = d.tenant and o.message_id = d.message_id
                     where d.tenant = ? and d.subject_id = ? and (? or o.channel = any(?::text[])) order by d.id""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        /** To whom data went (GDPR Art. 15(1)(c)), of every event. */
        private void deliveries(Consumer<ObjectNode> sink) {
            query(
                    """
                    select e.type, e.message_id, d.destination, d.state, d.created_at, d.finished_at from event e
                      join delivery d on d.tenant = e.tenant and d.event_id = e.id
                      left join message m on m.tenant = e.tenant and m.id = e.message_id
                     where e.tenant = ? and e.subject_id = ? and (? or m.channel = any(?::text[]) or e.message_id is null)
                     order by e.id, d.destination""",
                    row -> {
                        ObjectNode delivery = RowJson.facts(json, row);
                        delivery.put("processor", processor(row.getString("destination")));
                        sink.accept(delivery);
                    },
                    Column.one(request.channel() == null));
        }

        /**
         * The same of which the deliveries are deleted: whose data it was, and no more, is known.
         */
        private void disclosures(Consumer<ObjectNode> sink) {
            disclosed
                    .noted(request.tenant(), request.subject())
                    .forEach(
                            one ->
                                    sink.accept(
                                            json.createObjectNode()
                                                    .put("destination", one.recipient())
                                                    .put("processor", processor(one.recipient()))
                                                    .put("lastAt", one.lastAt().toString())));
        }

        private String processor(String destination) {
            if (destination.startsWith(org.jawort.tenant.Destination.SEND)) {
                var account =
                        tenant.accounts()
                                .get(
                                        destination.substring(
                                                org.jawort.tenant.Destination.SEND.length()));
                return account == null ? null : account.processor();
            }
            var known = tenant.destinations().get(destination);
            return known == null ? null : known.processor();
        }

        private void requests(Consumer<ObjectNode> sink) {
            query(
                    """
                    select id, type, state, source, channel, received_at, due_on, answered_at, closed_at from rights_request
                     where tenant = ? and subject_id = ? and (? or channel = any(?::text[])) order by id""",
                    row -> sink.accept(RowJson.facts(json, row)),
                    Column.one(request.channel() == null));
        }

        private interface Row {
            void read(ResultSet row) throws SQLException;
        }

        /** Fetched in pages by the driver, because the statement is inside a transaction. */
        private void query(String sql, Row reader, Column everything) {
            jdbc.query(
                    connection -> {
                        var statement = connection.prepareStatement(sql);
                        statement.setFetchSize(PAGE);
                        statement.setString(1, request.tenant());
                        statement.setObject(2, request.subject());
                        statement.setObject(3, everything.value());
                        statement.setArray(4, connection.createArrayOf("text", channels.toArray()));
                        return statement;
                    },
                    row -> {
                        reader.read(row);
                    });
        }

        private Column texts(List<String> values) {
            return Column.of("text", values, one -> one);
        }

        private String text(String field, byte[] sealed) {
            try {
                return new String(key.open(field, sealed), StandardCharsets.UTF_8);
            } catch (Undecipherable shredded) {
                return null;
            }
        }

        /** {@code null} if another key is needed. */
        private JsonNode opened(String field, byte[] sealed) {
            try {
                return json.readTree(key.open(field, sealed));
            } catch (Undecipherable otherKey) {
                return null;
            } catch (IOException notOurs) {
                throw new IllegalStateException(notOurs);
            }
        }
    }
}
