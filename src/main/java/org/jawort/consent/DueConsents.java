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

    /** Of a grant that names an earlier version of a text; the text's id, then the version. */
    private static final String AGREED_TO_EARLIER =
            """
            coalesce(r.details ->> 'textVersion' ~ ('^' || ? || '-v[0-9]{1,5}$')
                     and substring(r.details ->> 'textVersion' from '[0-9]+$')::int < ?, false)""";

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
                "select r.subject_id from consent_record r where r.tenant = ? and r.purpose = ? and r.state = 'GRANTED'"
                        + " and r.text_noted < ? and r.subject_id <> all(?::uuid[]) and "
                        + AGREED_TO_EARLIER
                        + " order by r.text_noted, r.subject_id limit ?",
                row -> new Person(tenant, row.getObject(1, UUID.class)),
                Column.one(tenant),
                Column.one(purpose.name()),
                Column.one(version),
                Column.of("uuid", without, Person::subject),
                Column.one(text),
                Column.one(version),
                Column.one(limit));
    }

    /** Notes which version of a prompt's text was in force when the records were last looked at. */
    public void noteText(Person person, Purpose purpose, int version) {
        jdbc.update(
                "update consent_record set text_noted = ? where tenant = ? and subject_id = ? and purpose = ?",
                version,
                person.tenant(),
                person.subject(),
                purpose.name());
    }

    /**
     * Notes the same of grants that rest on no earlier version of this text, so that they are not
     * looked at again.
     *
     * @return of how many; fewer than the limit if that were all
     */
    public int noteOthers(String tenant, Purpose purpose, String text, int version, int limit) {
        return Bulk.update(
                jdbc,
                """
                update consent_record r set text_noted = ?
                 where r.tenant = ? and r.state = 'GRANTED' and r.text_noted < ?
                   and r.id = any(array(
                       select r.id from consent_record r where r.tenant = ? and r.purpose = ? and r.state = 'GRANTED' and r.text_noted < ?
                          and not
                       """
                        + AGREED_TO_EARLIER
                        + " order by r.text_noted, r.subject_id limit ?)) and not "
                        + AGREED_TO_EARLIER,
                Column.one(version),
                Column.one(tenant),
                Column.one(version),
                Column.one(tenant),
                Column.one(purpose.name()),
                Column.one(version),
                Column.one(text),
                Column.one(version),
                Column.one(limit),
                Column.one(text),
                Column.one(version));
    }

    /** Of the text a record rests on; 0 if it names none. */
    static int textNumber(ConsentRecord record) {
        Matcher text = TEXT.matcher(record.textVersion() == null ? "" : record.textVersion());
        return text.matches() ? Integer.parseInt(text.group(1)) : 0;
    }
}
