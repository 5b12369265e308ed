package org.jawort.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Against PostgreSQL, as the role the hub works under. */
class TableStatisticsIT {

    @Test
    void analyzesATableThatGrewAndLeavesItThenAlone() {
        String url = LocalPostgres.shared().newDatabase();
        Flyway.configure()
                .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .load()
                .migrate();
        // or PostgreSQL itself may be first
        new JdbcTemplate(
                        new DriverManagerDataSource(
                                url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD))
                .execute("alter table subject set (autovacuum_enabled = false)");
        var source =
                new DriverManagerDataSource(
                        url, LocalPostgres.APP_USER, LocalPostgres.APP_PASSWORD);
        var jdbc = new JdbcTemplate(source);
        var scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(source)), jdbc);
        var statistics = new TableStatistics(jdbc);
        assertThat(statistics.refresh()).isEmpty();

        scope.run(
                "muster",
                () ->
                        jdbc.update(
                                "insert into subject (tenant, id, created_at)"
                                        + " select 'muster', gen_random_uuid(), now() from generate_series(1, 500)"));

        await().until(statistics::refresh, tables -> tables.contains("subject"));
        assertThat(
                        jdbc.queryForObject(
                                "select reltuples from pg_class where relname = 'subject'",
                                Long.class))
                .isEqualTo(500);
        assertThat(statistics.refresh()).doesNotContain("subject");

        scope.run("muster", () -> jdbc.update("delete from subject"));

        await().until(
                        () ->
                                jdbc.queryForObject(
                                        "select n_mod_since_analyze from pg_stat_user_tables where relname = 'subject'",
                                        Long.class),
                        changed -> changed >= 500);
        assertThat(statistics.refresh()).as("it has only shrunk").doesNotContain("subject");
    }
}
