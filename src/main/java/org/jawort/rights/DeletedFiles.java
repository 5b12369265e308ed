package org.jawort.rights;

import java.time.Instant;
import java.util.Collection;
import java.util.UUID;

/**
 * Keeps evidence of what was deleted because its period is over (RET-13). Inside the caller's
 * transaction.
 */
public interface DeletedFiles {

    /**
     * @param ids random ids of what is gone; nothing is kept of none
     */
    void deleted(String tenant, String dataType, Collection<UUID> ids, Instant now);
}
