package org.jawort.label;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.label.StoredLabels.Place;
import org.jawort.message.Label;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/** Files messages and conversations. Works in the caller's transaction. */
public final class Labels {

    /**
     * A label that a rule gives a message that is being stored.
     *
     * @param place without a message: its conversation, unless that has such a label
     */
    public record New(
            String tenant,
            UUID subject,
            SubjectKey key,
            Place place,
            Label label,
            String rule,
            Instant at) {}

    /**
     * @param source {@code api} or {@code destination}
     * @param by id of the API key or of the destination
     */
    public record Origin(String source, String by) {}

    /** What became of a wish to file something. */
    public sealed interface Outcome {

        /** There is no such message or conversation, or its person was erased. */
        record NotThere() implements Outcome {}

        /**
         * Nothing may be done with it (GDPR Art. 18), an erasure is running, or nobody may read it
         * before its person agrees.
         */
        record Restricted() implements Outcome {}

        /** It would have more labels than {@link Label#MOST}. */
        record TooMany() implements Outcome {}

        /**
         * @param changed names of labels that are new, other or gone
         */
        record Done(UUID subject, Place place, SubjectKey key, List<String> changed)
                implements Outcome {}
    }

    /** Whose something is, or that nothing may be done with it. */
    private record Found(UUID subject, UUID conversation, boolean closed) {}

    private final JdbcTemplate jdbc;
    private final StoredKeys keys;
    private final Pseudonyms pseudonyms;
    private final StoredLabels stored;

    public Labels(JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.keys = new StoredKeys(jdbc, keys);
        this.pseudonyms = pseudonyms;
        this.stored = new StoredLabels(jdbc);
    }

    public StoredLabels stored() {
        return stored;
    }

