package org.jawort.sending;

import java.time.Instant;
import java.util.List;
import org.jawort.delivery.DeliveryRecord;

/** Puts messages on their way: each is stored, with what will decide and send it later. */
public interface Outgoing {

    /**
     * Inside the caller's transaction, set-based. A message whose trigger went out before is left
     * out.
     *
     * @return what may be published after the commit; who does not is helped by the next wake-up
     */
    List<DeliveryRecord> enqueue(List<OutgoingMessage> messages, Instant now);
}
