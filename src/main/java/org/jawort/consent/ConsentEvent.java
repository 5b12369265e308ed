package org.jawort.consent;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/**
 * Something that happened to one record, one kind per row of the transition table, with what its
 * guards ask for.
 */
public sealed interface ConsentEvent {

    EventTime time();

    default Instant at() {
        return time().effective();
    }

    /**
     * T1.
     *
     * @param addressId where the person wants to be asked
     * @param proofComplete all first-channel evidence of CON-20 is present
     */
    record Captured(EventTime time, CaptureOrigin origin, UUID addressId, boolean proofComplete)
            implements ConsentEvent {}

    /**
     * A prompt is put on its way; must be applied before it leaves, so that an answer finds it.
     *
     * @param promptId unguessable, at least 128 random bits
     * @param carriesAdvertising as approved with the text version
     */
    record PromptOffered(
            EventTime time,
            String promptId,
            UUID addressId,
            String language,
            String textVersion,
            boolean carriesAdvertising)
            implements ConsentEvent {
        /** Without the prompt id, which is as good as a YES. */
        @Override
        public String toString() {
            return "PromptOffered[" + time + "]";
        }
    }

    /** T2. */
    record PromptAccepted(EventTime time, String promptId) implements ConsentEvent {
        @Override
        public String toString() {
            return "PromptAccepted[" + time + "]";
        }
    }

    /** T3, a permanent failure. */
    record PromptFailed(EventTime time, String promptId, boolean retriesExhausted)
            implements ConsentEvent {
        @Override
        public String toString() {
            return "PromptFailed[" + time + "]";
        }
    }

    /**
     * T4, after the words or the button were judged (CON-10, CON-11).
     *
     * @param byButton the payload carried the prompt id, which proves that the answer came after
     *     the prompt
     */
    record Yes(
            EventTime time,
            String promptId,
            UUID addressId,
            boolean byButton,
            boolean authenticated,
            boolean oneToOne)
            implements ConsentEvent {
        @Override
        public String toString() {
            return "Yes[" + time + "]";
        }
    }

    /** T5, after the words or the button were judged. */
    record No(EventTime time, String promptId, UUID addressId) implements ConsentEvent {
        @Override
        public String toString() {
            return "No[" + time + "]";
        }
    }

    /** T6. */
    record OtherText(EventTime time) implements ConsentEvent {}

    /** T7, from the hub's own clock. */
    record Deadline(EventTime time) implements ConsentEvent {}

    /**
     * T8, to be applied to every record of the channel.
     *
     * @param purposes the purposes the person chose; empty means all
     * @param confirmedByProvider the provider has answered the STOP itself, a second answer would
     *     be one too many
     */
    record Stop(EventTime time, Route route, Set<Purpose> purposes, boolean confirmedByProvider)
            implements ConsentEvent {
        public enum Route {
            CHAT,
            EMAIL,
            PHONE,
            AGENT,
            API
        }

        public Stop {
            purposes = Set.copyOf(purposes);
        }

        boolean covers(Purpose purpose) {
            return purposes.isEmpty() || purposes.contains(purpose);
        }

        /**
         * Null for a choice no scope can say, which the state of the chosen records blocks alone.
         */
        SuppressionScope scope() {
            if (purposes.isEmpty()) {
                return SuppressionScope.ALL;
            }
            return purposes.equals(Set.of(Purpose.MARKETING)) ? SuppressionScope.MARKETING : null;
        }
    }

    /**
     * A human has read what was nearly a STOP (CON-12), whatever they found: a withdrawal is told
     * by a {@link Stop} of its own.
     */
    record PossibleWithdrawalDecided(EventTime time) implements ConsentEvent {}

    /**
     * T9, to be applied to every record of the channel; the scope is what the provider reported.
     */
    record ProviderOptOut(EventTime time, SuppressionScope scope) implements ConsentEvent {}

    /** T10. Lifts exactly the scope reported, and only the provider's own block. */
    record ProviderOptIn(EventTime time, SuppressionScope scope) implements ConsentEvent {}

    /** The tenant suppresses the channel of itself. What the person has said stays as it is. */
    record TenantSuppressed(EventTime time, SuppressionScope scope) implements ConsentEvent {}

    /** Lifts what the tenant suppressed in that scope, which nobody else can. */
    record TenantReleased(EventTime time, SuppressionScope scope) implements ConsentEvent {}

    /** The tenant put the person on its block list for abuse. Moves no record (table 2.1). */
    record Blocked(EventTime time) implements ConsentEvent {}

    /** The tenant took the person off that list. */
    record Unblocked(EventTime time) implements ConsentEvent {}

    /**
     * T11.
     *
     * @param changed what the new text says differently; some parts are material whatever the
     *     classification
     * @param classifiedBy who judged the change; null or blank is refused
     */
    record TextChanged(
            EventTime time, Set<Part> changed, boolean classifiedMaterial, String classifiedBy)
            implements ConsentEvent {
        public enum Part {
            WORDING,
            PURPOSE,
            CONTROLLER,
            RECIPIENTS,
            THIRD_COUNTRY
        }

        public TextChanged {
            changed = Set.copyOf(changed);
        }

        boolean isMaterial() {
            return classifiedMaterial || changed.stream().anyMatch(part -> part != Part.WORDING);
        }
    }

    /** T12, from the hub's own clock. */
    record ValidityEnd(EventTime time) implements ConsentEvent {}

    /**
     * T13.
     *
     * @param document id of the balancing test, or of the contract where that is the basis (CON-5)
     * @param noticeDelivered INF-1
     * @param rightToObjectDelivered INF-4, asked for under legitimate interest only
     * @param platformPermittedAt CON-6; null if the person did not give it
     */
    record LiAssessed(
            EventTime time,
            String document,
            boolean noticeDelivered,
            boolean rightToObjectDelivered,
            Instant platformPermittedAt)
            implements ConsentEvent {}

    /**
     * T14.
     *
     * @param compellingGroundsBy who recorded compelling grounds; null if nobody. Never heard
     *     against marketing
     */
    record Objection(EventTime time, String compellingGroundsBy) implements ConsentEvent {}

    /** T15. */
    record ErasureDone(EventTime time) implements ConsentEvent {}

    /**
     * T16.
     *
     * @param confirmed the person has confirmed the explicit act on this channel, as a prompt is
     *     confirmed
     */
    record ObjectionRevoked(EventTime time, boolean confirmed) implements ConsentEvent {}

    /** The number was recycled or deactivated: the grant of this address is over (CON-3). */
    record AddressInvalid(EventTime time, UUID addressId) implements ConsentEvent {}

    /**
     * Whom the record is about turns out to be known under another name too (CON-3).
     *
     * @param other subject that the person is known as besides
     */
    record Linked(EventTime time, UUID other) implements ConsentEvent {}

    /**
     * When a grant was used last; written where it ends, as its validity and the proof's period run
     * from there (T12, UWG §7a).
     */
    record Used(EventTime time) implements ConsentEvent {}

    /** Who was said to be one person is not: this name is on its own again. */
    record Unlinked(EventTime time) implements ConsentEvent {}
}
