package org.jawort.sending;

import java.time.Instant;
import java.util.UUID;
import org.jawort.message.Channel;

/** How people stand informed (INF-1, INF-3). Inside the caller's transaction, the person locked. */
public interface Informing {

    /** Whether the notice in force, or one that counts as it, has arrived. */
    boolean isInformed(String tenant, UUID subject, Channel channel);

    /** Whether a prompt's text says what the notice says. */
    boolean embedsNotice(String tenant, String textVersion, String language);

    /** Puts the notice on its way because a message waits for it, unless it is, or was twice. */
    void inform(String tenant, UUID subject, Channel channel, Instant now);
}
