package org.jawort.notice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.Effect;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Duties;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.message.Channel;
import org.jawort.notice.NoticeLedger.Failed;
import org.jawort.notice.NoticeLedger.Progress;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.notice.NoticeLedger.Underway;
import org.jawort.sending.Informing;
import org.jawort.sending.Outgoing;
import org.jawort.sending.OutgoingMessage;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;

/**
 * Puts what the hub has to say of its own accord on its way, set-based: one question to the store
 * and one insert for a whole batch.
 */
final class ObligedMessages implements Duties, Informing {

    private final Texts texts;
    private final Tenants tenants;
    private final NoticeLedger notices;
    private final Outgoing outgoing;
    private final MeterRegistry meters;

    ObligedMessages(
            Texts texts,
            Tenants tenants,
            NoticeLedger notices,
            Outgoing outgoing,
            MeterRegistry meters) {
        this.texts = texts;
        this.tenants = tenants;
        this.notices = notices;
        this.outgoing = outgoing;
        this.meters = meters;
    }

    @Override
    public Information informed(Person person, Channel channel) {
        Slot slot = new Slot(person, channel);
        boolean arrived = progress(Set.of(slot)).get(slot) == Progress.ARRIVED;
        return new Information(
                arrived,
                arrived
                        && texts.current(person.tenant(), TextKind.NOTICE, null)
                                .map(Text::saysRightToObject)
                                .orElse(false));
    }

    @Override
    public List<DeliveryRecord> perform(ConsentBook book, List<Contact> contacts, Instant now) {
        Map<Slot, Occasion> occasions = new LinkedHashMap<>();
        for (Contact contact : contacts) {
            at(occasions, contact.person(), contact.channel()).met(contact);
        }
        for (ConsentBook.Consequence consequence : book.consequences()) {
            Channel channel = consequence.record().channel();
            at(occasions, consequence.person(), channel).follows(consequence);
        }
        if (occasions.isEmpty()) {
            return List.of();
        }
        book.consequences().stream()
                .filter(one -> one.effects().contains(Effect.CANCEL_QUEUED_SENDS))
                .filter(one -> one.record().state().isWithdrawal())
                .map(one -> new Slot(one.person(), one.record().channel()))
                .distinct()
                .forEach(slot -> cancel(slot, now));
        Map<Slot, Progress> progress = progress(unlessSilent(occasions, book));
        List<OutgoingMessage> messages = new ArrayList<>();
        List<Underway> underway = new ArrayList<>();
        for (Map.Entry<Slot, Occasion> one : occasions.entrySet()) {
            Saying saying =
                    new Saying(
                            texts,
                            tenants.get(one.getKey().person().tenant()),
                            book,
                            one.getKey(),
                            one.getValue(),
                            progress.getOrDefault(one.getKey(), Progress.NOT_BEGUN),
                            now);
            saying.compose();
            messages.addAll(saying.messages());
            underway.addAll(saying.notices());
            saying.unsaid().forEach(kind -> unsaid(one.getKey().person().tenant(), kind));
        }
        notices.add(underway, now);
        book.consequences().stream()
                .filter(one -> one.record().prompt() != null)
                .filter(one -> Saying.isAnswer(one.transition()))
                .forEach(
                        one ->
                                notices.answered(
                                        new Slot(one.person(), one.record().channel()),
                                        one.record().prompt().textVersion(),
                                        now));
        return messages.isEmpty() ? List.of() : outgoing.enqueue(messages, now);
    }

    /** What was on its way to somebody who said stop. */
    private void cancel(Slot slot, Instant now) {
        String tenant = slot.person().tenant();
        outgoing.cancel(tenant, slot.person().subject(), slot.channel(), now)
                .forEach(message -> notices.neverLeft(tenant, message));
    }

    private static Occasion at(Map<Slot, Occasion> occasions, Person person, Channel channel) {
        return occasions.computeIfAbsent(new Slot(person, channel), slot -> new Occasion());
    }

