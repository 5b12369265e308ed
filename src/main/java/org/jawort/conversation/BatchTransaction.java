package org.jawort.conversation;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.SuppressionStubs.Refused;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.TenantScope;

/**
 * One batch of entries, one transaction: deduplicate, find or make subject and conversation, move
 * consent, decide, store messages and statuses, put events and deliveries into the outbox.
 */
final class BatchTransaction {

    private final TenantScope scope;
    private final Map<String, TenantPolicy> policies;
    private final ProviderEvents seen;
    private final Subjects subjects;
    private final Conversations conversations;
    private final ConsentLedger ledger;
    private final ConsentMoves consent;
    private final Messages messages;
    private final Statuses statuses;
    private final AskedSince asked;
    private final Entries entries;
    private final Duties duties;
    private final DataRequests requests;
    private final Outbox outbox;
    private final InstantSource clock;
    private final EntryCounts counts;

    BatchTransaction(
            TenantScope scope,
            Map<String, TenantPolicy> policies,
            ProviderEvents seen,
            Subjects subjects,
            Conversations conversations,
            ConsentLedger ledger,
            ConsentMoves consent,
            Messages messages,
            Statuses statuses,
            AskedSince asked,
            Entries entries,
            Duties duties,
            DataRequests requests,
            Outbox outbox,
            InstantSource clock,
            EntryCounts counts) {
        this.scope = scope;
        this.policies = policies;
        this.seen = seen;
        this.subjects = subjects;
        this.conversations = conversations;
        this.ledger = ledger;
        this.consent = consent;
        this.messages = messages;
        this.statuses = statuses;
        this.asked = asked;
        this.entries = entries;
        this.duties = duties;
        this.requests = requests;
        this.outbox = outbox;
        this.clock = clock;
        this.counts = counts;
    }

    /**
     * Stores the batch.
     *
     * @return records to publish, those of entries stored by an earlier, interrupted try included
     * @throws Contended if it must be done again
     */
    List<DeliveryRecord> store(List<Incoming> items) {
        Set<String> tenants = items.stream().map(Incoming::tenant).collect(Collectors.toSet());
        return items.isEmpty() ? List.of() : scope.call(tenants, () -> storeAll(items));
    }

    private List<DeliveryRecord> storeAll(List<Incoming> items) {
        Instant now = clock.instant();
        ProviderEvents.Split split = seen.split(items);
        split.repeated().forEach(item -> counts.count(item, "repeated", "duplicate"));
        Batch batch = load(split.fresh(), now);
        split.fresh().forEach(item -> entries.take(item, batch));
        List<DeliveryRecord> records = new ArrayList<>(split.unpublished());
        records.addAll(write(batch));
        seen.remember(split.fresh(), now);
        return records;
    }

    /** Fills in whose the entries are, stores what rose, and reads what they will move. */
    private Batch load(List<Incoming> fresh, Instant now) {
        // An earlier try, rolled back, may have left its own.
        fresh.forEach(item -> item.events.clear());
        List<Refused> refused = subjects.resolve(fresh, now);
        Map<ByteBuffer, Messages.Known> known = messages.known(fresh);
        Collection<Person> people = people(fresh);
        ConsentBook book = ledger.load(people);
        if (people.stream().anyMatch(book::isGone)) {
            throw new Contended("the end of a person's data");
        }
        fresh.forEach(item -> item.dropped = entries.isDropped(item, book));
        // The person before the row, as whoever sends to them.
        conversations.resolve(fresh.stream().filter(item -> !item.dropped).toList());
        Statuses.Risen risen = statuses.raise(fresh, known, now);
        // Who names a message the provider has just taken holds the row of its status: what was
        // nobody's before that row was written may be known by now.
        known.putAll(messages.known(messages.unnamed(risen.news(), known)));
        Batch batch = new Batch(now, book, known, asked.find(fresh, book), risen);
        batch.events.addAll(messages.settle(fresh, known, batch.risen, now));
        consent.knowAgain(refused, batch);
        return batch;
    }

    /** Each kind of result the entries led to, at once. */
    private List<DeliveryRecord> write(Batch batch) {
        Duties.Performed performed = duties.perform(batch.book, batch.contacts, batch.now);
        performed.changes().forEach(change -> consent.tellElsewhere(change, batch));
        List<DeliveryRecord> records = new ArrayList<>(performed.records());
        records.addAll(duties.heard(batch.heard, batch.now));
        requests.open(batch.requests, batch.now);
        ledger.save(batch.book, batch.now);
        Map<UUID, Instant> waiting = messages.insert(batch.messages, batch.known, batch.now);
        records.addAll(
                outbox.add(
                        batch.events,
                        event -> policies.get(event.tenant()).receivers(event),
                        event -> tellsOfMessage(event) ? waiting.get(event.message()) : null));
        return records;
    }

    private static boolean tellsOfMessage(NewEvent event) {
        return event.message() != null
                && (event.type().equals("jawort.message.received.v1")
                        || event.type().equals("jawort.message.sent.v1"));
    }

    private static Collection<Person> people(List<Incoming> fresh) {
        Set<Person> people = new LinkedHashSet<>();
        for (Incoming item : fresh) {
            if (item.subject != null) {
                people.add(item.person());
            }
            item.others.forEach(other -> people.add(new Person(item.tenant(), other.id())));
        }
        return people;
    }
}
