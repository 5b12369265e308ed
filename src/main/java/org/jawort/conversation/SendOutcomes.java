package org.jawort.conversation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.EventTime;
import org.jawort.consent.Prompt;
import org.jawort.consent.Suppression;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.SuppressionSource;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Channel;
import org.jawort.sending.OptOuts;
import org.jawort.sending.SendError;

/**
 * What the end of an attempt to send means for consent: the provider took a prompt (T2), a prompt
 * failed for good (T3), the provider says the person opted out (T9). Inside the caller's
 * transaction; the same said twice changes nothing.
 */
public final class SendOutcomes implements OptOuts {

    private final PersonalConsent.Desk desk;

    SendOutcomes(PersonalConsent.Desk desk) {
        this.desk = desk;
    }

    /**
     * T2. A "Ja" that overtook this news is heard now (CON-7).
     *
     * @param isPrompt tells the prompt by its id
     * @param message that asks
     * @param providerMessageId kept as proof (CON-20), {@code null} if it is not known
     */
    public void promptAccepted(
            Person person,
            Predicate<String> isPrompt,
            UUID message,
            String providerMessageId,
            Instant at,
            Instant now) {
        prompt(
                person,
                isPrompt,
                message,
                providerMessageId,
                now,
                // A status may have overtaken the answer: the proof has it once.
                prompt -> prompt.status() == Prompt.Status.OFFERED,
                prompt ->
                        new ConsentEvent.PromptAccepted(new EventTime(at, now), prompt.promptId()));
    }

    /** T3: not to be sent any more, whatever the reason. */
    public void promptFailed(
            Person person, Predicate<String> isPrompt, UUID message, Instant at, Instant now) {
        prompt(
                person,
                isPrompt,
                message,
                null,
                now,
                prompt -> true,
                prompt ->
                        new ConsentEvent.PromptFailed(
                                new EventTime(at, now), prompt.promptId(), true));
    }

    private interface OfPrompt {
        ConsentEvent event(Prompt prompt);
    }

    private void prompt(
            Person person,
            Predicate<String> isPrompt,
            UUID message,
            String providerMessageId,
            Instant now,
            Predicate<Prompt> isNews,
            OfPrompt happened) {
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return;
        }
        PersonalConsent work = opened.get();
        // Asked anew since, or answered and gone: then nothing is left to say about the old prompt.
        work.records().stream()
                .filter(record -> record.prompt() != null)
                .filter(record -> isPrompt.test(record.prompt().promptId()))
                .filter(record -> isNews.test(record.prompt()))
                .findFirst()
                .ifPresent(
                        record -> {
                            work.apply(
                                    record,
                                    happened.event(record.prompt()),
                                    work.cause("provider", message, providerMessageId, null));
                            work.save(true);
                        });
    }

    /** T9, told to destinations at once, so that nothing is left for the caller to tell. */
    @Override
    public List<NewEvent> providerOptOut(
            String tenant, UUID subject, Channel channel, Refused refused, Instant at) {
        optedOut(new Person(tenant, subject), channel, refused, at, at);
        return List.of();
    }

    /**
     * T9, learnt from a refused message. A provider that refuses once more because of a block that
     * is known says nothing new: nobody has refused since, and what was agreed to under another
     * name after the block stands (CON-3).
     */
    public void optedOut(Person person, Channel channel, Refused refused, Instant at, Instant now) {
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return;
        }
        PersonalConsent work = opened.get();
        Cause cause =
                work.cause("provider", refused.message(), said(refused.answer().error()), null)
                        .from(refused.address());
        SuppressionScope scope =
                refused.answer().marketingOnly()
                        ? SuppressionScope.MARKETING
                        : SuppressionScope.ALL;
        List<ConsentRecord> records =
                work.book.refusable(person, channel, desk.policy(person.tenant()).purposes());
        Instant since =
                work.book.overlays(person, channel).active().stream()
                        .filter(block -> block.source() == SuppressionSource.PROVIDER)
                        .filter(block -> block.scope() == scope)
                        .map(Suppression::since)
                        .findFirst()
                        .orElse(at);
        for (ConsentRecord record : records) {
            work.apply(
                    record,
                    new ConsentEvent.ProviderOptOut(new EventTime(since, now), scope),
                    cause);
        }
        work.save(true);
    }

    /** Without the provider's words, which may hold the address. */
    private static String said(SendError error) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("code", error.code())
                .put("providerCode", error.providerCode())
                .toString();
    }
}