    /** Only whoever may be informed: nobody who has refused the channel. */
    private static Collection<Slot> unlessSilent(Map<Slot, Occasion> occasions, ConsentBook book) {
        Set<Slot> slots = new HashSet<>();
        occasions.forEach(
                (slot, occasion) -> {
                    if (Saying.mayInform(book.overlays(slot.person(), slot.channel()))) {
                        slots.add(slot);
                    }
                });
        return slots;
    }

    private Map<Slot, Progress> progress(Collection<Slot> slots) {
        Map<String, List<String>> counting = new HashMap<>();
        for (Slot slot : slots) {
            counting.computeIfAbsent(slot.person().tenant(), texts::noticesThatCount);
        }
        return notices.progress(slots, counting);
    }

    /** Nothing is said without a text that somebody approved; the tenant must give one. */
    private void unsaid(String tenant, String kind) {
        meters.counter("jawort.obliged.unsaid", "tenant", tenant, "kind", kind).increment();
    }

    /** The first that fails is tried once more at once; after the second the denial stays. */
    @Override
    public List<DeliveryRecord> heard(List<Heard> statuses, Instant now) {
        List<OutgoingMessage> messages = new ArrayList<>();
        List<Underway> again = new ArrayList<>();
        for (Failed failed : notices.heard(statuses)) {
            if (failed.attempt() == 1 && !failed.cause().equals("prompt")) {
                notice(failed.slot(), "retry", failed.language(), 2, messages, again);
            }
        }
        notices.add(again, now);
        return messages.isEmpty() ? List.of() : outgoing.enqueue(messages, now);
    }

    void neverLeft(String tenant, UUID message) {
        notices.neverLeft(tenant, message);
    }

    @Override
    public boolean isInformed(String tenant, UUID subject, Channel channel) {
        return informed(new Person(tenant, subject), channel).noticeDelivered();
    }

    @Override
    public boolean embedsNotice(String tenant, String textVersion, String language) {
        return texts.exact(tenant, textVersion, language).map(Text::embedsNotice).orElse(false);
    }

    @Override
    public void inform(String tenant, UUID subject, Channel channel, Instant now) {
        Slot slot = new Slot(new Person(tenant, subject), channel);
        Progress progress = progress(Set.of(slot)).getOrDefault(slot, Progress.NOT_BEGUN);
        List<OutgoingMessage> messages = new ArrayList<>();
        List<Underway> underway = new ArrayList<>();
        if (progress.isDue()) {
            notice(slot, "required", null, progress.nextAttempt(), messages, underway);
        }
        notices.add(underway, now);
        if (!messages.isEmpty()) {
            outgoing.enqueue(messages, now);
        }
    }

    private void notice(
            Slot slot,
            String cause,
            String language,
            int attempt,
            List<OutgoingMessage> messages,
            List<Underway> underway) {
        String tenant = slot.person().tenant();
        Optional<Text> text = texts.current(tenant, TextKind.NOTICE, language);
        if (text.isEmpty()) {
            unsaid(tenant, TextKind.NOTICE.wireName());
            return;
        }
        UUID id = UuidCreator.getTimeOrderedEpoch();
        String words = texts.render(tenant, text.get(), slot.channel(), Map.of());
        String template = tenants.get(tenant).textTemplates().get(text.get().reference());
        ObjectNode content =
                template == null
                        ? PromptButtons.text(words)
                        : PromptButtons.template(template, text.get().language(), words);
        messages.add(
                OwnMessage.of(
                        id,
                        slot,
                        null,
                        Purpose.PRIVACY_NOTICE,
                        OwnMessage.noticeTrigger(slot, text.get(), id),
                        content,
                        template));
        underway.add(
                new Underway(
                        slot, text.get().reference(), attempt, text.get(), id, cause, template));
    }
}
