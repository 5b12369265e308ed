package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.jawort.MigratedDatabase;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@DisplayName("The consent clock reads whom it acts on, however many there are beside them")
class DueConsentsIT {

    private static final String TENANT = "anton";
    private static final int MANY = 5000;

    private MigratedDatabase database;
    private DueConsents due;

    @BeforeEach
    void manyWhoAgreedToWhatIsInForce() {
        database = MigratedDatabase.create();
        due = new DueConsents(database.jdbc());
        granted(MANY, "prompt-v3", 3, null);
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    @Test
    @DisplayName("T11: only who agreed to an earlier version is looked at, and once")
    void readsOnlyEarlierGrants() {
        granted(MANY, "form-of-the-shop-v1", 1, null);
        granted(3, "prompt-v2", 2, null);
        List<Person> found = earlier(List.of());

        assertThat(found).hasSize(3);
        assertThat(rowsRead(() -> earlier(List.of()))).isLessThan(20);
        found.forEach(this::note);
        assertThat(earlier(List.of())).isEmpty();
        assertThat(rowsRead(() -> earlier(List.of()))).isLessThan(20);
        assertThat(
                        in(
                                () ->
                                        due.agreedToEarlier(
                                                TENANT,
                                                Purpose.NOTIFICATION,
                                                "form-of-the-shop",
                                                2,
                                                List.of(),
                                                MANY * 2)))
                .as("another text is another matter")
                .hasSize(MANY);
    }

    @Test
    void passesOverWhomItIsTold() {
        granted(3, "prompt-v2", 2, Instant.parse("2026-11-23T10:00:00Z"));
        List<Person> all = earlier(List.of());

        assertThat(earlier(all.subList(0, 2))).containsExactly(all.getLast());
        assertThat(ended(all.subList(0, 2))).containsExactly(all.getLast());
        assertThat(rowsRead(() -> ended(List.of()))).isLessThan(20);
    }

    @Test
    @DisplayName("T11: what was noted of another text is looked at once more after the upgrade")
    void forgetsWhatWasNotedOfAnotherText() {
        String url = LocalPostgres.shared().newDatabase();
        JdbcTemplate owner =
                new JdbcTemplate(
                        new DriverManagerDataSource(
                                url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD));
        migrate(url, "35");
        owner.execute("alter table consent_record no force row level security");
        owner.execute("alter table subject no force row level security");
        UUID two = UUID.randomUUID();
        UUID one = UUID.randomUUID();
        owner.update(
                "insert into subject (tenant, id, created_at) values ('anton', ?, now()), ('anton', ?, now())",
                two,
                one);
        owner.batchUpdate(
                """
                insert into consent_record (tenant, id, subject_id, channel, purpose, state, details, text_noted, updated_at)
                values ('anton', gen_random_uuid(), ?::uuid, ?, 'NOTIFICATION', 'GRANTED', jsonb_build_object('textVersion', ?::text), 5, now())""",
                List.of(
                        new Object[] {two, "whatsapp", "a-v1"},
                        new Object[] {two, "sms", "b-v2"},
                        new Object[] {one, "sms", "c-v1"}));
        owner.execute("alter table consent_record force row level security");

        migrate(url, "36");

        owner.execute("alter table consent_record no force row level security");
        assertThat(
                        owner.queryForList(
                                "select text_id || text_noted from consent_record order by text_id",
                                String.class))
                .containsExactly("a1", "b2", "c5");
    }

    private static void migrate(String url, String target) {
        Flyway.configure()
                .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .target(target)
                .load()
                .migrate();
    }

    private List<Person> earlier(List<Person> without) {
        return in(
                () -> due.agreedToEarlier(TENANT, Purpose.NOTIFICATION, "prompt", 3, without, 500));
    }

    private void note(Person person) {
        database.scope().run(TENANT, () -> due.noteText(person, Purpose.NOTIFICATION, "prompt", 3));
    }

    private List<Person> ended(List<Person> without) {
        return in(() -> due.due(TENANT, Instant.parse("2026-11-24T10:00:00Z"), without, 500));
    }

    private <T> T in(Supplier<T> work) {
        return database.scope().call(TENANT, work);
    }

    /** Rows of consent_record that were fetched, by an index or not. */
    private long rowsRead(Runnable work) {
        return in(
                () -> {
                    long before = rowsReadSoFar();
                    work.run();
                    return rowsReadSoFar() - before;
                });
    }

    private long rowsReadSoFar() {
        return database.jdbc()
                .queryForObject(
                        "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = 'consent_record'",
                        Long.class);
    }

    private void granted(int people, String text, int noted, Instant dueAt) {
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .update(
                                                """
                                                with s as (insert into subject (tenant, id, created_at)
                                                           select ?, gen_random_uuid(), now() from generate_series(1, ?) returning tenant, id)
                                                insert into consent_record (tenant, id, subject_id, channel, purpose, state, details, due_at,
                                                                            text_noted, updated_at)
                                                select tenant, gen_random_uuid(), id, 'sms', 'NOTIFICATION', 'GRANTED',
                                                       jsonb_build_object('textVersion', ?::text), ?::timestamptz, ?, now() from s""",
                                                TENANT,
                                                people,
                                                text,
                                                dueAt == null ? null : dueAt.toString(),
                                                noted));
    }
}
