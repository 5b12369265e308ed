package org.jawort.conversation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.EventTime;
import org.jawort.consent.Prompt;
import org.jawort.consent.SuppressionScope;
import org.jawort.message.Channel;

/**
 * What the end of an attempt to send means for consent: the provider took a prompt (T2), a prompt
 * failed for good (T3), the provider says the person opted out (T9). Inside the caller's
 * transaction; the same said twice changes nothing.
 */
public final class SendOutcomes {

    private final PersonalConsent.Desk desk;

    SendOutcomes(PersonalConsent.Desk desk) {
        this.desk = desk;
    }

    /**
     * Names a prompt without giving its id away, which is as good as the person's answer: the
     * record's id, a colon, 32 hex digits.
     */
    public static String reference(UUID record, String promptId) {
        return record + ":" + digest(promptId);
    }

    private static String digest(String promptId) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(promptId.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** The record a prompt asks about. */
    public static UUID record(String reference) {
        return UUID.fromString(reference.substring(0, reference.indexOf(':')));
    }

    /**
     * T2. A "Ja" that overtook this news is heard now (CON-7).
     *
     * @param reference of the prompt
     */
    public void promptAccepted(Person person, String reference, Instant at, Instant now) {
        prompt(
                person,
                reference,
                now,
                prompt ->
                        new ConsentEvent.PromptAccepted(new EventTime(at, now), prompt.promptId()));
    }

    /** T3: not to be sent any more, whatever the reason. */
    public void promptFailed(Person person, String reference, Instant at, Instant now) {
        prompt(
                person,
                reference,
                now,
                prompt ->
                        new ConsentEvent.PromptFailed(
                                new EventTime(at, now), prompt.promptId(), true));
    }

    private interface OfPrompt {
        ConsentEvent event(Prompt prompt);
    }

    private void prompt(Person person, String reference, Instant now, OfPrompt happened) {
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return;
        }
        PersonalConsent work = opened.get();
        // Asked anew since, or answered and gone: then nothing is left to say about the old prompt.
        work.records().stream()
                .filter(record -> record.id().equals(record(reference)))
                .filter(record -> record.prompt() != null)
                .filter(
                        record ->
                                reference.equals(
                                        reference(record.id(), record.prompt().promptId())))
                .findFirst()
                .ifPresent(
                        record -> {
                            work.apply(
                                    record,
                                    happened.event(record.prompt()),
                                    work.cause("provider", null, null));
                            work.save(true);
                        });
    }

    /** T9, learnt from a refused message. */
    public void optedOut(
            Person person, Channel channel, boolean marketingOnly, Instant at, Instant now) {
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return;
        }
        PersonalConsent work = opened.get();
        Cause cause = work.cause("provider", null, null);
        SuppressionScope scope = marketingOnly ? SuppressionScope.MARKETING : SuppressionScope.ALL;
        List<ConsentRecord> records =
                work.book.records(person, channel, desk.policy(person.tenant()).purposes());
        for (ConsentRecord record : records) {
            work.apply(
                    record, new ConsentEvent.ProviderOptOut(new EventTime(at, now), scope), cause);
        }
        work.save(true);
    }
}
