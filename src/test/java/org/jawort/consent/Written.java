package org.jawort.consent;

import static org.jawort.consent.Consents.*;

import java.util.List;
import java.util.UUID;
import org.jawort.consent.Consents.Standing;
import org.jawort.consent.InboundMessage.Kind;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.consent.InboundMessage.Trust;
import org.jawort.message.Channel;

/**
 * A message of the invented person of {@link Consents}: authentic, typed, and said to the business
 * alone, unless a test changes it.
 */
final class Written {

    static final InboundFilter FILTER = new InboundFilter(Keywords.DEFAULT);

    private final Kind kind;
    private final List<String> words;
    private final String payload;
    private Channel channel = Channel.WHATSAPP;
    private Trust trust = Trust.AUTHENTIC;
    private UUID address = ADDRESS;
    private EventTime time = time(9);
    private boolean forwarded;
    private boolean edited;
    private boolean oneToOne = true;
    private ProviderPreference preference;

    private Written(Kind kind, List<String> words, String payload) {
        this.kind = kind;
        this.words = words;
        this.payload = payload;
    }

    static Written text(String text) {
        return new Written(Kind.TEXT, List.of(text), null);
    }

    static Written caption(String text) {
        return new Written(Kind.OTHER, List.of(text), null);
    }

    static Written button(String label, String payload) {
        return new Written(Kind.BUTTON, label == null ? List.of() : List.of(label), payload);
    }

    /** A button or a row with whatever else came with it. */
    static Written tapped(String payload, String... words) {
        return new Written(Kind.BUTTON, List.of(words), payload);
    }

    Written trust(Trust value) {
        trust = value;
        return this;
    }

    Written over(Channel value) {
        channel = value;
        return this;
    }

    Written from(UUID value) {
        address = value;
        return this;
    }

    Written at(long seconds) {
        time = time(seconds);
        return this;
    }

    Written forwarded() {
        forwarded = true;
        return this;
    }

    Written edited() {
        edited = true;
        return this;
    }

    Written inAGroup() {
        oneToOne = false;
        return this;
    }

    Written readByTheProviderAs(ProviderPreference value) {
        preference = value;
        return this;
    }

    InboundMessage message() {
        return new InboundMessage(
                trust,
                address,
                channel,
                time,
                kind,
                words,
                payload,
                forwarded,
                edited,
                oneToOne,
                preference);
    }

    static InboundDecision decide(Written written, Overlays overlays, ConsentRecord... records) {
        return FILTER.decide(
                written.message(), new InboundContext(List.of(records), overlays, false, null));
    }

    /** The record once what was decided has happened to it. */
    static Standing apply(ConsentRecord record, Overlays overlays, InboundDecision decision) {
        return new Standing(record, overlays)
                .after(
                        decision.steps().stream()
                                .filter(step -> step.record().equals(record.id()))
                                .map(InboundDecision.Step::event)
                                .toArray(ConsentEvent[]::new));
    }
}
