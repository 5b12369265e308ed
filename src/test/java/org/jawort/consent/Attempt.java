package org.jawort.consent;

import static org.jawort.consent.Consents.*;

import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.jawort.consent.Consents.Standing;
import org.jawort.consent.OutboundAttempt.Gates;
import org.jawort.message.Channel;

/**
 * Something to send to the invented person of {@link Consents}: allowed but for what their record
 * says, unless a test changes it.
 */
final class Attempt {
    static final ChannelWindow OPEN = new ChannelWindow.Open(at(80_000));

    private static final Gates OPEN_GATES = new Gates(true, true, true, true, true, true, false);

    private Purpose purpose;
    private Channel channel = Channel.WHATSAPP;
    private UUID address = ADDRESS;
    private ConsentRecord record;
    private Overlays overlays = Overlays.CLEAR;
    private Gates gates = OPEN_GATES;
    private ChannelWindow window = OPEN;
    private Instant lastInbound;
    private Instant authTriggered;
    private boolean invited;
    private boolean alreadySent;
    private Instant now = at(1_000);

    Attempt(Purpose purpose, ConsentRecord record) {
        this.purpose = purpose;
        this.record = record;
    }

    /** Under the overlays that came with the record. */
    Attempt(Purpose purpose, Standing standing) {
        this(purpose, standing.record());
        this.overlays = standing.overlays();
    }

    OutboundDecision decision() {
        return OutboundFilter.decide(
                new OutboundAttempt(
                        purpose,
                        channel,
                        address,
                        record,
                        overlays,
                        gates,
                        window,
                        lastInbound,
                        lastInbound,
                        authTriggered,
                        invited,
                        false,
                        alreadySent),
                RULES,
                now);
    }

    OutboundReason reason() {
        return decision().reason();
    }

    Attempt channel(Channel value) {
        return copy(a -> a.channel = value);
    }

    Attempt address(UUID value) {
        return copy(a -> a.address = value);
    }

    Attempt record(ConsentRecord value) {
        return copy(a -> a.record = value);
    }

    Attempt overlays(Overlays value) {
        return copy(a -> a.overlays = value);
    }

    Attempt gates(Gates value) {
        return copy(a -> a.gates = value);
    }

    Attempt window(ChannelWindow value) {
        return copy(a -> a.window = value);
    }

    Attempt lastInbound(Instant value) {
        return copy(a -> a.lastInbound = value);
    }

    Attempt authTriggered(Instant value) {
        return copy(a -> a.authTriggered = value);
    }

    Attempt invited() {
        return copy(a -> a.invited = true);
    }

    Attempt alreadySent(boolean value) {
        return copy(a -> a.alreadySent = value);
    }

    Attempt now(Instant value) {
        return copy(a -> a.now = value);
    }

    private Attempt copy(Consumer<Attempt> change) {
        var copy = new Attempt(purpose, record);
        copy.channel = channel;
        copy.address = address;
        copy.overlays = overlays;
        copy.gates = gates;
        copy.window = window;
        copy.lastInbound = lastInbound;
        copy.authTriggered = authTriggered;
        copy.invited = invited;
        copy.alreadySent = alreadySent;
        copy.now = now;
        change.accept(copy);
        return copy;
    }
}
