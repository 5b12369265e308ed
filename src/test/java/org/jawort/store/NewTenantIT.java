package org.jawort.store;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.bench.FilledStore;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A tenant that PostgreSQL's statistics know nothing of, because the others have so much more that
 * no table seems to have grown. What is read for a message must not depend on how many the tenant
 * has already.
 */
class NewTenantIT {

    private static final int STORED = 20_000;
    private static final int WAVE = 600;

    /** Rows of any table that a message may cost, from its webhook to its delivery. */
    private static final double ROWS_PER_MESSAGE = 60;

    @Test
    void readsAsMuchForTheLastMessageAsForTheFirst() throws Exception {
        FilledStore store =
                FilledStore.make(LocalPostgres.shared(), List.of("altbestand"), STORED, 1, "crm");
        try (HubInTest hub =
                HubInTest.hub()
                        .database(store.url())
                        .home(HomeFolder.withoutRate().path())
                        .start()) {
            keepStatisticsAsTheyAre(hub.sql());
            wave(hub, 0);
            Map<String, Long> before = rowsRead(hub);
            wave(hub, 1);
            Map<String, Long> after = rowsRead(hub);

            var read = new TreeMap<String, Long>();
            after.forEach(
                    (table, rows) ->
                            read.merge(table, rows - before.getOrDefault(table, 0L), Long::sum));
            double perMessage =
                    read.values().stream().mapToLong(rows -> rows).sum() / (double) WAVE;
            assertThat(perMessage)
                    .as("rows read per message of %s", read)
                    .isLessThan(ROWS_PER_MESSAGE);
        }
    }

    private static void keepStatisticsAsTheyAre(JdbcTemplate sql) {
        sql.queryForList("select relname from pg_stat_user_tables", String.class)
                .forEach(
                        table ->
                                sql.execute(
                                        "alter table %s set (autovacuum_enabled = false)"
                                                .formatted(table)));
    }

    private static void wave(HubInTest hub, int number) throws Exception {
        try (var threads = Executors.newFixedThreadPool(32)) {
            List<Future<Integer>> answers =
                    IntStream.range(0, WAVE)
                            .map(index -> number * WAVE + index)
                            .mapToObj(index -> threads.submit(() -> post(hub, index)))
                            .toList();
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        await().until(
                        () ->
                                hub.sql()
                                        .queryForObject(
                                                "select count(*) from delivery where tenant = 'autohaus-muster' and destination = 'crm' and state = 'delivered'",
                                                Integer.class),
                        delivered -> delivered >= (number + 1) * WAVE);
        hub.awaitQuiet();
    }

    private static int post(HubInTest hub, int index) {
        byte[] body =
                TwilioForm.text(
                                "SM%032d".formatted(index),
                                "+4915100%06d".formatted(index % 400),
                                "Ist der Wagen fertig?")
                        .bytes();
        int status = 503;
        for (int times = 0; status == 503 && times < 20; times++) { // as the provider would
            status = hub.post("twilio", TwilioForm.TYPE, body).statusCode();
        }
        return status;
    }

    /** By table. A connection tells what it read when it ends. */
    private static Map<String, Long> rowsRead(HubInTest hub) {
        JdbcTemplate sql = hub.sql();
        List<Integer> connections =
                sql.queryForList(
                        "select pid from pg_stat_activity where datname = current_database() and application_name = 'jawort'",
                        Integer.class);
        hub.bean(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
        await().until(
                        () ->
                                sql.queryForList(
                                        "select pid from pg_stat_activity where datname = current_database()",
                                        Integer.class),
                        left -> left.stream().noneMatch(connections::contains));
        return sql
                .queryForList(
                        "select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as read from pg_stat_user_tables"
                                + " where relname not like 'qrtz%'")
                .stream()
                .collect(toMap(row -> (String) row.get("relname"), row -> (Long) row.get("read")));
    }
}
