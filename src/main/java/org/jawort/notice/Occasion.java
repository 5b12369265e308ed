package org.jawort.notice;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jawort.consent.ConsentBook.Consequence;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.conversation.Duties.Contact;

/** What happened to one person on one channel in one transaction. */
final class Occasion {

    private final List<Consequence> consequences = new ArrayList<>();
    private final Set<Flag> flags = new HashSet<>();
    private Contact contact;

    void met(Contact newest) {
        contact = newest;
        flags.addAll(newest.flags());
    }

    void follows(Consequence consequence) {
        consequences.add(consequence);
    }

    /** Their newest message, {@code null} if they wrote none. */
    Contact contact() {
        return contact;
    }

    Set<Flag> flags() {
        return flags;
    }

    List<Consequence> consequences() {
        return consequences;
    }
}
