package org.jawort.conversation;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.InboundContext;
import org.jawort.consent.InboundDecision;
import org.jawort.consent.InboundDecision.Decision;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage;
import org.jawort.consent.Overlays;
import org.jawort.consent.SuppressionScope;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;

/**
 * One batch of entries, one transaction: deduplicate, find or make subject and conversation, move
 * consent, decide, store messages and statuses, put events and deliveries into the outbox.
 */
final class BatchTransaction {

    /** Held content of mode strict, as long as transport buffers live (RET-6). */
    private static final Duration HELD = Duration.ofHours(72);

    private final TenantScope scope;
    private final Map<String, TenantPolicy> policies;
    private final ProviderEvents seen;
    private final Subjects subjects;
    private final Conversations conversations;
    private final ConsentLedger ledger;
    private final Messages messages;
    private final Statuses statuses;
    private final HeldMessages held;
    private final EventData data;
    private final Outbox outbox;
    private final InstantSource clock;
    private final MeterRegistry meters;

    BatchTransaction(
            TenantScope scope,
            Map<String, TenantPolicy> policies,
            ProviderEvents seen,
            Subjects subjects,
            Conversations conversations,
            ConsentLedger ledger,
            Messages messages,
            Statuses statuses,
            HeldMessages held,
            EventData data,
            Outbox outbox,
            InstantSource clock,
            MeterRegistry meters) {
        this.scope = scope;
        this.policies = policies;
        this.seen = seen;
        this.subjects = subjects;
        this.conversations = conversations;
        this.ledger = ledger;
        this.messages = messages;
        this.statuses = statuses;
        this.held = held;
        this.data = data;
        this.outbox = outbox;
        this.clock = clock;
        this.meters = meters;
    }

    /**
     * Stores the batch.
     *
     * @return records to publish, those of entries stored by an earlier, interrupted try included
     * @throws Contended if it must be done again
     */
    List<DeliveryRecord> store(List<Incoming> items) {
        Set<String> tenants = items.stream().map(Incoming::tenant).collect(Collectors.toSet());
        return items.isEmpty() ? List.of() : scope.call(tenants, () -> new Work(items).run());
    }

    /** The state of one transaction. */
    private final class Work {
        private final List<Incoming> items;
        private final Instant now = clock.instant();
        private final List<Messages.Decided> decided = new ArrayList<>();
        private final List<NewEvent> events = new ArrayList<>();
        private ConsentBook book;
        private Map<ByteBuffer, Messages.Known> known;

        Work(List<Incoming> items) {
            this.items = items;
        }

        List<DeliveryRecord> run() {
            ProviderEvents.Split split = seen.split(items);
            List<Incoming> fresh = split.fresh();
            fresh.forEach(item -> item.events.clear());
            count(split);
            subjects.resolve(fresh, now);
            conversations.resolve(fresh);
            known = messages.known(fresh);
            book = ledger.load(people(fresh));
            Set<Incoming> risen = new HashSet<>(statuses.raise(fresh, known, now));
            for (Incoming item : fresh) {
                process(item, risen);
            }
            ledger.save(book, now);
            messages.insert(decided, known);
            List<DeliveryRecord> records = new ArrayList<>(split.unpublished());
            records.addAll(outbox.add(events, this::receivers));
            seen.remember(fresh, now);
            return records;
        }

        private Collection<Person> people(List<Incoming> fresh) {
            Set<Person> people = new LinkedHashSet<>();
            for (Incoming item : fresh) {
                if (item.subject != null) {
                    people.add(item.person());
                }
                if (item.other != null) {
                    people.add(new Person(item.tenant(), item.other.id()));
                }
            }
            return people;
        }

        private void process(Incoming item, Set<Incoming> risen) {
            switch (item.entry) {
                case ProviderEntry.Received received -> received(item, received);
                case ProviderEntry.Echo echo -> echo(item);
                case ProviderEntry.Status status -> {
                    if (risen.contains(item)) {
                        status(item);
                    } else {
                        tally(item, "status", "stale");
                    }
                }
                case ProviderEntry.Preference preference -> preference(item, preference);
                case ProviderEntry.Identity identity -> identity(item, identity);
                case ProviderEntry.Ignored ignored -> {}
            }
        }

