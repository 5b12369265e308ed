package org.jawort.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.vault.SubjectKey;

/** What events say of the media of messages. Works inside the caller's transaction. */
public interface MessageMedia {

    /** One medium as it is stored. */
    interface Medium {

        /**
         * As {@code content.media} has it: what the provider said, and of a file that was fetched
         * what its bytes say and the link to it, else why it is not there.
         *
         * @throws org.jawort.vault.Undecipherable if it was not sealed under this key
         */
        ObjectNode described(SubjectKey key);
    }

    /** By message, each list in order; a message without media is not among the keys. */
    Map<UUID, List<Medium>> of(String tenant, Collection<UUID> messages);
}
