package org.jawort.notice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Consequence;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.Effect;
import org.jawort.consent.EventTime;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.Overlays;
import org.jawort.consent.Prompt;
import org.jawort.consent.Purpose;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.Transition;
import org.jawort.message.Channel;
import org.jawort.notice.NoticeLedger.Progress;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.notice.NoticeLedger.Underway;
import org.jawort.sending.OutgoingMessage;
import org.jawort.sending.Trigger;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TextKind;

/** What one person is told on one channel because of one occasion, in the order it is told. */
final class Saying {

    private final Texts texts;
    private final Tenant tenant;
    private final ConsentBook book;
    private final Slot slot;
    private final Occasion occasion;
    private final Progress informed;
    private final String spoken;
    private final Instant now;

    private final List<OutgoingMessage> messages = new ArrayList<>();
    private final List<Underway> notices = new ArrayList<>();
    private final TreeSet<String> unsaid = new TreeSet<>();

    /**
     * @param spoken language of the conversation, {@code null} if none is known
     */
    Saying(
            Texts texts,
            Tenant tenant,
            ConsentBook book,
            Slot slot,
            Occasion occasion,
            Progress informed,
            String spoken,
            Instant now) {
        this.texts = texts;
        this.tenant = tenant;
        this.book = book;
        this.slot = slot;
        this.occasion = occasion;
        this.informed = informed;
        this.spoken = spoken;
        this.now = now;
    }

    List<OutgoingMessage> messages() {
        return messages;
    }

    List<Underway> notices() {
        return notices;
    }

    /** Kinds of text that were due and that the tenant does not have. */
    Iterable<String> unsaid() {
        return unsaid;
    }

    /** Whether the notice may be sent: not to whoever refused the channel, or is being erased. */
    static boolean mayInform(Overlays overlays) {
        return !overlays.restricted()
                && !overlays.erasureRunning()
                && !overlays.abuseBlocked()
                && overlays.active().stream().noneMatch(one -> one.scope() == SuppressionScope.ALL);
    }

    static boolean isAnswer(Transition transition) {
        return transition == Transition.T4 || transition == Transition.T5;
    }

    void compose() {
        if (PromptButtons.senders(tenant, channel()).isEmpty()) {
            return; // a channel the tenant only listens on
        }
        confirmStop();
        List<Consequence> asked = new ArrayList<>();
        for (Consequence consequence : occasion.consequences()) {
            if (consequence.effects().contains(Effect.CONFIRM_GRANT)) {
                confirm(consequence, TextKind.CONFIRMATION);
            }
            if (consequence.effects().contains(Effect.ACKNOWLEDGE_DECLINE_ONCE)) {
                confirm(consequence, TextKind.DECLINE_CONFIRMATION);
            }
            if (consequence.effects().contains(Effect.ASK_FOR_ANSWER_ONCE)) {
                asked.add(consequence);
            }
        }
        askAgain(asked);
        prompt();
        inform();
    }

    /** One for the channel, however many records the STOP ended. */
    private void confirmStop() {
        occasion.consequences().stream()
                .filter(one -> one.effects().contains(Effect.OPTOUT_CONFIRM_ONCE))
                .findFirst()
                .ifPresent(
                        one ->
                                text(TextKind.OPTOUT_CONFIRMATION, spoken)
                                        .ifPresent(
                                                text ->
                                                        say(
                                                                Purpose.OPTOUT_CONFIRM,
                                                                new Trigger(
                                                                        Trigger.Kind.OPTOUT_CONFIRM,
                                                                        cause(one)),
                                                                words(text),
                                                                null)));
    }

    private void confirm(Consequence consequence, TextKind kind) {
        text(kind, language(consequence.record()))
                .ifPresent(
                        text ->
                                say(
                                        Purpose.SUPPORT_REPLY,
                                        new Trigger(Trigger.Kind.CONFIRMATION, cause(consequence)),
                                        words(text),
                                        null));
    }

