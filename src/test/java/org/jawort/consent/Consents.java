package org.jawort.consent;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jawort.message.Channel;

/**
 * Records and events of one invented person, in the order of a day: each event is so many seconds
 * after {@link #T0}.
 */
final class Consents {
    static final Instant T0 = Instant.parse("2026-11-23T10:00:00Z");
    static final UUID SUBJECT = new UUID(7, 1);
    static final UUID ADDRESS = new UUID(7, 2);
    static final UUID OTHER_ADDRESS = new UUID(7, 3);
    static final UUID RECORD = new UUID(7, 4);
    static final String PROMPT = "prompt-0f3a";
    static final ConsentRules RULES = ConsentRules.DEFAULT;

    private Consents() {}

    static Instant at(long seconds) {
        return T0.plusSeconds(seconds);
    }

    static EventTime time(long seconds) {
        return new EventTime(at(seconds), at(seconds).plusMillis(300));
    }

    static ConsentRecord none() {
        return none(Purpose.NOTIFICATION, Basis.CONSENT);
    }

    static ConsentRecord none(Purpose purpose, Basis basis) {
        return ConsentRecord.none(RECORD, SUBJECT, Channel.WHATSAPP, purpose, basis);
    }

    static ConsentEvent.Captured captured(long seconds) {
        return new ConsentEvent.Captured(time(seconds), CaptureOrigin.ELSEWHERE, ADDRESS, true);
    }

    static ConsentEvent.PromptOffered offered(long seconds) {
        return new ConsentEvent.PromptOffered(
                time(seconds), PROMPT, ADDRESS, "de", "prompt-v3", false);
    }

    static ConsentEvent.PromptAccepted accepted(long seconds) {
        return new ConsentEvent.PromptAccepted(time(seconds), PROMPT);
    }

    static ConsentEvent.Yes yes(long seconds) {
        return new ConsentEvent.Yes(time(seconds), PROMPT, ADDRESS, false, true, true);
    }

    static ConsentEvent.No no(long seconds) {
        return new ConsentEvent.No(time(seconds), PROMPT, ADDRESS);
    }

    static ConsentEvent.Stop stop(long seconds) {
        return new ConsentEvent.Stop(time(seconds), ConsentEvent.Stop.Route.CHAT, Set.of(), false);
    }

    static ConsentEvent.ProviderOptOut optOut(long seconds, SuppressionScope scope) {
        return new ConsentEvent.ProviderOptOut(time(seconds), scope);
    }

    static ConsentEvent.Deadline deadline() {
        return new ConsentEvent.Deadline(time(Duration.ofDays(8).toSeconds()));
    }

    static ConsentEvent.LiAssessed assessed(long seconds) {
        return new ConsentEvent.LiAssessed(time(seconds), "balancing-2026-04", true, true, null);
    }

    static ConsentEvent.TextChanged materialChange(long seconds) {
        return new ConsentEvent.TextChanged(
                time(seconds),
                Set.of(ConsentEvent.TextChanged.Part.RECIPIENTS),
                false,
                "dpo@muster.example");
    }

    /** Later than any grant here was last used. */
    static ConsentEvent.ValidityEnd validityEnd() {
        return new ConsentEvent.ValidityEnd(time(Duration.ofDays(800).toSeconds()));
    }

    /**
     * A record in this state, reached through the state machine by the shortest way the table
     * knows.
     */
    static ConsentRecord in(ConsentState state) {
        return in(state, Purpose.NOTIFICATION);
    }

    static ConsentRecord in(ConsentState state, Purpose purpose) {
        var consent = none(purpose, Basis.CONSENT);
        var interest = none(purpose, Basis.LEGAL_INTEREST);
        return switch (state) {
            case NONE -> consent;
            case REQUESTED -> after(consent, captured(0));
            case PENDING -> after(in(ConsentState.REQUESTED, purpose), offered(1), accepted(2));
            case GRANTED -> after(in(ConsentState.PENDING, purpose), yes(3));
            case DECLINED -> after(in(ConsentState.PENDING, purpose), no(3));
            case EXPIRED -> after(in(ConsentState.PENDING, purpose), deadline());
            case RECONSENT_DUE -> after(in(ConsentState.GRANTED, purpose), materialChange(4));
            case WITHDRAWN -> after(in(ConsentState.GRANTED, purpose), stop(4));
            case LI_ACTIVE -> after(interest, assessed(0));
            case OBJECTED -> after(in(ConsentState.LI_ACTIVE, purpose), stop(4));
        };
    }

    static ConsentRecord after(ConsentRecord record, ConsentEvent... events) {
        return Standing.of(record).after(events).record();
    }

    static Overlays stoppedBy(SuppressionSource source) {
        return Overlays.CLEAR.suppress(SuppressionScope.ALL, source, T0);
    }

    static Outcome apply(Standing standing, ConsentEvent event) {
        return ConsentStateMachine.apply(standing.record(), standing.overlays(), event, RULES);
    }

    /** A record with the overlays that came with it; goes on where an event was refused. */
    record Standing(ConsentRecord record, Overlays overlays) {
        static Standing of(ConsentRecord record) {
            return new Standing(record, Overlays.CLEAR);
        }

        Standing after(ConsentEvent... events) {
            var standing = this;
            for (var event : events) {
                standing = standing.next(event);
            }
            return standing;
        }

        private Standing next(ConsentEvent event) {
            return switch (apply(this, event)) {
                case Outcome.Moved moved -> new Standing(moved.record(), moved.overlays());
                case Outcome.Removed removed -> this;
                case Outcome.Unchanged unchanged -> this;
                case Outcome.Rejected rejected -> this;
            };
        }
    }
}
