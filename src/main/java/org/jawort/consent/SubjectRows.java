package org.jawort.consent;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** Who a book is about: people under all their names, and what holds for each on every channel. */
final class SubjectRows {

    /** Subjects of the same identities as those asked for; arrays, so that the index is used. */
    private static final String NAMES =
            """
             from subject
             where tenant = any(?::text[])
               and identity = any(array(select identity from subject
                                         where tenant = any(?::text[]) and id = any(?::uuid[]) and identity is not null))""";

    /** Whose key is destroyed is restricted, is being erased or has ended as well. */
    private static final String FLAGS =
            "select tenant, id, restricted_at is not null, erasing_at is not null, blocked_at is not null, ended_at is not null"
                    + " or not exists (select 1 from subject_key k"
                    + " where k.tenant = subject.tenant and k.subject_id = subject.id and k.key_group = 'ordinary'), identity";

    private final JdbcTemplate jdbc;

    SubjectRows(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Locks people with all their names until the transaction ends, and loads what their rows say.
     *
     * @return all of them: those asked for and their other names
     */
    Collection<Person> load(ConsentBook book, Collection<Person> people) {
        Column tenants =
                Column.of(
                        "text",
                        new HashSet<>(people.stream().map(Person::tenant).toList()),
                        tenant -> tenant);
        Set<Person> all = new LinkedHashSet<>(people);
        Set<UUID> locked = lock(tenants, all);
        all.addAll(read(book, tenants, all));
        while (!locked.containsAll(subjects(all))) {
            // Joined by another transaction while this one waited for its locks.
            locked.addAll(lock(tenants, all));
            all.addAll(read(book, tenants, all));
        }
        return all;
    }

    private static List<UUID> subjects(Collection<Person> people) {
        return people.stream().map(Person::subject).toList();
    }

    private Set<UUID> lock(Column tenants, Collection<Person> people) {
        Column ids = Column.of("uuid", people, Person::subject);
        return new HashSet<>(
                Bulk.query(
                        jdbc,
                        // Advisory, because row locks would write every row of the batch; sorted,
                        // so that no two batches wait for each other.
                        "select id, pg_advisory_xact_lock(k)"
                                + " from (select id, uuid_hash_extended(id, 0) as k"
                                + " from (select unnest(?::uuid[]) as id union select id "
                                + NAMES
                                + ") as each order by k) as keys",
                        row -> row.getObject(1, UUID.class),
                        ids,
                        tenants,
                        tenants,
                        ids));
    }

    /** Those who have several names, or of whom something holds everywhere. */
    private List<Person> read(ConsentBook book, Column tenants, Collection<Person> people) {
        Column ids = Column.of("uuid", people, Person::subject);
        List<Person> found = new ArrayList<>();
        Bulk.query(
                jdbc,
                FLAGS
                        + " from subject where tenant = any(?::text[]) and id = any(?::uuid[])"
                        + " and (restricted_at is not null or erasing_at is not null or blocked_at is not null or ended_at is not null)"
                        + " union "
                        + FLAGS
                        + " "
                        + NAMES,
                row -> {
                    Person person = new Person(row.getString(1), row.getObject(2, UUID.class));
                    book.loadedFlags(
                            person,
                            Overlays.CLEAR
                                    .withRestricted(row.getBoolean(3))
                                    .withErasureRunning(row.getBoolean(4))
                                    .withAbuseBlocked(row.getBoolean(5)));
                    if (row.getBoolean(6)) {
                        book.gone(person);
                    }
                    UUID identity = row.getObject(7, UUID.class);
                    if (identity != null) {
                        book.names().loaded(person, identity);
                    }
                    found.add(person);
                    return null;
                },
                tenants,
                ids,
                tenants,
                tenants,
                ids);
        return found;
    }

    /** What was learnt of who is one person. */
    void save(Names names) {
        List<Map.Entry<Person, UUID>> changed = List.copyOf(names.changed().entrySet());
        if (!changed.isEmpty()) {
            Bulk.update(
                    jdbc,
                    "update subject s set identity = n.identity"
                            + " from unnest(?::text[], ?::uuid[], ?::uuid[]) as n(tenant, id, identity)"
                            + " where s.tenant = n.tenant and s.id = n.id",
                    Column.of("text", changed, one -> one.getKey().tenant()),
                    Column.of("uuid", changed, one -> one.getKey().subject()),
                    Column.of("uuid", changed, Map.Entry::getValue));
        }
    }
}
