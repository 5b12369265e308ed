package org.jawort.retention;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.List;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.TenantSigner;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Signs the head of each journal of deletions once a day and sends it to the destinations that keep
 * it, beside the anchors of the consent ledger (RET-13). Registered as {@code deletionAnchors}.
 */
public final class DeletionAnchors {

    public static final String TYPE = "jawort.deletions.anchored.v1";

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Outbox outbox;
    private final TenantSigner signer;
    private final DeletionJournal journal;
    private final InstantSource clock;

    DeletionAnchors(
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
        this.journal = new DeletionJournal(jdbc);
        this.clock = clock;
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    /**
     * Anchors today's head, in calendar days of Europe/Berlin. Does nothing if that was done
     * already, by whichever node, or if nothing was ever deleted.
     */
    public void anchor(String tenant) {
        Instant now = clock.instant();
        scope.run(
                tenant,
                () -> {
                    DeletionJournal.Head head = journal.head(tenant);
                    if (head.position() > 0) {
                        DeletionAnchor anchor =
                                DeletionAnchor.signed(
                                        signer, tenant, LocalDate.ofInstant(now, BERLIN), head);
                        if (keep(anchor)) {
                            send(anchor, now);
                        }
                    }
                });
    }

    private boolean keep(DeletionAnchor anchor) {
        return jdbc.update(
                        "insert into deletion_anchor (tenant, day, position, entry_hash, signature)"
                                + " values (?, ?, ?, ?, ?) on conflict do nothing",
                        anchor.tenant(),
                        anchor.date(),
                        anchor.position(),
                        HexFormat.of().parseHex(anchor.entryHash()),
                        anchor.signature())
                == 1;
    }

    private void send(DeletionAnchor anchor, Instant now) {
        outbox.addDue(
                List.of(
                        new NewEvent(
                                anchor.tenant(),
                                UuidCreator.getTimeOrderedEpoch(),
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
}
