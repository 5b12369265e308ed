package org.jawort.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@DisplayName("What a migration says of rows that an older hub wrote")
class OldRowsIT {

    private final String url = LocalPostgres.shared().newDatabase();
    private final JdbcTemplate sql = owner("anton,berta,carla");

    /** Row-level security binds the owner too, before the migrations and after. */
    private JdbcTemplate owner(String tenants) {
        return new JdbcTemplate(
                new DriverManagerDataSource(
                        url + "?options=-c%20app.tenants=" + tenants,
                        LocalPostgres.OWNER_USER,
                        LocalPostgres.OWNER_PASSWORD));
    }

    private void migrate(String target) {
        Flyway.configure()
                .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .target(target)
                .load()
                .migrate();
    }

    private UUID subject(String tenant) {
        return sql.queryForObject(
                "insert into subject (tenant, id, created_at) values (?, gen_random_uuid(), now()) returning id",
                UUID.class,
                tenant);
    }

    @Test
    @DisplayName(
            "V33: all keys of a tenant stay that has a refusal, or a letter, of somebody erased before")
    void keepsKeysUnderWhichSomebodyMayBeHashed() {
        migrate("32");
        sql.update(
                """
                insert into tenant_key (tenant, version, custodian, wrapped, created_at, writes_from)
                select tenant, version, 'root', 'wrapped', now(), now()
                  from unnest(array['anton', 'berta', 'carla']) tenant, generate_series(1, 2) version""");
        sql.update(
                "insert into suppression_stub (tenant, channel, stub_key, scope, since) values ('anton', 'sms', 'hash', 'ALL', now())");
        sql.update(
                "insert into retained_party (tenant, subject_id, channel, party_key) values ('berta', ?, 'whatsapp', 'hash')",
                subject("berta"));

        migrate("33");

        assertThat(
                        sql.queryForList(
                                "select tenant || version from tenant_key where hashes order by 1",
                                String.class))
                .containsExactly("anton1", "anton2", "berta1", "berta2");
        assertThat(visibleToNobody("tenant_key", "suppression_stub", "retained_party")).isTrue();
    }

    @Test
    @DisplayName(
            "V34, T11: a record is noted of the version it rests on, or of a later one that was looked at")
    void notesTheTextARecordRestsOn() {
        migrate("33");
        record("prompt-v2", null);
        record("prompt-v3", 4);
        record("prompt-v7", 3);
        record("web-v1-v12", null);
        record("Formular 2024", null);
        record("long-v123456", 1);
        record(null, null);

        migrate("34");

        assertThat(
                        sql.queryForList(
                                """
                                select concat_ws(' ', details ->> 'textVersion', '>', text_id, text_noted)
                                  from consent_record order by 1""",
                                String.class))
                .containsExactlyInAnyOrder(
                        "prompt-v2 > prompt 2",
                        "prompt-v3 > prompt 4",
                        "prompt-v7 > prompt 7",
                        "web-v1-v12 > web-v1 12",
                        "Formular 2024 > 0",
                        "long-v123456 > 1",
                        "> 0");
        assertThat(visibleToNobody("consent_record")).isTrue();
    }

    private void record(String text, Integer noted) {
        sql.update(
                """
                insert into consent_record (tenant, id, subject_id, channel, purpose, state, details, text_noted, updated_at)
                values ('anton', gen_random_uuid(), ?, 'sms', 'NOTIFICATION', 'GRANTED', jsonb_build_object('textVersion', ?::text), ?, now())""",
                subject("anton"),
                text,
                noted);
    }

    /** There are rows, and whoever names no tenant sees none. */
    private boolean visibleToNobody(String... tables) {
        return List.of(tables).stream()
                .map(table -> "select count(*) from " + table)
                .allMatch(
                        count ->
                                sql.queryForObject(count, Long.class) > 0
                                        && owner("").queryForObject(count, Long.class) == 0);
    }
}
