package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.jawort.HubInTest;
import org.jawort.store.TenantScope;

/** Another node of the installation, to which Kafka gives what a slow one has not committed. */
public final class SecondNode {

    private SecondNode() {}

    /** It finds an attempt under way that is not its own. */
    public static void takesOver(HubInTest hub, String message, String account) {
        hub.bean(SendClaim.class).claim(hub.tenant, UUID.fromString(message), account);
        hub.sql()
                .update(
                        """
                        update delivery d set state = 'withheld', finished_at = now() from event e
                         where e.tenant = d.tenant and e.id = d.event_id and e.message_id = ?::uuid
                           and d.destination like 'send:%' and d.state = 'pending'""",
                        message);
    }

    /** It cannot send the message over the account it was handed on to. */
    public static void handsBack(HubInTest hub, String message) {
        Instant now = hub.clock.instant();
        boolean back =
                hub.bean(TenantScope.class)
                        .call(
                                hub.tenant,
                                () ->
                                        hub.bean(OutboundRows.class)
                                                .lock(hub.tenant, UUID.fromString(message))
                                                .map(
                                                        row ->
                                                                hub.bean(SendClaim.class)
                                                                        .handBack(row, now, now))
                                                .orElseThrow());
        assertThat(back).isTrue();
    }
}
