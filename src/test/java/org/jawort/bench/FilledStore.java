package org.jawort.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.jawort.local.LocalPostgres;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * A database with the hub's tables and messages of a given age in it, each with its event, what
 * became of the event at one recipient, and the key that tells a repetition. Ciphertexts are random
 * bytes of a usual size: nobody opens them, and what deletes does not look.
 *
 * @param messages in all, evenly over the tenants
 */
public record FilledStore(String url, List<String> tenants, int messages) {

    /** Of each conversation, which is one person's. */
    static final int PER_CONVERSATION = 20;

    /**
     * @param daysClosed how long ago the conversations closed
     * @param recipient destination that received every message
     */
    public static FilledStore make(
            LocalPostgres postgres,
            List<String> tenants,
            int messages,
            int daysClosed,
            String recipient)
            throws SQLException {
        long started = System.nanoTime();
        var store = new FilledStore(postgres.newDatabase(), tenants, messages);
        Flyway.configure()
                .dataSource(store.url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .load()
                .migrate();
        try (Connection connection = store.connect()) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            enter(jdbc, tenants);
            int each = messages / tenants.size();
            for (String tenant : tenants) {
                fill(jdbc, tenant, each, daysClosed, recipient);
            }
        }
        store.vacuum();
        Bench.say(
                "filled a store of %d messages of %d tenants in %d s"
                        .formatted(
                                messages,
                                tenants.size(),
                                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)));
        return store;
    }

    /** Or the first readers would do what autovacuum does in the quiet of a long life. */
    void vacuum() throws SQLException {
        try (Connection owner =
                DriverManager.getConnection(
                        url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(owner, true));
            jdbc.execute("vacuum (analyze)");
        }
    }

    /** As the role the hub works under. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, LocalPostgres.APP_USER, LocalPostgres.APP_PASSWORD);
    }

    static void enter(JdbcTemplate jdbc, List<String> tenants) {
        jdbc.queryForObject(
                "select set_config('app.tenants', ?, false)",
                String.class,
                String.join(",", tenants));
    }

    private static void fill(
            JdbcTemplate jdbc, String tenant, int messages, int daysClosed, String recipient) {
        int people = Math.max(1, messages / PER_CONVERSATION);
        jdbc.update(
                "insert into subject (tenant, id, created_at) select ?, md5('subject' || n)::uuid, now() - make_interval(days => ?)"
                        + " from generate_series(0, ? - 1) n",
                tenant,
                daysClosed + 30,
                people);
        jdbc.update(
                "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at)"
                        + " select tenant, id, 'ordinary', decode(repeat(md5(id::text), 5), 'hex'), created_at from subject where tenant = ?",
                tenant);
        jdbc.update(
                "insert into address (tenant, id, subject_id, channel, scheme, lookup, sealed_address, created_at)"
                        + " select tenant, id, id, 'whatsapp', 'phone', decode(md5('a' || id) || md5('b' || id), 'hex'),"
                        + " decode(repeat(md5(id::text), 3), 'hex'), created_at from subject where tenant = ?",
                tenant);
        jdbc.update(
                """
                insert into conversation (tenant, id, subject_id, account, channel, business_key, opened_at, last_message_at, closed_at)
                select tenant, md5('conversation' || id)::uuid, id, 'twilio', 'whatsapp', decode(md5('business'), 'hex'),
                       now() - make_interval(days => ?), now() - make_interval(days => ?), now() - make_interval(days => ?)
                  from subject where tenant = ?""",
                daysClosed + 31,
                daysClosed + 30,
                daysClosed,
                tenant);
        jdbc.update(
                """
                insert into message (tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,
                                     provider_message_key, received_at, sealed_body, sealed_original, decision, reason)
                select ?, md5('message' || n)::uuid, md5('conversation' || s)::uuid, s, 'twilio', 'twilio', 'whatsapp', 'inbound', 'text',
                       decode(md5('p' || n) || md5('q' || n), 'hex'), now() - make_interval(days => ?) + n * interval '29 days' / ?,
                       decode(repeat(md5(n::text), 30), 'hex'), decode(repeat(md5(n::text), 40), 'hex'), 'accept', 'IN_OK'
                  from (select n, md5('subject' || (n % ?))::uuid as s from generate_series(0, ? - 1) n) as m""",
                tenant, daysClosed + 30, messages, people, messages);
        jdbc.update(
                """
                insert into provider_event (tenant, account, event_key, event_ids, received_at)
                select tenant, account, provider_message_key, array[md5('event' || id)::uuid], received_at
                  from message where tenant = ?""",
                tenant);
        jdbc.update(
                """
                insert into event (tenant, id, type, account, subject_id, conversation_id, message_id, created_at)
                select tenant, md5('event' || id)::uuid, 'jawort.message.received.v1', account, subject_id, conversation_id, id, received_at
                  from message where tenant = ?""",
                tenant);
        jdbc.update(
                """
                insert into delivery (tenant, destination, event_id, lane, sequence, state, attempts, created_at, finished_at)
                select tenant, ?, id, conversation_id, row_number() over (), 'delivered', 1, created_at, created_at
                  from event where tenant = ?""",
                recipient,
                tenant);
        jdbc.update(
                "insert into destination_sequence (tenant, destination, last) values (?, ?, ?)",
                tenant,
                recipient,
                messages);
    }
}
