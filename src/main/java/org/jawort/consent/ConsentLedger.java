package org.jawort.consent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.Slot;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Loads and stores consent inside the caller's transaction: current records, overlays, and the
 * ledger of every declaration, which is only ever added to (CON-9, CON-20).
 */
public final class ConsentLedger {

    /** A line of a record's history. */
    public record Entry(
            UUID id,
            String purpose,
            String event,
            String transition,
            String outcome,
            String reason,
            String previousState,
            String state,
            Instant eventTime,
            Instant receivedTime,
            String actor,
            UUID messageId) {}

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    // what a record says of itself (isOpen) is no part of it
                    .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
                    .build();

    private final JdbcTemplate jdbc;
    private final SubjectRows subjects;
    private final ConsentChain chain;

    public ConsentLedger(JdbcTemplate jdbc, Circumstances circumstances) {
        this.jdbc = jdbc;
        this.subjects = new SubjectRows(jdbc);
        this.chain = new ConsentChain(jdbc, circumstances);
    }

    /**
     * Loads what is stored of these people, under all their names, and locks them against every
     * other transaction that does the same, so that two events about one person never overwrite
     * each other.
     */
    public ConsentBook load(Collection<Person> people) {
        ConsentBook book = new ConsentBook();
        if (people.isEmpty()) {
            return book;
        }
        Collection<Person> names = subjects.load(book, people);
        Set<String> tenants = new HashSet<>();
        names.forEach(person -> tenants.add(person.tenant()));
        Column inTenants = Column.of("text", tenants, tenant -> tenant);
        Column ids = Column.of("uuid", names, Person::subject);
        Bulk.query(
                jdbc,
                "select tenant, subject_id, details from consent_record"
                        + " where tenant = any(?::text[]) and subject_id = any(?::uuid[])",
                row -> {
                    book.loaded(
                            new Person(row.getString(1), row.getObject(2, UUID.class)),
                            record(row.getString(3)));
                    return null;
                },
                inTenants,
                ids);
        loadOverlays(book, inTenants, ids);
        return book;
    }

    /** The owner of a record, empty if the tenant has no such record. */
    public Optional<Person> owner(String tenant, UUID record) {
        return jdbc
                .queryForList(
                        "select subject_id from consent_record where tenant = ? and id = ?",
                        UUID.class,
                        tenant,
                        record)
                .stream()
                .map(subject -> new Person(tenant, subject))
                .findFirst();
    }

    private void loadOverlays(ConsentBook book, Column tenants, Column subjects) {
        Map<Slot, List<Suppression>> suppressions = new HashMap<>();
        Bulk.query(
                jdbc,
                "select tenant, subject_id, channel, scope, source, since, lifted_at from suppression"
                        + " where tenant = any(?::text[]) and subject_id = any(?::uuid[])",
                row ->
                        suppressions
                                .computeIfAbsent(
                                        new Slot(
                                                new Person(
                                                        row.getString(1),
                                                        row.getObject(2, UUID.class)),
                                                Channel.of(row.getString(3))),
                                        slot -> new ArrayList<>())
                                .add(
                                        new Suppression(
                                                SuppressionScope.valueOf(row.getString(4)),
                                                SuppressionSource.valueOf(row.getString(5)),
                                                Bulk.instant(row, "since"),
                                                Bulk.instant(row, "lifted_at"))),
                tenants,
                subjects);
        Map<Slot, Doubt> doubts = new HashMap<>();
        Bulk.query(
                jdbc,
                "select tenant, subject_id, channel, since, last_at from possible_withdrawal"
                        + " where tenant = any(?::text[]) and subject_id = any(?::uuid[])",
                row ->
                        doubts.put(
                                new Slot(
                                        new Person(row.getString(1), row.getObject(2, UUID.class)),
                                        Channel.of(row.getString(3))),
                                new Doubt(
                                        Bulk.instant(row, "since"), Bulk.instant(row, "last_at"))),
                tenants,
                subjects);
        Set<Slot> slots = new HashSet<>(suppressions.keySet());
        slots.addAll(doubts.keySet());
        for (Slot slot : slots) {
            book.loaded(
                    slot.person(),
                    slot.channel(),
                    new Overlays(
                            suppressions.getOrDefault(slot, List.of()),
                            false,
                            false,
                            false,
                            doubts.getOrDefault(slot, Doubt.NONE)));
        }
    }

    /**
     * Writes what changed. Locks the end of each tenant's chain that something is added to until
     * the transaction ends, so it belongs near that end.
     */
    public void save(ConsentBook book, Instant now) {
        saveRecords(book, now);
        deleteRecords(book);
        saveOverlays(book);
        subjects.save(book.names());
        chain.append(book.declarations());
    }

