package org.jawort.bench;

import static org.jawort.bench.HandWrittenServer.environment;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a good engineer writes in an afternoon: one insert per request, and a worker that posts what
 * is not sent yet and marks it. No Kafka, mapping, consent or encryption.
 */
public final class AfternoonProgram {

    private static final int PAGE = 500;
    private static final int PAUSE_MILLIS = 100;

    private record Unsent(long id, CrmPost.Message message) {}

    private AfternoonProgram() {}

    public static void main(String[] arguments) {
        var database = new JdbcTemplate(dataSource());
        database.execute(
                """
                CREATE TABLE message (
                  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sid text NOT NULL UNIQUE, sender text NOT NULL,
                  recipient text NOT NULL, body text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(),
                  sent_at timestamptz)
                """);
        database.execute("CREATE INDEX unsent ON message (id) WHERE sent_at IS NULL");
        var crm = new CrmPost();
        Executors.newSingleThreadScheduledExecutor()
                .scheduleWithFixedDelay(
                        () -> send(database, crm),
                        PAUSE_MILLIS,
                        PAUSE_MILLIS,
                        TimeUnit.MILLISECONDS);

        HandWrittenServer.serve(body -> insert(database, CrmPost.Message.of(body)));
    }

    private static void insert(JdbcTemplate database, CrmPost.Message message) {
        database.update(
                "INSERT INTO message (sid, sender, recipient, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                message.providerMessageId(),
                message.from(),
                message.to(),
                message.text());
    }

    /** Until nothing is left; a failure is tried again with the next turn. */
    private static void send(JdbcTemplate database, CrmPost crm) {
        try {
            List<Unsent> page = page(database);
            while (!page.isEmpty()) {
                crm.all(page.stream().map(Unsent::message).toList());
                database.batchUpdate(
                        "UPDATE message SET sent_at = now() WHERE id = ?",
                        page.stream().map(unsent -> new Object[] {unsent.id()}).toList());
                page = page(database);
            }
        } catch (ExecutionException | RuntimeException failed) {
            failed.printStackTrace();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<Unsent> page(JdbcTemplate database) {
        return database.query(
                "SELECT id, sid, sender, recipient, body FROM message WHERE sent_at IS NULL ORDER BY id LIMIT "
                        + PAGE,
                (row, number) ->
                        new Unsent(
                                row.getLong(1),
                                new CrmPost.Message(
                                        row.getString(2),
                                        row.getString(3),
                                        row.getString(4),
                                        row.getString(5))));
    }

    private static HikariDataSource dataSource() {
        var config = new HikariConfig();
        config.setJdbcUrl(environment("BENCH_DB_URL"));
        config.setUsername(environment("BENCH_DB_USER"));
        config.setPassword(environment("BENCH_DB_PASSWORD"));
        config.setMaximumPoolSize(16); // as the hub
        return new HikariDataSource(config);
    }
}
