package org.jawort.proof;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.BiPredicate;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.TenantSigner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs the head of a chain once a day and sends it to the destinations that keep it, so that
 * somebody outside the database knows how far the chain reached. Days are those of Europe/Berlin.
 */
public final class DailyAnchors {

    private static final Logger LOG = LoggerFactory.getLogger(DailyAnchors.class);
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private final Tenants tenants;
    private final Outbox outbox;
    private final TenantSigner signer;
    private final InstantSource clock;

    public DailyAnchors(Tenants tenants, Outbox outbox, TenantSigner signer, InstantSource clock) {
        this.tenants = tenants;
        this.outbox = outbox;
        this.signer = signer;
        this.clock = clock;
    }

    public List<String> tenants() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }

    /**
     * Inside the caller's transaction. Does nothing while the chain is empty.
     *
     * @param position of the last entry, 0 for none
     * @param entryHash of the last entry, lower-case hex
     * @param keep stores the anchor and the event that sends it; false if the day has one already
     */
    public void anchor(
            Anchor.Chain chain,
            String tenant,
            long position,
            String entryHash,
            BiPredicate<Anchor, UUID> keep) {
        if (position == 0) {
            return;
        }
        Instant now = clock.instant();
        LocalDate day = LocalDate.ofInstant(now, BERLIN);
        Anchor anchor = Anchor.signed(signer, chain, tenant, day, position, entryHash);
        UUID event = UuidCreator.getTimeOrderedEpoch();
        if (keep.test(anchor, event)) {
            send(anchor, event, now);
            LOG.info(
                    "{}.anchored tenant={} day={} position={}",
                    chain.name().toLowerCase(Locale.ROOT),
                    tenant,
                    day,
                    position);
        }
    }

    private void send(Anchor anchor, UUID event, Instant now) {
        outbox.addDue(
                List.of(
                        new NewEvent(
                                anchor.tenant(),
                                event,
                                anchor.chain().eventType(),
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