    /**
     * Once per prompt. With one prompt open the words are asked for; with several no word could say
     * which is meant, so each is asked again with buttons, where there are buttons.
     */
    private void askAgain(List<Consequence> asked) {
        boolean several = open().size() > 1;
        for (Consequence one : asked) {
            ConsentRecord record = current(one.record());
            if (!record.hasOpenPrompt()) {
                continue; // answered since, by a later message of the same batch
            }
            Trigger trigger = new Trigger(Trigger.Kind.CONFIRMATION, record.prompt().promptId());
            if (!several) {
                text(TextKind.ANSWER_REQUEST, language(record))
                        .ifPresent(text -> say(Purpose.SUPPORT_REPLY, trigger, words(text), null));
            } else {
                texts.prompt(tenant.id(), record.purpose(), language(record))
                        .filter(this::hasButtons)
                        .map(text -> question(text, record.prompt()))
                        .ifPresent(
                                asking ->
                                        say(
                                                Purpose.SUPPORT_REPLY,
                                                trigger,
                                                asking.content(),
                                                asking.template()));
            }
        }
    }

    /** Asks what waits to be asked; one after the other where only words can answer. */
    private void prompt() {
        boolean isTouched =
                occasion.consequences().stream()
                        .anyMatch(
                                one ->
                                        one.effects().contains(Effect.QUEUE_PROMPT)
                                                || one.effects().contains(Effect.VOID_PROMPT)
                                                || isAnswer(one.transition())
                                                || one.transition() == Transition.T3
                                                || one.transition() == Transition.T7);
        if (!isTouched) {
            return;
        }
        for (ConsentRecord record : records()) {
            if (!record.isToBeAsked()) {
                continue;
            }
            Optional<Text> text =
                    texts.prompt(tenant.id(), record.purpose(), capturedLanguage(record));
            if (text.isEmpty()) {
                unsaid.add(TextKind.CONSENT_PROMPT.wireName());
            } else if (open().isEmpty() || hasButtons(text.get())) {
                ask(record, text.get());
            }
        }
    }

    private void ask(ConsentRecord record, Text text) {
        String promptId = Prompt.newId();
        UUID id = UuidCreator.getTimeOrderedEpoch();
        book.apply(
                slot.person(),
                record,
                new ConsentEvent.PromptOffered(
                        EventTime.received(now),
                        promptId,
                        record.addressId(),
                        text.language(),
                        text.reference(),
                        false),
                tenant.consentRules(),
                new Cause("hub", id, null));
        ConsentRecord asked = current(record);
        if (!asked.hasOpenPrompt()) {
            return; // the ledger says why
        }
        Trigger trigger = new Trigger(Trigger.Kind.PROMPT, promptId);
        boolean first =
                occasion.contact() == null && tenant.textTemplates().containsKey(text.reference());
        PromptButtons.Question asking =
                first ? inTemplate(text, asked.prompt()) : question(text, asked.prompt());
        messages.add(
                OwnMessage.of(
                                id,
                                slot,
                                occasion.contact(),
                                Purpose.CONSENT_PROMPT,
                                trigger,
                                asking.content(),
                                asking.template())
                        .to(record.addressId()));
        if (text.embedsNotice() && informed != Progress.ARRIVED) {
            texts.current(tenant.id(), TextKind.NOTICE, text.language())
                    .ifPresent(
                            notice ->
                                    underway(
                                            notice,
                                            NoticeLedger.BESIDE,
                                            text,
                                            id,
                                            "prompt",
                                            asking.template()));
        }
    }

    /** First contact, or the first since the notice changed materially (INF-1). */
    private void inform() {
        boolean isHelp =
                occasion.flags().contains(Flag.HELP)
                        && !occasion.flags().contains(Flag.ANSWERED_BY_PROVIDER);
        boolean isDue = informed.isDue() && notices.isEmpty() && isAnswered();
        if (!isDue && !isHelp) {
            return;
        }
        Optional<Text> notice = text(TextKind.NOTICE, spoken);
        if (notice.isEmpty()) {
            return;
        }
        if (isDue) {
            UUID id = UuidCreator.getTimeOrderedEpoch();
            Trigger trigger = OwnMessage.noticeTrigger(slot, notice.get(), id);
            say(id, Purpose.PRIVACY_NOTICE, trigger, words(notice.get()), null);
            underway(notice.get(), informed.nextAttempt(), notice.get(), id, "first_contact", null);
        } else {
            // asked for by its word: said again, as an answer (CON-14)
            say(
                    Purpose.SUPPORT_REPLY,
                    new Trigger(Trigger.Kind.CONFIRMATION, occasion.contact().message().toString()),
                    words(notice.get()),
                    null);
        }
    }