        private void received(Incoming item, ProviderEntry.Received entry) {
            TenantPolicy policy = policies.get(item.tenant());
            Person person = item.person();
            List<ConsentRecord> records = book.records(person, entry.channel(), policy.purposes());
            Overlays overlays = book.overlays(person, entry.channel());
            InboundDecision decision =
                    policy.filter()
                            .decide(
                                    message(item, entry),
                                    new InboundContext(records, overlays, policy.strict(), null));
            tally(item, "message", decision.reason().name());
            if (decision.decision() == Decision.DROP || decision.decision() == Decision.REJECT) {
                return;
            }
            Cause cause = new Cause("person", item.id, evidence(item, entry, decision));
            for (InboundDecision.Step step : decision.steps()) {
                apply(
                        item,
                        current(person, entry.channel(), policy, step.record()),
                        step.event(),
                        cause);
            }
            if (decision.flags().contains(Flag.HOLD_PROACTIVE)) {
                book.holdForPossibleWithdrawal(person, entry.channel(), item.receivedAt);
            }
            ConsentRecord record =
                    decision.record() == null
                            ? null
                            : current(person, entry.channel(), policy, decision.record());
            boolean onRecord = record != null && record.state() != ConsentState.NONE;
            boolean isHeld = decision.decision() == Decision.HOLD;
            decided.add(
                    new Messages.Decided(
                            item,
                            "inbound",
                            decision.decision().name().toLowerCase(Locale.ROOT),
                            decision.reason().name(),
                            decision.purpose().name(),
                            record == null ? ConsentState.NONE.name() : record.state().name(),
                            onRecord ? record.id() : null,
                            decision.flags().stream().map(Enum::name).collect(Collectors.toSet()),
                            isHeld ? item.receivedAt.plus(HELD) : null));
            if (!isHeld && decision.decision() != Decision.STORE_ONLY) {
                event(item, "jawort.message.received.v1", decision.decision() == Decision.CONSUME);
            }
        }

        private InboundMessage message(Incoming item, ProviderEntry.Received entry) {
            var content = entry.json().path("content");
            String type = content.path("type").asText();
            boolean isButton = type.equals("button") || type.equals("list");
            String label =
                    type.equals("button")
                            ? content.path("button").path("text").asText(null)
                            : content.path("list").path("title").asText(null);
            String payload =
                    type.equals("button")
                            ? content.path("button").path("payload").asText(null)
                            : content.path("list").path("id").asText(null);
            // A piece of a longer text is not a whole message, so it is never read as a keyword.
            boolean isText = type.equals("text") && !entry.json().has("part");
            return new InboundMessage(
                    InboundMessage.Trust.AUTHENTIC,
                    item.subject.address(),
                    entry.channel(),
                    new EventTime(entry.time("sentAt"), item.receivedAt),
                    isButton
                            ? InboundMessage.Kind.BUTTON
                            : isText ? InboundMessage.Kind.TEXT : InboundMessage.Kind.OTHER,
                    isButton ? label : content.path("text").asText(null),
                    isButton ? payload : null,
                    entry.json().path("forwarded").asBoolean(false),
                    false,
                    true,
                    item.preference);
        }

        /** The declaration itself, kept as proof where it moved consent. */
        private byte[] evidence(
                Incoming item, ProviderEntry.Received entry, InboundDecision decision) {
            boolean isOther =
                    decision.steps().stream()
                            .allMatch(step -> step.event() instanceof ConsentEvent.OtherText);
            return decision.steps().isEmpty() || isOther
                    ? null
                    : item.subject
                            .key()
                            .seal(
                                    "consent.evidence",
                                    entry.json()
                                            .path("content")
                                            .toString()
                                            .getBytes(StandardCharsets.UTF_8));
        }

        private ConsentRecord current(
                Person person, Channel channel, TenantPolicy policy, UUID record) {
            return book.records(person, channel, policy.purposes()).stream()
                    .filter(one -> one.id().equals(record))
                    .findFirst()
                    .orElseThrow();
        }

        private void apply(Incoming item, ConsentRecord record, ConsentEvent event, Cause cause) {
            StateChange change =
                    book.apply(
                            item.person(),
                            record,
                            event,
                            policies.get(item.tenant()).rules(),
                            cause);
            tally(item, "consent", book.lastOutcome());
            if (change == null) {
                return;
            }
            changed(item, item.subject, change);
            if (change.record().state() == ConsentState.GRANTED) {
                release(item, change.record().channel());
            }
        }

        private void changed(Incoming item, Subject subject, StateChange change) {
            events.add(
                    new NewEvent(
                            item.tenant(),
                            item.newEvent(),
                            "jawort.consent.changed.v1",
                            item.account.id(),
                            subject.id(),
                            null, // the lane of the person: changes of consent keep their order
                            // over all channels
                            change.cause().message(),
                            false,
                            now,
                            null,
                            subject.key()
                                    .seal(
                                            "event.data",
                                            data.consentChanged(change, sender(item), item))));
        }

