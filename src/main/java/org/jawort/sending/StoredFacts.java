package org.jawort.sending;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ContentGuard;
import org.jawort.consent.Purpose;
import org.jawort.tenant.SendingPolicy;
import org.jawort.tenant.Tenants;

/** Read off what the hub itself sent and was told, and what the tenant decided. */
final class StoredFacts implements SendFacts {

    private final Tenants tenants;
    private final Informing informing;
    private final Map<SendingPolicy, ContentGuard> guards = new ConcurrentHashMap<>();

    StoredFacts(Tenants tenants, Informing informing) {
        this.tenants = tenants;
        this.informing = informing;
    }

    @Override
    public Found about(About message) {
        SendingPolicy policy = tenants.get(message.tenant()).sending();
        return new Found(
                permitted(message),
                policy.marketing() != null,
                informing.isInformed(message.tenant(), message.subject(), message.channel()),
                isSensitive(message, policy),
                message.written().authTriggeredAt(),
                false,
                promptEmbedsNotice(message));
    }

    /**
     * The hub's own texts are approved word by word and say nothing of a person; a clinic's notice
     * may name what its messages must not.
     */
    private boolean isSensitive(About message, SendingPolicy policy) {
        boolean isWritten =
                switch (message.trigger()) {
                    case API, DSR -> true;
                    case PROMPT, NOTICE, CONFIRMATION, OPTOUT_CONFIRM, DISCLOSURE -> false;
                };
        if (!isWritten || !policy.isContentGuarded()) {
            return false;
        }
        ContentGuard guard =
                guards.computeIfAbsent(policy, one -> new ContentGuard(one.sensitiveWords()));
        return message.written().texts().stream().anyMatch(guard::isSensitive);
    }

    /** The YES on this very channel is the person's permission to the platform too. */
    private static boolean permitted(About message) {
        return switch (message.channel()) {
            case SMS, MMS, RCS, WEB -> true;
            case WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, LINE -> {
                ConsentRecord record = message.record();
                yield record != null && record.isPlatformPermitted();
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
