package org.jawort.sending;

import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.Purpose;

/**
 * Read off what the hub itself sent and was told. Nobody can approve marketing yet, so it is not
 * approved.
 */
final class StoredFacts implements SendFacts {

    private final Informing informing;

    StoredFacts(Informing informing) {
        this.informing = informing;
    }

    @Override
    public Found about(About message) {
        return new Found(
                permitted(message),
                false,
                informing.isInformed(message.tenant(), message.subject(), message.channel()),
                false,
                null,
                false,
                promptEmbedsNotice(message));
    }

    /** The YES on this very channel is the person's permission to the platform too. */
    private static boolean permitted(About message) {
        return switch (message.channel()) {
            case SMS, MMS, RCS, WEB -> true;
            case WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, LINE -> {
                ConsentRecord record = message.record();
                yield record != null
                        && record.grantedAt() != null
                        && record.state() != ConsentState.WITHDRAWN
                        && record.state() != ConsentState.OBJECTED;
            }
        };
    }

    private boolean promptEmbedsNotice(About message) {
        ConsentRecord record = message.record();
        return message.purpose() == Purpose.CONSENT_PROMPT
                && record != null
                && record.prompt() != null
                && informing.embedsNotice(
                        message.tenant(),
                        record.prompt().textVersion(),
                        record.prompt().language());
    }
}