    /** Of messages stored in this very transaction. */
    public void add(List<New> labels) {
        if (labels.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                insert into label (tenant, id, subject_id, conversation_id, message_id, name, value_key, sealed_value, source, set_by, set_at)
                select tenant, id, subject_id, conversation_id, message_id, name, value_key, sealed_value, 'rule', set_by, set_at
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[], ?::bytea[], ?::text[],
                              ?::timestamptz[])
                    as n(tenant, id, subject_id, conversation_id, message_id, name, value_key, sealed_value, set_by, set_at)
                on conflict do nothing""",
                Column.of("text", labels, New::tenant),
                Column.of("uuid", labels, one -> UuidCreator.getTimeOrderedEpoch()),
                Column.of("uuid", labels, New::subject),
                Column.of("uuid", labels, one -> one.place().conversation()),
                Column.of("uuid", labels, one -> one.place().message()),
                Column.of("text", labels, one -> one.label().name()),
                Column.of("bytea", labels, one -> valueKey(one.tenant(), one.label())),
                Column.of("bytea", labels, one -> sealed(one.key(), one.label().value())),
                Column.of("text", labels, New::rule),
                Column.of("timestamptz", labels, New::at));
    }

    private byte[] valueKey(String tenant, Label label) {
        return pseudonyms.label(tenant, label.name(), Label.folded(label.value()));
    }

    private static byte[] sealed(SubjectKey key, String value) {
        return key.seal("label.value", value.getBytes(StandardCharsets.UTF_8));
    }

    /** All there ever were; see {@link StoredLabels#history}. */
    public Outcome find(String tenant, Place wanted) {
        return change(tenant, wanted, Map.of(), null, null);
    }

    /**
     * @param wanted a conversation, or a message of which the conversation need not be known
     * @param values by name; empty takes the label away. Each name and value as {@link Label} takes
     *     it
     */
    public Outcome change(
            String tenant,
            Place wanted,
            Map<String, Optional<String>> values,
            Origin origin,
            Instant now) {
        Optional<Found> found = found(tenant, wanted);
        if (found.isEmpty()) {
            return new Outcome.NotThere();
        }
        UUID subject = found.get().subject();
        // Until the end of the transaction nobody destroys the key, so that an erasure deletes
        // what is written here.
        Optional<SubjectKey> key = keys.share(tenant, subject, SubjectKeys.ORDINARY);
        if (found.get().closed()) {
            return new Outcome.Restricted();
        }
        if (key.isEmpty()) {
            return new Outcome.NotThere();
        }
        Place place = new Place(found.get().conversation(), wanted.message());
        List<String> changed = new ArrayList<>();
        values.forEach(
                (name, value) -> {
                    if (set(tenant, subject, place, name, value, key.get(), origin, now)) {
                        changed.add(name);
                    }
                });
        return !changed.isEmpty() && count(tenant, place) > Label.MOST
                ? new Outcome.TooMany()
                : new Outcome.Done(subject, place, key.get(), changed);
    }

    /** It cannot go while this transaction lasts. */
    private Optional<Found> found(String tenant, Place wanted) {
        String closed =
                ", exists (select 1 from subject s where s.tenant = x.tenant and s.id = x.subject_id"
                        + " and (s.restricted_at is not null or s.erasing_at is not null)) as closed";
        return Bulk.query(
                        jdbc,
                        wanted.message() != null
                                ? "select x.subject_id, x.conversation_id"
                                        + closed.replace(
                                                " as closed",
                                                " or x.held_until is not null as closed")
                                        + " from message x where x.tenant = ? and x.id = ? for key share"
                                : "select x.subject_id, x.id as conversation_id"
                                        + closed
                                        + " from conversation x where x.tenant = ? and x.id = ? for key share",
                        row ->
                                new Found(
                                        row.getObject("subject_id", UUID.class),
                                        row.getObject("conversation_id", UUID.class),
                                        row.getBoolean("closed")),
                        Column.one(tenant),
                        Column.one(
                                wanted.message() != null
                                        ? wanted.message()
                                        : wanted.conversation()))
                .stream()
                .findFirst();
    }

    private boolean set(
            String tenant,
            UUID subject,
            Place place,
            String name,
            Optional<String> value,
            SubjectKey key,
            Origin origin,
            Instant now) {
        byte[] sealed = value.map(text -> sealed(key, text)).orElse(null);
        byte[] valueKey =
                value.map(text -> valueKey(tenant, new Label(name, text))).orElse(new byte[0]);
        if (value.isPresent() && isSo(tenant, place, name, value.get(), key)) {
            return false;
        }
        int ended =
                Bulk.update(
                        jdbc,
                        """
                        update label set removed_by = ?, removed_at = ? where tenant = ? and conversation_id = ?
                           and message_id is not distinct from ?::uuid and name = ? and removed_at is null""",
                        Column.one(origin.by()),
                        Column.one(now),
                        Column.one(tenant),
                        Column.one(place.conversation()),
                        Column.one(text(place.message())),
                        Column.one(name));
        if (sealed == null) {
            return ended > 0;
        }
        return Bulk.update(
                        jdbc,
                        """
                        insert into label (tenant, id, subject_id, conversation_id, message_id, name, value_key, sealed_value, source,
                                           set_by, set_at)
                        values (?, ?, ?, ?, ?::uuid, ?, ?, ?, ?, ?, ?) on conflict do nothing""",
                        Column.one(tenant),
                        Column.one(UuidCreator.getTimeOrderedEpoch()),
                        Column.one(subject),
                        Column.one(place.conversation()),
                        Column.one(text(place.message())),
                        Column.one(name),
                        Column.one(valueKey),
                        Column.one(sealed),
                        Column.one(origin.source()),
                        Column.one(origin.by()),
                        Column.one(now))
                > 0;
    }

    private boolean isSo(String tenant, Place place, String name, String value, SubjectKey key) {
        return stored.history(tenant, place, key).stream()
                .anyMatch(
                        entry ->
                                entry.removedAt() == null
                                        && entry.name().equals(name)
                                        && entry.value().equals(value));
    }

    private int count(String tenant, Place place) {
        return jdbc.queryForObject(
                "select count(*) from label where tenant = ? and conversation_id = ?"
                        + " and message_id is not distinct from ?::uuid and removed_at is null",
                Integer.class,
                tenant,
                place.conversation(),
                text(place.message()));
    }

    private static String text(UUID id) {
        return id == null ? null : id.toString();
    }
}
