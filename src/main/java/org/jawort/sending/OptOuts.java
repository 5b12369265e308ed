package org.jawort.sending;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Channel;

/** Where an opt-out goes that a provider tells in the place of taking a message (T9). */
public interface OptOuts {

    /**
     * A message its provider refused.
     *
     * @param message {@code null} if it is not known, likewise {@code address}
     */
    record Refused(UUID message, UUID address, SendResult.OptedOut answer) {}

    /**
     * Inside the caller's transaction: moves the records and writes the ledger.
     *
     * @return what the tenant's destinations are to be told
     */
    List<NewEvent> providerOptOut(
            String tenant, UUID subject, Channel channel, Refused refused, Instant at);
}
