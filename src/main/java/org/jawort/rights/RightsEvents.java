package org.jawort.rights;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jawort.delivery.DisclosureLedger;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells a tenant's destinations of requests, and everybody who received data of a person that it
 * was rectified or restricted (GDPR Art. 19), whatever their patterns say. Inside the caller's
 * transaction.
 */
final class RightsEvents {

    /**
     * Whom a request concerns.
     *
     * @param told ids of destinations that are told
     * @param unreachable ids of those that received something and that the tenant file does not
     *     name any more: people have to tell them
     */
    record Told(Set<String> told, Set<String> unreachable) {

        /** What the person reads of it (Art. 19). */
        void into(ObjectNode facts) {
            told.forEach(facts.putArray("told")::add);
            if (!unreachable.isEmpty()) {
                unreachable.forEach(facts.putArray("unreachable")::add);
            }
        }
    }

    private final Tenants tenants;
    private final DisclosureLedger ledger;
    private final Outbox outbox;

    RightsEvents(Tenants tenants, DisclosureLedger ledger, Outbox outbox) {
        this.tenants = tenants;
        this.ledger = ledger;
        this.outbox = outbox;
    }

    /**
     * @param cause {@code state}, {@code extended}, {@code reminder-50}, {@code reminder-80},
     *     {@code overdue} or {@code not-told}
     */
    void changed(RightsRequest request, RequestState state, String cause, Instant now) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("requestId", request.id().toString());
        data.put("request", request.type().name());
        data.put("state", state.name());
        data.put("cause", cause);
        data.put("receivedAt", request.receivedAt().toString());
        data.put("dueOn", request.dueOn().toString());
        NewEvent event = event(request, "jawort.request.changed.v1", data.toString(), null, now);
        later(event, subscribers(event.tenant(), event.type()), now);
    }

    Told restricted(RightsRequest request, boolean restricted, Instant now) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("requestId", request.id().toString());
        data.put("restricted", restricted);
        return tell(
                request,
                event(request, "jawort.subject.restricted.v1", data.toString(), null, now),
                now);
    }

    /**
     * @param corrections what was wrong and what is right, sealed on its way
     */
    Told rectified(RightsRequest request, ObjectNode corrections, SubjectKey key, Instant now) {
        corrections.put("requestId", request.id().toString());
        byte[] sealed =
                key.seal("event.data", corrections.toString().getBytes(StandardCharsets.UTF_8));
        return tell(request, event(request, "jawort.subject.rectified.v1", null, sealed, now), now);
    }

    private Told tell(RightsRequest request, NewEvent event, Instant now) {
        Map<String, Destination> known = tenants.get(request.tenant()).destinations();
        Told told = new Told(new TreeSet<>(), new TreeSet<>());
        ledger.recipients(request.tenant(), request.subject())
                .forEach(
                        one ->
                                (known.containsKey(one) ? told.told() : told.unreachable())
                                        .add(one));
        subscribers(event.tenant(), event.type()).forEach(one -> told.told().add(one.id()));
        later(event, told.told().stream().map(known::get).toList(), now);
        return told;
    }

    /**
     * At the very end of the transaction, all at once: who holds the ledger or a person may wait
     * for the destinations' counters, never the other way round.
     */
    private void later(NewEvent event, Collection<Destination> receivers, Instant now) {
        Waiting waiting = (Waiting) TransactionSynchronizationManager.getResource(this);
        if (waiting == null) {
            waiting = new Waiting();
            TransactionSynchronizationManager.bindResource(this, waiting);
            TransactionSynchronizationManager.registerSynchronization(waiting);
        }
        waiting.events.add(event);
        waiting.receivers.put(event.id(), receivers);
        waiting.now = now;
    }

    private final class Waiting implements TransactionSynchronization {
        private final List<NewEvent> events = new ArrayList<>();
        private final Map<UUID, Collection<Destination>> receivers = new HashMap<>();
        private Instant now;

        @Override
        public void beforeCommit(boolean readOnly) {
            outbox.addDue(events, event -> receivers.get(event.id()), now);
        }

        @Override
        public void afterCompletion(int status) {
            TransactionSynchronizationManager.unbindResourceIfPossible(RightsEvents.this);
        }
    }

    private Collection<Destination> subscribers(String tenant, String type) {
        return tenants.get(tenant).destinations().values().stream()
                .filter(destination -> destination.receives(type, false))
                .toList();
    }

    private static NewEvent event(
            RightsRequest request, String type, String detail, byte[] sealed, Instant now) {
        return new NewEvent(
                request.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                type,
                null,
                request.subject(),
                null,
                null,
                false,
                now,
                detail,
                sealed);
    }
}
