package org.jawort.proof;

import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.LedgerEntry;
import org.jawort.store.TenantScope;
import org.jawort.vault.TenantSigner;
import org.springframework.jdbc.core.JdbcTemplate;

/** The {@link DailyAnchors} of the consent ledger. Registered as {@code ledgerAnchors}. */
public final class LedgerAnchors {

    /**
     * Where a chain stands.
     *
     * @param entryHash lower-case hex; of 32 zero bytes before the first entry
     */
    public record Head(long chainIndex, String entryHash) {}

    private final DailyAnchors daily;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final TenantSigner signer;

    LedgerAnchors(DailyAnchors daily, TenantScope scope, JdbcTemplate jdbc, TenantSigner signer) {
        this.daily = daily;
        this.scope = scope;
        this.jdbc = jdbc;
        this.signer = signer;
    }

    public List<String> tenants() {
        return daily.tenants();
    }

    /**
     * Anchors today's head. Does nothing if that was done already, by whichever node, or if the
     * ledger is empty.
     */
    public void anchor(String tenant) {
        scope.run(
                tenant,
                () -> {
                    Head head = head(tenant);
                    daily.anchor(
                            Anchor.Chain.LEDGER,
                            tenant,
                            head.chainIndex(),
                            head.entryHash(),
                            this::keep);
                });
    }

    private boolean keep(Anchor anchor, UUID event) {
        return jdbc.update(
                        "insert into ledger_anchor (tenant, day, chain_index, entry_hash, signature, event_id)"
                                + " values (?, ?, ?, ?, ?, ?) on conflict do nothing",
                        anchor.tenant(),
                        anchor.date(),
                        anchor.position(),
                        HexFormat.of().parseHex(anchor.entryHash()),
                        anchor.signature(),
                        event)
                == 1;
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
                                        Anchor.Chain.LEDGER,
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
