package org.jawort.bench;

import static org.jawort.bench.HandWrittenServer.environment;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Webhook to CRM by hand, as fast as the road allows: Kafka, batch insert, POST, then the offsets.
 * No mapping, consent, encryption, retries or order.
 */
public final class HandWrittenPipeline {

    private static final int CONSUMERS = 2; // as the hub

    private HandWrittenPipeline() {}

    public static void main(String[] arguments) throws Exception {
        var kafka = HandWrittenKafka.newTopic("hand-written-pipeline");
        try (var connection = connection();
                var statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE message (sid text PRIMARY KEY, sender text NOT NULL, recipient text NOT NULL,"
                            + " body text NOT NULL, received_at timestamptz NOT NULL DEFAULT now())");
        }
        var crm = new CrmPost();
        for (int i = 0; i < CONSUMERS; i++) {
            var consumer = new Thread(() -> consume(kafka, crm), "consumer-" + i);
            consumer.setUncaughtExceptionHandler(
                    (thread, failure) -> {
                        failure.printStackTrace();
                        Runtime.getRuntime().halt(1); // loss must show
                    });
            consumer.start();
        }

        HandWrittenServer.serve(kafka::store);
    }

    private static void consume(HandWrittenKafka kafka, CrmPost crm) {
        try (var consumer = kafka.consumer();
                var connection = connection()) {
            connection.setAutoCommit(false);
            while (true) {
                List<CrmPost.Message> messages = new ArrayList<>();
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    messages.add(CrmPost.Message.of(record.value()));
                }
                if (!messages.isEmpty()) {
                    insert(connection, messages);
                    crm.all(messages);
                    consumer.commitSync();
                }
            }
        } catch (SQLException | ExecutionException failed) {
            throw new IllegalStateException(failed);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static void insert(Connection connection, List<CrmPost.Message> messages)
            throws SQLException {
        try (var insert =
                connection.prepareStatement(
                        "INSERT INTO message (sid, sender, recipient, body) VALUES (?, ?, ?, ?)"
                                + " ON CONFLICT DO NOTHING")) {
            for (CrmPost.Message message : messages) {
                insert.setString(1, message.providerMessageId());
                insert.setString(2, message.from());
                insert.setString(3, message.to());
                insert.setString(4, message.text());
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
        }
    }

    private static Connection connection() throws SQLException {
        return DriverManager.getConnection(
                environment("BENCH_DB_URL") + "?reWriteBatchedInserts=true",
                environment("BENCH_DB_USER"),
                environment("BENCH_DB_PASSWORD"));
    }
}
