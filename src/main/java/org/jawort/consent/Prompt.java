package org.jawort.consent;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.UUID;

/**
 * The one question a record may have open.
 *
 * @param promptId unguessable; payload of the grant button, so it is as good as the answer itself
 * @param addressId the only address whose answer counts (CON-8)
 * @param language of the text, a lower-case ISO 639-1 code; decides which words grant
 * @param textVersion exact text shown
 * @param offeredAt when the prompt was put on its way; an answer before this answers something else
 * @param acceptedAt when the provider accepted it; null until then
 * @param deadline null until accepted
 * @param waitingYesAt a YES that overtook the provider's acknowledgement (CON-7); null if none
 *     waits
 * @param askedAgain the person has been asked once to answer with the words (T6)
 */
public record Prompt(
        String promptId,
        UUID addressId,
        String language,
        String textVersion,
        Status status,
        Instant offeredAt,
        Instant acceptedAt,
        Instant deadline,
        Instant waitingYesAt,
        boolean askedAgain) {

    /** {@code OFFERED} and {@code ACCEPTED} are open. */
    public enum Status {
        OFFERED,
        ACCEPTED,
        ANSWERED,
        LAPSED,
        FAILED,
        VOID
    }

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String DENY_SUFFIX = ":no";

    /** A new id, 192 random bits as Base64 for URLs. */
    public static String newId() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static Prompt offered(
            String promptId, UUID addressId, String language, String textVersion, Instant at) {
        return new Prompt(
                promptId,
                addressId,
                language,
                textVersion,
                Status.OFFERED,
                at,
                null,
                null,
                null,
                false);
    }

    public boolean isOpen() {
        return status == Status.OFFERED || status == Status.ACCEPTED;
    }

    /** Payload of the button that grants. */
    public String grantPayload() {
        return promptId;
    }

    /** Payload of the button that declines. */
    public String denyPayload() {
        return promptId + DENY_SUFFIX;
    }

    /**
     * Providers give times in whole seconds, so the second of the prompt itself still counts as
     * after it.
     */
    boolean isBefore(Instant answer) {
        return !answer.isBefore(offeredAt.truncatedTo(ChronoUnit.SECONDS));
    }

    Prompt with(Status changed) {
        return new Prompt(
                promptId,
                addressId,
                language,
                textVersion,
                changed,
                offeredAt,
                acceptedAt,
                deadline,
                null,
                askedAgain);
    }

    Prompt accepted(Instant at, Instant until) {
        return new Prompt(
                promptId,
                addressId,
                language,
                textVersion,
                Status.ACCEPTED,
                offeredAt,
                at,
                until,
                waitingYesAt,
                askedAgain);
    }

    Prompt waitingForAcceptance(Instant yesAt) {
        return new Prompt(
                promptId,
                addressId,
                language,
                textVersion,
                status,
                offeredAt,
                acceptedAt,
                deadline,
                yesAt,
                askedAgain);
    }

    Prompt askedOnceMore() {
        return new Prompt(
                promptId,
                addressId,
                language,
                textVersion,
                status,
                offeredAt,
                acceptedAt,
                deadline,
                waitingYesAt,
                true);
    }

    /** Without the id: whoever reads it in a log could grant. */
    @Override
    public String toString() {
        return "Prompt[" + status + ", deadline=" + deadline + "]";
    }
}
