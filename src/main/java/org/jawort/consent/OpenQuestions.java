package org.jawort.consent;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Whose prompt a message may answer. */
record OpenQuestions(InboundMessage message, InboundContext context) {

    /**
     * The record whose prompt the tapped button belongs to. Nobody can guess what a button carries:
     * a refusal counts by whichever address the person taps it, a YES only where they were asked.
     */
    Optional<ConsentRecord> answered() {
        var payload = message.buttonPayload();
        return context.records().stream()
                .filter(record -> record.prompt() != null && payload != null)
                .filter(
                        record ->
                                payload.equals(record.prompt().denyPayload())
                                        || payload.equals(record.prompt().grantPayload())
                                                && isAskedHere(record))
                .findFirst();
    }

    private boolean isAskedHere(ConsentRecord record) {
        return record.prompt().addressId().equals(message.addressId());
    }

    /**
     * The records whose prompt a typed word at this address may answer: the open ones, and only if
     * there are none the one just answered with YES, which a NO still turns around before anything
     * else was asked, or the one that ran out.
     */
    List<ConsentRecord> forWords() {
        var here =
                context.records().stream()
                        .filter(record -> record.prompt() != null)
                        .filter(this::isAskedHere)
                        .toList();
        var open = here.stream().filter(ConsentRecord::hasOpenPrompt).toList();
        if (!open.isEmpty()) {
            return open;
        }
        return here.stream()
                .filter(record -> isJustGranted(record) || isLapsed(record))
                .max(Comparator.comparing(record -> record.prompt().offeredAt()))
                .stream()
                .toList();
    }

    private boolean isJustGranted(ConsentRecord record) {
        return record.mayStillDecline(message.time().effective()) && isLastAsked(record);
    }

    /**
     * Open at another address of the person, which a NO declines from here too (T5), unless it may
     * answer something else that was said since.
     */
    List<ConsentRecord> openElsewhere() {
        return context.records().stream()
                .filter(ConsentRecord::hasOpenPrompt)
                .filter(record -> !isAskedHere(record))
                .filter(this::isLastAsked)
                .toList();
    }

    private boolean isLastAsked(ConsentRecord record) {
        var at = message.time().effective();
        var other = context.lastOtherOutboundAt();
        return record.prompt().isBefore(at)
                && (other == null
                        || other.isBefore(record.prompt().offeredAt())
                        || at.isBefore(other));
    }

    static boolean isLapsed(ConsentRecord record) {
        return record.state() == ConsentState.EXPIRED
                && record.prompt().status() == Prompt.Status.LAPSED;
    }
}
