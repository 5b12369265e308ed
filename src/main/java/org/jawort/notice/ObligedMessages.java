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
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.Effect;
import org.jawort.consent.EventTime;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.Purpose;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.SuppressionSource;
import org.jawort.conversation.Duties;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.message.Channel;
import org.jawort.notice.AlternativeRoutes.Route;
import org.jawort.notice.NoticeLedger.Arrived;
import org.jawort.notice.NoticeLedger.Failed;
import org.jawort.notice.NoticeLedger.Progress;
import org.jawort.notice.NoticeLedger.Shown;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.notice.NoticeLedger.Underway;
import org.jawort.sending.Informing;
import org.jawort.sending.Outgoing;
import org.jawort.sending.Outgoing.Queued;
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
    private final AlternativeRoutes routes;
    private final NoticeEvents events;
    private final Outgoing outgoing;
    private final MeterRegistry meters;

    ObligedMessages(
            Texts texts,
            Tenants tenants,
            NoticeLedger notices,
            AlternativeRoutes routes,
            NoticeEvents events,
            Outgoing outgoing,
            MeterRegistry meters) {
        this.texts = texts;
        this.tenants = tenants;
        this.notices = notices;
        this.routes = routes;
        this.events = events;
        this.outgoing = outgoing;
        this.meters = meters;
    }

    @Override
    public Information informed(Person person, Channel channel) {
        List<Shown> shown =
                notices.arrived(new Slot(person, channel), texts.noticesThatCount(person.tenant()));
        return new Information(
                !shown.isEmpty(),
                shown.stream()
                        .flatMap(
                                one ->
                                        texts
                                                .exact(
                                                        person.tenant(),
                                                        one.reference(),
                                                        one.language())
                                                .stream())
                        .anyMatch(Text::saysRightToObject));
    }

    @Override
    public Performed perform(ConsentBook book, List<Contact> contacts, Instant now) {
        Map<Slot, Occasion> occasions = new LinkedHashMap<>();
        for (Contact contact : contacts) {
            at(occasions, contact.person(), contact.channel()).met(answerable(contact));
        }
        for (ConsentBook.Consequence consequence : book.consequences()) {
            Channel channel = consequence.record().channel();
            at(occasions, consequence.person(), channel).follows(consequence);
        }
        if (occasions.isEmpty()) {
            return new Performed(List.of(), List.of());
        }
        cancel(book, now);
        Map<Slot, Progress> progress = progress(unlessSilent(occasions, book));
        Map<Slot, String> languages = notices.languages(known(occasions, progress, book));
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
                            languages.get(one.getKey()),
                            now);
            saying.compose();
            messages.addAll(saying.messages());
            underway.addAll(saying.notices());
            saying.unsaid().forEach(kind -> unsaid(one.getKey().person().tenant(), kind));
        }
        notices.add(underway, now);
        List<Arrived> arrived =
                book.consequences().stream()
                        .filter(one -> one.record().prompt() != null)
                        .filter(one -> Saying.isAnswer(one.transition()))
                        .flatMap(
                                one ->
                                        notices
                                                .answered(
                                                        new Slot(
                                                                one.person(),
                                                                one.record().channel()),
                                                        one.record().prompt().textVersion(),
                                                        now)
                                                .stream())
                        .toList();
        List<DeliveryRecord> records = new ArrayList<>(events.delivered(arrived, now));
        Queued queued = send(messages, now);
        records.addAll(queued.records());
        return new Performed(records, unasked(queued.unreached(), book, now));
    }

    /** Over whichever account can, where the one that was written to only receives. */
    private Contact answerable(Contact contact) {
        return outgoing.canSend(contact.person().tenant(), contact.account(), contact.channel())
                ? contact
                : new Contact(
                        contact.person(),
                        contact.channel(),
                        contact.address(),
                        null,
                        contact.conversation(),
                        contact.message(),
                        contact.flags());
    }

    /**
     * What reaches nobody is not under way: it is counted, and may be tried at the next occasion.
     */
    private Queued send(List<OutgoingMessage> messages, Instant now) {
        Queued queued = outgoing.enqueue(messages, now);
        for (OutgoingMessage message : queued.unreached()) {
            unsaid(message.tenant(), kind(message.purpose()).wireName(), "unreachable");
            neverLeft(message.tenant(), message.id(), now);
        }
        return queued;
    }

    private static TextKind kind(Purpose purpose) {
        return switch (purpose) {
            case PRIVACY_NOTICE -> TextKind.NOTICE;
            case CONSENT_PROMPT -> TextKind.CONSENT_PROMPT;
            case OPTOUT_CONFIRM -> TextKind.OPTOUT_CONFIRMATION;
            case SUPPORT_REPLY -> TextKind.CONFIRMATION;
            case NOTIFICATION, AUTHENTICATION, MARKETING, DSR_REPLY ->
                    throw new IllegalArgumentException("nothing the hub says for " + purpose);
        };
    }

    /** T3: they cannot be asked, and so may agree anew elsewhere. */
    private List<ConsentBook.StateChange> unasked(
            List<OutgoingMessage> unreached, ConsentBook book, Instant now) {
        List<ConsentBook.StateChange> changes = new ArrayList<>();
        for (OutgoingMessage prompt : unreached) {
            Person person = new Person(prompt.tenant(), prompt.subject());
            String id = prompt.trigger().reference();
            book.records(person).stream()
                    .filter(record -> prompt.purpose() == Purpose.CONSENT_PROMPT)
                    .filter(ConsentRecord::hasOpenPrompt)
                    .filter(record -> record.prompt().promptId().equals(id))
                    .findFirst()
                    .ifPresent(
                            record ->
                                    changes.addAll(
                                            book.apply(
                                                    person,
                                                    record,
                                                    new ConsentEvent.PromptFailed(
                                                            EventTime.received(now), id, true),
                                                    tenants.get(prompt.tenant()).consentRules(),
                                                    new Cause("hub", prompt.id(), null))));
        }
        return changes;
    }

    /** Those whose language may be known and matters now. */
    private static Collection<Slot> known(
            Map<Slot, Occasion> occasions, Map<Slot, Progress> progress, ConsentBook book) {
        return occasions.entrySet().stream()
                .filter(one -> !book.records(one.getKey().person()).isEmpty())
                .filter(
                        one ->
                                !one.getValue().consequences().isEmpty()
                                        || one.getValue().flags().contains(Flag.HELP)
                                        || progress.getOrDefault(one.getKey(), Progress.NOT_BEGUN)
                                                .isDue())
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * What was on its way to somebody who said stop: for what they stopped, which is everything on
     * the channel only where they said so.
     */
    private void cancel(ConsentBook book, Instant now) {
        Map<Slot, List<ConsentRecord>> stopped = new LinkedHashMap<>();
        book.consequences().stream()
                .filter(one -> one.effects().contains(Effect.CANCEL_QUEUED_SENDS))
                .filter(one -> one.record().state().isWithdrawal())
                .forEach(
                        one ->
                                stopped.computeIfAbsent(
                                                new Slot(one.person(), one.record().channel()),
                                                slot -> new ArrayList<>())
                                        .add(one.record()));
        stopped.forEach(
                (slot, records) -> {
                    String tenant = slot.person().tenant();
                    UUID subject = slot.person().subject();
                    boolean isAll =
                            book.overlays(slot.person(), slot.channel()).active().stream()
                                    .filter(one -> one.source() != SuppressionSource.TENANT)
                                    .anyMatch(one -> one.scope() == SuppressionScope.ALL);
                    (isAll
                                    ? outgoing.cancel(tenant, subject, slot.channel(), now)
                                    : outgoing.cancel(
                                            tenant, subject, slot.channel(), records, now))
                            .forEach(message -> notices.neverLeft(tenant, message));
                });
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
        unsaid(tenant, kind, "text_missing");
    }

    private void unsaid(String tenant, String kind, String reason) {
        meters.counter("jawort.obliged.unsaid", "tenant", tenant, "kind", kind, "reason", reason)
                .increment();
    }

    /**
     * The first that fails is tried once more at once, the second over another road; then the
     * tenant is told, and the denial stays.
     */
    @Override
    public List<DeliveryRecord> heard(List<Heard> statuses, Instant now) {
        List<OutgoingMessage> messages = new ArrayList<>();
        List<Underway> again = new ArrayList<>();
        NoticeLedger.News news = notices.heard(statuses);
        List<DeliveryRecord> records = new ArrayList<>(events.delivered(news.arrived(), now));
        for (Failed failed : news.failed()) {
            if (failed.cause().equals("prompt")) {
                continue; // T3
            }
            if (failed.attempt() == 1) {
                notice(failed.slot(), "retry", failed.language(), 2, null, messages, again);
                continue;
            }
            Optional<Route> route =
                    failed.attempt() == 2 ? routes.after(failed.slot(), now) : Optional.empty();
            route.ifPresent(
                    other ->
                            notice(
                                    failed.slot(),
                                    "other_route",
                                    failed.language(),
                                    3,
                                    other,
                                    messages,
                                    again));
            if (route.isEmpty()) {
                records.addAll(events.failed(failed, "not_delivered", now));
            }
        }
        notices.add(again, now);
        records.addAll(send(messages, now).records());
        return records;
    }

    /** Where the last road was closed too, nothing is left but to tell the tenant. */
    void neverLeft(String tenant, UUID message, Instant now) {
        notices.stranded(tenant, message).ifPresent(one -> events.failed(one, "denied", now));
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
            String language = notices.languages(List.of(slot)).get(slot);
            notice(slot, "required", language, progress.nextAttempt(), null, messages, underway);
        }
        notices.add(underway, now);
        send(messages, now);
    }

    /**
     * @param other the road to take, {@code null} for the usual one
     */
    private void notice(
            Slot slot,
            String cause,
            String language,
            int attempt,
            Route other,
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
                OwnMessage.over(
                        other,
                        id,
                        slot,
                        Purpose.PRIVACY_NOTICE,
                        OwnMessage.noticeTrigger(slot, text.get(), id),
                        content,
                        template));
        underway.add(
                new Underway(
                        slot,
                        text.get().reference(),
                        attempt,
                        text.get(),
                        id,
                        cause,
                        template,
                        other == null ? null : other.via()));
    }
}
