package org.jawort.intake;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.KafkaRecords;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Where sealed webhooks wait in PostgreSQL while Kafka does not take them. Registered as {@code
 * webhookSpool}.
 *
 * <p>Once a webhook waits here, later ones line up behind it until the spool is drained, so that
 * order survives the outage.
 */
public final class WebhookSpool {

    /** Says that earlier webhooks wait in the spool, and this one belongs behind them. */
    public static final class SpoolFirst extends RuntimeException {
        SpoolFirst() {
            super("earlier webhooks wait in the spool", null, false, false);
        }
    }

    private record Spooled(String tenant, long position, String account, byte[] sealed) {}

    /** How much of the spool is in memory at a time; what is larger goes alone. */
    static final int PIECE = 500;

    static final int PIECE_BYTES = 8 << 20;

    /** Exchange property: whether it went to Kafka before others that wait here. */
    static final String OVERTAKES = "jawort.spool.overtakes";

    private static final Logger LOG = LoggerFactory.getLogger(WebhookSpool.class);
    private static final String SENT = "jawort.spool.sent";
    private static final String LIMIT = "jawort.spool.limit";

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final TenantScope drainScope;
    private final JdbcTemplate drainJdbc;
    private final InstantSource clock;
    private final Collection<String> tenants;

    /**
     * Held shared while a webhook is put in, exclusively while the spool is found empty and closed.
     */
    private final ReadWriteLock gate = new ReentrantReadWriteLock();

    private volatile boolean open;

    /**
     * @param scope for putting webhooks in
     * @param drainScope for taking them out, on connections of its own: a rush of webhooks that
     *     line up must not keep the line from moving
     */
    public WebhookSpool(
            TenantScope scope,
            JdbcTemplate jdbc,
            TenantScope drainScope,
            JdbcTemplate drainJdbc,
            InstantSource clock,
            Collection<String> tenants) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.drainScope = drainScope;
        this.drainJdbc = drainJdbc;
        this.clock = clock;
        this.tenants = List.copyOf(tenants);
        this.open = !oldest(1).isEmpty(); // an earlier run may have left some
    }

    /**
     * @throws SpoolFirst while earlier webhooks wait
     */
    public void passIfEmpty() {
        if (open) {
            throw new SpoolFirst();
        }
    }

    /**
     * Stores the record that Kafka did not take.
     *
     * @throws org.springframework.dao.DataAccessException or a transaction exception if PostgreSQL
     *     is away too
     */
    public void store(Exchange exchange) {
        String tenant = exchange.getProperty(WebhookIntake.TENANT, String.class);
        String account = exchange.getProperty(WebhookIntake.ACCOUNT, String.class);
        byte[] sealed = exchange.getMessage().getBody(byte[].class);
        gate.readLock().lock();
        try {
            scope.run(
                    tenant,
                    () ->
                            jdbc.update(
                                    "insert into webhook_spool (tenant, account, sealed, created_at) values (?, ?, ?, ?)",
                                    tenant,
                                    account,
                                    sealed,
                                    clock.instant().atOffset(ZoneOffset.UTC)));
            open = true;
        } finally {
            gate.readLock().unlock();
        }
    }

    /** Notes that the webhook went to Kafka before those that wait here: it could not line up. */
    public void overtake(Exchange exchange) {
        exchange.setProperty(OVERTAKES, true);
        LOG.warn(
                "webhook.overtakes provider={}: the spool is open and cannot be written to",
                exchange.getProperty(WebhookIntake.PROVIDER));
    }

    /**
     * Makes the body the next webhooks in order as records to send, and remembers which they are;
     * empty when drained. The first of a run goes alone: of a list that a broker just coming up
     * takes in part, the later ones could arrive before the first.
     */
    public void next(Exchange exchange) {
        int limit = exchange.getProperty(LIMIT, 1, Integer.class);
        List<Spooled> waiting = oldest(limit);
        if (waiting.isEmpty() && open) {
            gate.writeLock().lock();
            try {
                waiting = oldest(limit);
                open = !waiting.isEmpty();
            } finally {
                gate.writeLock().unlock();
            }
        }
        List<Message> records =
                waiting.stream()
                        .map(
                                webhook ->
                                        KafkaRecords.record(
                                                exchange,
                                                webhook.tenant() + "/" + webhook.account(),
                                                webhook.sealed()))
                        .toList();
        exchange.setProperty(SENT, waiting);
        exchange.setProperty(LIMIT, PIECE);
        exchange.getMessage().setBody(records);
    }

    /**
     * Says that one of those {@link #next} named is too large for Kafka. If it was the only one, it
     * stays the body, to be kept elsewhere. Of several none counts as sent, the body is empty, and
     * half as many are next, until the one is found.
     */
    public void tooLarge(Exchange exchange) {
        int tried = exchange.getProperty(SENT, List.class).size();
        if (tried > 1) {
            exchange.setProperty(SENT, List.of());
            exchange.setProperty(LIMIT, tried / 2);
            exchange.getMessage().setBody(List.of());
        }
    }

    /**
     * Removes what {@link #next} named, now that it is kept elsewhere: from now on the topic has
     * it, and needs its key. Returns how many.
     */
    public int remove(Exchange exchange) {
        @SuppressWarnings("unchecked")
        List<Spooled> sent = exchange.getProperty(SENT, List.class);
        return drainScope.call(
                tenants,
                () -> {
                    Bulk.update(
                            drainJdbc,
                            """
                            update sealing_key k set drained_at = ?::timestamptz
                              from (select distinct * from unnest(?::text[], ?::int[]) as n(tenant, day)) n
                             where k.tenant = n.tenant and k.day - date '1970-01-01' = n.day""",
                            Column.one(clock.instant()),
                            Column.of("text", sent, Spooled::tenant),
                            Column.of("int4", sent, one -> WebhookSeal.epochDay(one.sealed())));
                    return Bulk.update(
                            drainJdbc,
                            "delete from webhook_spool using unnest(?::text[], ?::bigint[]) as sent(tenant, position)"
                                    + " where webhook_spool.tenant = sent.tenant and webhook_spool.position = sent.position",
                            Column.of("text", sent, Spooled::tenant),
                            Column.of("bigint", sent, Spooled::position));
                });
    }

    private List<Spooled> oldest(int limit) {
        return drainScope.call(
                tenants,
                () ->
                        drainJdbc.query(
                                Bulk.piece("select * from webhook_spool", "position", "sealed"),
                                (row, n) ->
                                        new Spooled(
                                                row.getString("tenant"),
                                                row.getLong("position"),
                                                row.getString("account"),
                                                row.getBytes("sealed")),
                                limit,
                                PIECE_BYTES));
    }
}
