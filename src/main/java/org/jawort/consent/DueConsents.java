package org.jawort.consent;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Whose consent time acts on. Reads those only, however many there are beside them. Works inside
 * the caller's transaction.
 */
public final class DueConsents {

    /** A text as records name it: {@code <id>-v<number>}. */
    private static final Pattern TEXT = Pattern.compile(".+-v([0-9]{1,5})");

    private final JdbcTemplate jdbc;

    public DueConsents(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * People of a tenant with a record that the hub's own clock ends by now, oldest first.
     *
     * @param without whom to pass over
     */
    public List<Person> due(String tenant, Instant now, Collection<Person> without, int limit) {
        return Bulk.query(
                jdbc,
                """
                select subject_id from consent_record
                 where tenant = ? and due_at <= ?::timestamptz and subject_id <> all(?::uuid[])
                 group by subject_id order by min(due_at) limit ?""",
                row -> new Person(tenant, row.getObject(1, UUID.class)),
                Column.one(tenant),
                Column.one(now),
                Column.of("uuid", without, Person::subject),
                Column.one(limit));
    }

    /** For somebody who was erased: no clock acts on what is left of them. */
    public void undue(Person person) {
        jdbc.update(
                "update consent_record set due_at = null where tenant = ? and subject_id = ?",
                person.tenant(),
                person.subject());
    }

    /**
     * People whose grant rests on a version of a text before this one, and of whom nobody noted yet
     * that this one is in force; somebody with two such grants perhaps twice.
     *
     * @param without whom to pass over
     */
    public List<Person> agreedToEarlier(
            String tenant,
            Purpose purpose,
            String text,
            int version,
            Collection<Person> without,
            int limit) {
        return Bulk.query(
                jdbc,
                """
                select subject_id from consent_record
                 where tenant = ? and purpose = ? and text_id = ? and text_noted < ? and state = 'GRANTED'
                   and subject_id <> all(?::uuid[])
                 order by text_noted, subject_id limit ?""",
                row -> new Person(tenant, row.getObject(1, UUID.class)),
                Column.one(tenant),
                Column.one(purpose.name()),
                Column.one(text),
                Column.one(version),
                Column.of("uuid", without, Person::subject),
                Column.one(limit));
    }

    /**
     * Notes which version of a text was in force when the records that rest on it were looked at.
     */
    public void noteText(Person person, Purpose purpose, String text, int version) {
        jdbc.update(
                "update consent_record set text_noted = ? where tenant = ? and subject_id = ? and purpose = ? and text_id = ?",
                version,
                person.tenant(),
                person.subject(),
                purpose.name(),
                text);
    }

    /** Of the text a record rests on; 0 if it names none. */
    static int textNumber(ConsentRecord record) {
        Matcher text = TEXT.matcher(record.textVersion() == null ? "" : record.textVersion());
        return text.matches() ? Integer.parseInt(text.group(1)) : 0;
    }
}
