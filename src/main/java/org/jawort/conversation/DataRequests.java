package org.jawort.conversation;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;

/**
 * Opens requests of people about their data, in the transaction that stores what they wrote: from
 * then on the clock runs (DSR-1).
 */
public interface DataRequests {

    /**
     * A message the filter read as such a request.
     *
     * @param words as written
     * @param clear whether nobody has to ask what is meant
     */
    record Asked(
            Person person,
            Channel channel,
            UUID message,
            String words,
            boolean clear,
            Instant receivedAt) {

        /** The words are the person's. */
        @Override
        public String toString() {
            return "Asked[" + message + "]";
        }
    }

    void open(List<Asked> asked, Instant now);
}
