package org.jawort.consent;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Whom a tenant hears no more because they abuse it (table 2.1), whatever they are called: people
 * are told by all their names. Works inside the caller's transaction, in which the person is
 * locked.
 */
public final class BlockList {

    private final JdbcTemplate jdbc;

    public BlockList(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The names of a person, the one they are asked for by among them. */
    public static List<Person> names(ConsentBook book, Person person) {
        return Stream.concat(Stream.of(person), book.otherNames(person).stream()).toList();
    }

    /** Empty for who is on no list. */
    public Optional<Instant> since(Collection<Person> names) {
        return Optional.ofNullable(
                Bulk.query(
                                jdbc,
                                "select min(blocked_at) as since from subject where tenant = any(?::text[]) and id = any(?::uuid[])",
                                row -> Bulk.instant(row, "since"),
                                tenants(names),
                                ids(names))
                        .getFirst());
    }

    public void add(Person person, Instant at) {
        Bulk.update(
                jdbc,
                "update subject set blocked_at = ? where tenant = ? and id = ?",
                Column.one(at),
                Column.one(person.tenant()),
                Column.one(person.subject()));
    }

    public void remove(Collection<Person> names) {
        Bulk.update(
                jdbc,
                "update subject set blocked_at = null"
                        + " where tenant = any(?::text[]) and id = any(?::uuid[]) and blocked_at is not null",
                tenants(names),
                ids(names));
    }

    /**
     * One name goes, and is on no list any more; those that stay are, if it was.
     *
     * @return since when, empty if they were on none
     */
    Optional<Instant> leave(Person gone, Collection<Person> names) {
        Optional<Instant> since = since(names);
        if (since.isPresent()) {
            List<Person> others = names.stream().filter(name -> !name.equals(gone)).toList();
            Bulk.update(
                    jdbc,
                    """
                    with listed as (update subject set blocked_at = ?
                                     where tenant = any(?::text[]) and id = any(?::uuid[]) and blocked_at is null
                                    returning tenant, id, blocked_at)
                    insert into tenant_act (tenant, id, subject_id, act, at)
                    select tenant, gen_random_uuid(), id, 'BLOCKED', blocked_at from listed""",
                    Column.one(since.get()),
                    tenants(others),
                    ids(others));
            remove(List.of(gone));
        }
        return since;
    }

    private static Column tenants(Collection<Person> names) {
        return Column.of(
                "text", names.stream().map(Person::tenant).distinct().toList(), one -> one);
    }

    private static Column ids(Collection<Person> names) {
        return Column.of("uuid", names, Person::subject);
    }
}