        /** What was held until the person agreed is sent on now that they have. */
        private void release(Incoming item, Channel channel) {
            for (HeldMessages.Released message : held.release(item.person(), channel)) {
                events.add(
                        new NewEvent(
                                item.tenant(),
                                item.newEvent(),
                                "jawort.message.received.v1",
                                message.account(),
                                item.subject.id(),
                                message.conversation(),
                                message.id(),
                                false,
                                now,
                                null,
                                null));
            }
        }

        private static Address sender(Incoming item) {
            return switch (item.entry) {
                case ProviderEntry.Received received -> received.from();
                case ProviderEntry.Preference preference -> preference.address();
                case ProviderEntry.Echo echo -> echo.to();
                case ProviderEntry.Status status -> status.to();
                case ProviderEntry.Identity identity -> identity.surviving();
                case ProviderEntry.Ignored ignored -> null;
            };
        }

        private void echo(Incoming item) {
            String providerId = item.entry.providerMessageId();
            if (providerId != null && known.containsKey(messages.key(item, providerId))) {
                tally(item, "echo", "known");
                return;
            }
            tally(item, "echo", "stored");
            decided.add(
                    new Messages.Decided(
                            item,
                            "outbound",
                            "accept",
                            "OUT_SENT_ELSEWHERE",
                            null,
                            null,
                            null,
                            Set.of(),
                            null));
            event(item, "jawort.message.sent.v1", false);
        }

        private void status(Incoming item) {
            tally(item, "status", ((ProviderEntry.Status) item.entry).status().wireName());
            Messages.Known message =
                    item.entry.providerMessageId() == null
                            ? null
                            : known.get(messages.key(item, item.entry.providerMessageId()));
            events.add(
                    new NewEvent(
                            item.tenant(),
                            item.newEvent(),
                            "jawort.message.status.v1",
                            item.account.id(),
                            item.subject.id(),
                            message == null ? null : message.conversation(),
                            message == null ? null : message.id(),
                            false,
                            now,
                            null,
                            item.subject.key().seal("event.data", data.status(item, message))));
        }

        private void preference(Incoming item, ProviderEntry.Preference entry) {
            TenantPolicy policy = policies.get(item.tenant());
            SuppressionScope covers =
                    entry.marketingOnly() ? SuppressionScope.MARKETING : SuppressionScope.ALL;
            EventTime time = new EventTime(entry.time("occurredAt"), item.receivedAt);
            ConsentEvent event =
                    entry.optOut()
                            ? new ConsentEvent.ProviderOptOut(time, covers)
                            : new ConsentEvent.ProviderOptIn(time, covers);
            Cause cause = new Cause("provider", null, null);
            for (ConsentRecord record :
                    book.records(item.person(), entry.channel(), policy.purposes())) {
                apply(item, record, event, cause);
                if (!entry.optOut()) {
                    // the overlay is one for all records: lifting it once is enough
                    break;
                }
            }
        }

        private void identity(Incoming item, ProviderEntry.Identity entry) {
            tally(item, "identity", entry.change());
            if (item.other == null) {
                return;
            }
            Person other = new Person(item.tenant(), item.other.id());
            Cause cause = new Cause("provider", null, null);
            for (StateChange change :
                    book.joinRefusals(item.person(), other, item.receivedAt, cause)) {
                changed(item, change.person().equals(other) ? item.other : item.subject, change);
            }
        }

        private void event(Incoming item, String type, boolean consumed) {
            events.add(
                    new NewEvent(
                            item.tenant(),
                            item.newEvent(),
                            type,
                            item.account.id(),
                            item.subject.id(),
                            item.conversation.id(),
                            item.id,
                            consumed,
                            now,
                            null,
                            null));
        }

        private Collection<Destination> receivers(NewEvent event) {
            return policies.get(event.tenant()).tenant().destinations().values().stream()
                    .filter(destination -> destination.receives(event.type(), event.consumed()))
                    .toList();
        }

        private void count(ProviderEvents.Split split) {
            split.repeated().forEach(item -> tally(item, "repeated", "duplicate"));
            for (Incoming item : split.fresh()) {
                if (item.entry instanceof ProviderEntry.Ignored ignored) {
                    tally(item, "ignored", word(ignored.reason()));
                }
            }
        }

        /**
         * Provider words become labels of a metric only in a form that cannot hold anything else.
         */
        private static String word(String reason) {
            return reason.matches("[A-Za-z0-9_.:-]{1,60}") ? reason : "other";
        }

        private void tally(Incoming item, String kind, String outcome) {
            meters.counter(
                            "jawort.entries",
                            "tenant",
                            item.tenant(),
                            "provider",
                            item.account.provider(),
                            "kind",
                            kind,
                            "outcome",
                            outcome)
                    .increment();
        }
    }
}
