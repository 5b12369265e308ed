package org.jawort.retention;

import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jawort.proof.Anchor;
import org.jawort.proof.DailyAnchors;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The {@link DailyAnchors} of the journals of deletions (RET-13). Registered as {@code
 * deletionAnchors}.
 */
public final class DeletionAnchors {

    private final DailyAnchors daily;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final DeletionJournal journal;

    DeletionAnchors(DailyAnchors daily, TenantScope scope, JdbcTemplate jdbc) {
        this.daily = daily;
        this.scope = scope;
        this.jdbc = jdbc;
        this.journal = new DeletionJournal(jdbc);
    }

    public List<String> tenants() {
        return daily.tenants();
    }

    /**
     * Anchors today's head. Does nothing if that was done already, by whichever node, or if nothing
     * was ever deleted.
     */
    public void anchor(String tenant) {
        scope.run(
                tenant,
                () -> {
                    DeletionJournal.Head head = journal.head(tenant);
                    daily.anchor(
                            Anchor.Chain.DELETIONS,
                            tenant,
                            head.position(),
                            head.entryHash(),
                            this::keep);
                });
    }

    private boolean keep(Anchor anchor, UUID event) {
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
}