    private void saveRecords(ConsentBook book, Instant now) {
        List<ConsentRecord> changed = List.copyOf(book.changedRecords());
        if (changed.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                insert into consent_record as r (tenant, id, subject_id, channel, purpose, state, details, due_at, text_noted, updated_at)
                select tenant, id, subject_id, channel, purpose, state, details::jsonb, due_at, text_noted, ?::timestamptz
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::int[])
                    as n(tenant, id, subject_id, channel, purpose, state, details, due_at, text_noted)
                on conflict (tenant, id) do update
                   set state = excluded.state, details = excluded.details, due_at = excluded.due_at,
                       text_noted = case when r.details ->> 'textVersion' is distinct from excluded.details ->> 'textVersion'
                                         then excluded.text_noted else r.text_noted end,
                       updated_at = excluded.updated_at""",
                Column.one(now),
                Column.of("text", changed, record -> book.owner(record).tenant()),
                Column.of("uuid", changed, ConsentRecord::id),
                Column.of("uuid", changed, record -> book.owner(record).subject()),
                Column.of("text", changed, record -> record.channel().wireName()),
                Column.of("text", changed, record -> record.purpose().name()),
                Column.of("text", changed, record -> record.state().name()),
                Column.of("text", changed, this::write),
                Column.of("timestamptz", changed, ConsentRecord::endsAt),
                Column.of("int4", changed, DueConsents::textNumber));
    }

    private void deleteRecords(ConsentBook book) {
        List<Map.Entry<UUID, Person>> removed = List.copyOf(book.removedRecords().entrySet());
        if (!removed.isEmpty()) {
            Bulk.update(
                    jdbc,
                    "delete from consent_record r using unnest(?::text[], ?::uuid[]) as n(tenant, id)"
                            + " where r.tenant = n.tenant and r.id = n.id",
                    Column.of("text", removed, one -> one.getValue().tenant()),
                    Column.of("uuid", removed, Map.Entry::getKey));
        }
    }

    private record Row(Slot slot, Suppression suppression) {}

    private void saveOverlays(ConsentBook book) {
        List<Row> suppressions = new ArrayList<>();
        book.changedOverlays()
                .forEach(
                        (slot, overlays) ->
                                overlays.suppressions()
                                        .forEach(one -> suppressions.add(new Row(slot, one))));
        if (!suppressions.isEmpty()) {
            Bulk.update(
                    jdbc,
                    """
                    insert into suppression (tenant, id, subject_id, channel, scope, source, since, lifted_at)
                    select * from unnest(?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[],
                                         ?::timestamptz[], ?::timestamptz[])
                    on conflict (tenant, subject_id, channel, scope, source) do update
                       set since = excluded.since, lifted_at = excluded.lifted_at""",
                    Column.of("text", suppressions, row -> row.slot().person().tenant()),
                    Column.of("uuid", suppressions, row -> UuidCreator.getTimeOrderedEpoch()),
                    Column.of("uuid", suppressions, row -> row.slot().person().subject()),
                    Column.of("text", suppressions, row -> row.slot().channel().wireName()),
                    Column.of("text", suppressions, row -> row.suppression().scope().name()),
                    Column.of("text", suppressions, row -> row.suppression().source().name()),
                    Column.of("timestamptz", suppressions, row -> row.suppression().since()),
                    Column.of("timestamptz", suppressions, row -> row.suppression().liftedAt()));
        }
        saveDoubts(book);
    }

    private void saveDoubts(ConsentBook book) {
        List<Map.Entry<Slot, Overlays>> changed = List.copyOf(book.changedOverlays().entrySet());
        if (changed.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                with n as (select * from unnest(?::text[], ?::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[])
                             as n(tenant, subject_id, channel, since, last_at)),
                     over as (delete from possible_withdrawal p using n
                               where p.tenant = n.tenant and p.subject_id = n.subject_id and p.channel = n.channel
                                 and n.since is null)
                insert into possible_withdrawal (tenant, subject_id, channel, since, last_at)
                select * from n where since is not null
                on conflict (tenant, subject_id, channel) do update
                   set since = excluded.since, last_at = excluded.last_at""",
                Column.of("text", changed, one -> one.getKey().person().tenant()),
                Column.of("uuid", changed, one -> one.getKey().person().subject()),
                Column.of("text", changed, one -> one.getKey().channel().wireName()),
                Column.of("timestamptz", changed, one -> one.getValue().doubt().since()),
                Column.of("timestamptz", changed, one -> one.getValue().doubt().lastAt()));
    }

    /** All declarations about a record, oldest first. */
    public List<Entry> history(String tenant, UUID record) {
        return jdbc.query(
                "select * from consent_event where tenant = ? and record_id = ? order by chain_index",
                (row, n) ->
                        new Entry(
                                row.getObject("id", UUID.class),
                                row.getString("purpose"),
                                row.getString("event"),
                                row.getString("transition"),
                                row.getString("outcome"),
                                row.getString("reason"),
                                row.getString("previous_state"),
                                row.getString("state"),
                                Bulk.instant(row, "event_time"),
                                Bulk.instant(row, "received_time"),
                                row.getString("actor"),
                                row.getObject("cause_message", UUID.class)),
                tenant,
                record);
    }

    private ConsentRecord record(String details) {
        try {
            return JSON.readValue(details, ConsentRecord.class);
        } catch (JsonProcessingException notOurs) {
            throw new IllegalStateException(
                    "a consent record in the store cannot be read", notOurs);
        }
    }

    private String write(ConsentRecord record) {
        try {
            return JSON.writeValueAsString(record);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