    private boolean isAnswered() {
        return occasion.contact() != null
                && mayInform(book.overlays(slot.person(), slot.channel()));
    }

    private void underway(
            Text notice, int attempt, Text shown, UUID message, String cause, String template) {
        notices.add(
                new Underway(
                        slot, notice.reference(), attempt, shown, message, cause, template, null));
    }

    private UUID say(Purpose purpose, Trigger trigger, ObjectNode content, String template) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        say(id, purpose, trigger, content, template);
        return id;
    }

    private void say(
            UUID id, Purpose purpose, Trigger trigger, ObjectNode content, String template) {
        messages.add(
                OwnMessage.of(id, slot, occasion.contact(), purpose, trigger, content, template));
    }

    private ObjectNode words(Text text) {
        return PromptButtons.text(rendered(text));
    }

    private String rendered(Text text) {
        return texts.render(tenant.id(), text, channel(), Map.of());
    }

    /** With buttons of its own, else with those of its template, else in words. */
    private PromptButtons.Question question(Text text, Prompt prompt) {
        if (hasOwnButtons(text)) {
            ObjectNode content =
                    PromptButtons.question(
                            rendered(text), prompt, Wording.answers(text.language()));
            return new PromptButtons.Question(content, null);
        }
        return hasButtons(text)
                ? inTemplate(text, prompt)
                : new PromptButtons.Question(words(text), null);
    }

    private PromptButtons.Question inTemplate(Text text, Prompt prompt) {
        return PromptButtons.inTemplate(tenant, account(), channel(), text, rendered(text), prompt);
    }

    private Optional<Text> text(TextKind kind, String language) {
        Optional<Text> text = texts.current(tenant.id(), kind, language);
        if (text.isEmpty()) {
            unsaid.add(kind.wireName());
        }
        return text;
    }

    private boolean hasButtons(Text text) {
        return hasOwnButtons(text) || PromptButtons.hasButtons(tenant, account(), channel(), text);
    }

    private boolean hasOwnButtons(Text text) {
        return PromptButtons.available(tenant, account(), channel())
                && PromptButtons.fit(rendered(text));
    }

    private String account() {
        return occasion.contact() == null ? null : occasion.contact().account();
    }

    private Channel channel() {
        return occasion.contact() == null ? slot.channel() : occasion.contact().channel();
    }

    /** Those of the channel, as they stand now, the longest known first. */
    private List<ConsentRecord> records() {
        return book.records(slot.person()).stream()
                .filter(record -> record.channel() == slot.channel())
                .sorted(java.util.Comparator.comparing(ConsentRecord::id))
                .toList();
    }

    private List<ConsentRecord> open() {
        return records().stream().filter(ConsentRecord::hasOpenPrompt).toList();
    }

    private ConsentRecord current(ConsentRecord record) {
        return records().stream()
                .filter(one -> one.id().equals(record.id()))
                .findFirst()
                .orElse(record);
    }

    /** Of the question that was asked, {@code null} if none was. */
    private static String language(ConsentRecord record) {
        return record.prompt() == null ? null : record.prompt().language();
    }

    /** Of the text the person agreed to elsewhere, or was asked in before. */
    private String capturedLanguage(ConsentRecord record) {
        return occasion.consequences().stream()
                .filter(one -> one.record().id().equals(record.id()))
                .map(one -> one.cause().text())
                .filter(text -> text != null && text.language() != null)
                .map(text -> text.language().split("-")[0])
                .findFirst()
                .orElse(language(record));
    }

    /** What the confirmation answers: the message that said it, else the step of the record. */
    private static String cause(Consequence consequence) {
        return consequence.cause().message() != null
                ? consequence.cause().message().toString()
                : consequence.record().id() + ":" + consequence.record().since();
    }
}
