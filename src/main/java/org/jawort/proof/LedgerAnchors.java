package org.jawort.proof;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.LedgerEntry;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.TenantSigner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Signs the head of each chain once a day and sends it to the destinations that keep it, so that
 * somebody outside the database knows how far the ledger reached. Registered as {@code
 * ledgerAnchors}.
 */
public final class LedgerAnchors {

    static final String TYPE = "jawort.ledger.anchored.v1";

    private static final Logger LOG = LoggerFactory.getLogger(LedgerAnchors.class);
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /**
     * Where a chain stands.
     *
     * @param entryHash lower-case hex; of 32 zero bytes before the first entry
     */
    public record Head(long chainIndex, String entryHash) {}

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Outbox outbox;
    private final TenantSigner signer;
    private final InstantSource clock;

    LedgerAnchors(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Outbox outbox,
            TenantSigner signer,
            InstantSource clock) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.outbox = outbox;
        this.signer = signer;
        this.clock = clock;
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    /**
     * Anchors today's head, in calendar days of Europe/Berlin. Does nothing if that was done
     * already, by whichever node, or if the ledger is empty.
     */
    public void anchor(String tenant) {
        Instant now = clock.instant();
        scope.run(
                tenant,
                () -> {
                    Head head = head(tenant);
                    if (head.chainIndex() == 0) {
                        return;
                    }
                    LocalDate day = LocalDate.ofInstant(now, BERLIN);
                    Anchor anchor =
                            Anchor.signed(signer, tenant, day, head.chainIndex(), head.entryHash());
                    UUID event = UuidCreator.getTimeOrderedEpoch();
                    if (insert(anchor, event) == 1) {
                        send(anchor, event, now);
                        LOG.info(
                                "ledger.anchored tenant={} day={} chainIndex={}",
                                tenant,
                                day,
                                head.chainIndex());
                    }
                });
    }

    private int insert(Anchor anchor, UUID event) {
        return jdbc.update(
                "insert into ledger_anchor (tenant, day, chain_index, entry_hash, signature, event_id)"
                        + " values (?, ?, ?, ?, ?, ?) on conflict do nothing",
                anchor.tenant(),
                anchor.date(),
                anchor.chainIndex(),
                java.util.HexFormat.of().parseHex(anchor.entryHash()),
                anchor.signature(),
                event);
    }

    private void send(Anchor anchor, UUID event, Instant now) {
        outbox.addDue(
                List.of(
                        new NewEvent(
                                anchor.tenant(),
                                event,
                                TYPE,
                                null,
                                null,
                                null,
                                null,
                                false,
                                now,
                                anchor.json().toString(),
                                null)),
                sent ->
                        tenants.get(sent.tenant()).destinations().values().stream()
                                .filter(one -> one.receives(sent.type(), false))
                                .toList(),
                now);
    }

    /** Inside the caller's transaction. */
    public Head head(String tenant) {
        return jdbc
                .query(
                        "select chain_index, entry_hash from consent_chain where tenant = ?",
                        (row, n) -> new Head(row.getLong(1), LedgerEntry.hex(row.getBytes(2))),
                        tenant)
                .stream()
                .findFirst()
                .orElse(new Head(0, LedgerEntry.GENESIS));
    }

    /** The newest anchor, inside the caller's transaction. */
    public Optional<Anchor> newest(String tenant) {
        return jdbc
                .query(
                        "select day, chain_index, entry_hash, signature from ledger_anchor"
                                + " where tenant = ? order by day desc limit 1",
                        (row, n) ->
                                new Anchor(
                                        tenant,
                                        row.getObject(1, LocalDate.class),
                                        row.getLong(2),
                                        LedgerEntry.hex(row.getBytes(3)),
                                        signer.publicKey(tenant),
                                        row.getBytes(4)),
                        tenant)
                .stream()
                .findFirst();
    }

    /** 32 bytes, RFC 8032. */
    public byte[] publicKey(String tenant) {
        return signer.publicKey(tenant);
    }
}
