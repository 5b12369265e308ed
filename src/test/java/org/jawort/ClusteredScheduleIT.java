package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The nightly run, on more than one node. */
class ClusteredScheduleIT {

    private static final String EVERY_FOUR_SECONDS = "0/4 * * * * ?";

    private static final String CHECK_IN = "PT1S";

    @Test
    @DisplayName("two nodes never do the same run, and one goes on when the other is killed")
    void oneNodeDoesEachRun() throws Exception {
        String database = LocalPostgres.shared().newDatabase();
        try (var crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, InstantSource.system()).start();
                HubInTest here = hub(database, EVERY_FOUR_SECONDS);
                var there = new ChildHub(crm, database)) {
            there.with("JAWORT_RETENTION_CRON", EVERY_FOUR_SECONDS)
                    .with("JAWORT_SCHEDULE_CHECKIN", CHECK_IN)
                    .start();
            JdbcTemplate sql = here.sql();
            HubInTest.await()
                    .until(() -> count(sql, "select count(*) from qrtz_scheduler_state") == 2);
            Instant both = Instant.now();
            HubInTest.await().until(() -> runsSince(sql, both).size() >= 3);

            there.kill();
            Instant alone = Instant.now();
            HubInTest.await().until(() -> runsSince(sql, alone).size() >= 2);

            // the node that is left may catch up a run that the other had taken, right before its
            // own
            assertThat(runsSince(sql, both))
                    .filteredOn(run -> run.isBefore(alone))
                    .extracting(run -> run.getEpochSecond() / 4)
                    .as("each belongs to another four seconds, of which it may be late by some")
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    @DisplayName("runs that were missed while no node ran are caught up once")
    void catchesUpOnce() {
        String database = LocalPostgres.shared().newDatabase();
        // not while the test runs
        String daily =
                "0 17 %d * * ?"
                        .formatted(
                                LocalTime.now(ZoneId.of("Europe/Berlin")).plusHours(12).getHour());
        JdbcTemplate sql;
        try (HubInTest hub = hub(database, daily)) {
            sql = hub.sql();
            assertThat(count(sql, "select count(*) from retention_run")).isZero();
        }
        long threeDaysAgo = Instant.now().minus(Duration.ofDays(3)).toEpochMilli();
        sql.update(
                "update qrtz_triggers set next_fire_time = ? where trigger_name = 'nightly'",
                threeDaysAgo);

        try (HubInTest hub = hub(database, daily)) {
            HubInTest.await()
                    .until(() -> count(hub.sql(), "select count(*) from retention_run") > 0);
            HubInTest.await()
                    .until(
                            () ->
                                    count(
                                                    hub.sql(),
                                                    "select count(*) from qrtz_triggers where trigger_name = 'nightly'"
                                                            + " and trigger_state = 'WAITING' and next_fire_time > "
                                                            + Instant.now().toEpochMilli())
                                            == 1);

            assertThat(count(hub.sql(), "select count(*) from retention_run")).isEqualTo(1);
            assertThat(hub.sql().queryForObject("select actor from retention_run", String.class))
                    .as("RET-13")
                    .isEqualTo("schedule");
        }
    }

    private static HubInTest hub(String database, String cron) {
        return HubInTest.hub()
                .database(database)
                .with("JAWORT_RETENTION_CRON", cron)
                .with("jawort.schedule.check-in", CHECK_IN)
                .start();
    }

    private static List<Instant> runsSince(JdbcTemplate sql, Instant since) {
        return sql
                .queryForList(
                        "select started_at from retention_run where started_at > ? order by started_at",
                        java.sql.Timestamp.class,
                        java.sql.Timestamp.from(since))
                .stream()
                .map(java.sql.Timestamp::toInstant)
                .toList();
    }

    private static long count(JdbcTemplate sql, String query) {
        return sql.queryForObject(query, Long.class);
    }
}
