package org.jawort.retention;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jawort.delivery.DisclosureLedger;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.opendsr.OpenDsr;
import org.jawort.retention.ErasedMessages.Received;
import org.jawort.retention.ErasureRows.Run;
import org.jawort.sending.ErasureCalls;
import org.jawort.sending.ErasureCalls.Held;
import org.jawort.store.Bulk;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Asks everybody who received something about a person to erase it too (GDPR Art. 19, RET-14):
 * destinations by an event, providers by their own API. Works inside the caller's transaction.
 */
final class ErasurePropagation {

    static final String EVENT = "jawort.subject.erased.v1";

    private final Tenants tenants;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final ErasureCalls calls;
    private final ProviderDeletions deletions;
    private final Outbox outbox;
    private final OpenDsr openDsr;
    private final ErasureRows rows;
    private final DisclosureLedger disclosed;
    private final PersonTraces traces;
    private final ErasedMessages messages;
    private final Predicate<Destination> isToldEachMessage;

    /**
     * @param isToldEachMessage which destinations find what they have by the id of its message
     *     alone
     */
    ErasurePropagation(
            Tenants tenants,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ErasureCalls calls,
            ProviderDeletions deletions,
            Outbox outbox,
            OpenDsr openDsr,
            Predicate<Destination> isToldEachMessage) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.keys = keys;
        this.calls = calls;
        this.deletions = deletions;
        this.outbox = outbox;
        this.openDsr = openDsr;
        this.rows = new ErasureRows(jdbc);
        this.disclosed = new DisclosureLedger(jdbc);
        this.traces = new PersonTraces(jdbc);
        this.messages = new ErasedMessages(jdbc);
        this.isToldEachMessage = isToldEachMessage;
    }

    /**
     * Writes down who is to be asked, and queues the calls to providers, while the person can still
     * be read.
     *
     * @param key the person's, which opens what providers call the messages; empty if it was
     *     changed in the store: then somebody else has to tell those who need a name
     */
    void queue(Run run, Optional<SubjectKey> key, Instant now) {
        Map<String, Destination> known = tenants.get(run.tenant()).destinations();
        Set<String> recipients = disclosed.recipients(run.tenant(), run.subject());
        UUID event = UuidCreator.getTimeOrderedEpoch();
        for (String recipient : recipients) {
            boolean reachable = known.containsKey(recipient);
            rows.task(
                    run,
                    recipient,
                    reachable ? "RETRY" : "MANUAL",
                    reachable ? null : "DESTINATION_GONE",
                    reachable ? event : null,
                    now);
        }
        SubjectKey ofRun = keys.open(run.tenant(), run.id(), run.wrappedKey());
        List<Held> held = new ArrayList<>();
        Set<String> accounts = new HashSet<>();
        key.ifPresentOrElse(
                opens -> held.addAll(traces.held(run.tenant(), run.subject(), opens)),
                () -> accounts.addAll(unreadable(run, now)));
        held.addAll(deletions.takeOver(run.tenant(), run.subject(), run.id(), ofRun));
        held.forEach(one -> accounts.add(one.account()));
        for (Destination processor : processors(run.tenant(), recipients, accounts)) {
            if (key.isEmpty()) {
                rows.task(run, processor.id(), "MANUAL", "UNREADABLE", null, now);
                continue;
            }
            rows.task(run, processor.id(), "RETRY", null, event, now);
            openDsr.queue(
                    processor,
                    run.id(),
                    event,
                    rows.submitted(run),
                    traces.identities(run.tenant(), run.subject(), key.get()),
                    ofRun);
        }
        calls.queue(
                run.tenant(),
                run.id(),
                ofRun,
                held,
                key.map(opens -> traces.names(run.tenant(), run.subject(), opens))
                        .orElse(List.of()),
                now);
        rows.remaining(run, now);
        rows.tasksOfCalls(run, now);
    }

    /**
     * Of what providers have of somebody whose key was changed, nobody can say what it is called.
     *
     * @return the accounts that is so of
     */
    private List<String> unreadable(Run run, Instant now) {
        List<String> accounts =
                jdbc.queryForList(
                        "select distinct account from message where tenant = ? and subject_id = ?",
                        String.class,
                        run.tenant(),
                        run.subject());
        for (String account : accounts) {
            UUID call = UuidCreator.getTimeOrderedEpoch();
            jdbc.update(
                    """
                    insert into erasure_call (tenant, id, run, recipient, event_id, step, status, reason, not_before, updated_at)
                    values (?, ?, ?, ?, ?, 'delete', 'MANUAL', 'UNREADABLE', ?, ?)""",
                    run.tenant(),
                    call,
                    run.id(),
                    ErasureCalls.recipient(account),
                    call,
                    Bulk.timestamp(now),
                    Bulk.timestamp(now));
        }
        return accounts;
    }

    /** Those of the companies that got something of the person that speak OpenDSR (DSR-10). */
    private List<Destination> processors(
            String tenant, Set<String> recipients, Set<String> accounts) {
        Tenant known = tenants.get(tenant);
        Set<String> companies = new HashSet<>();
        recipients.stream()
                .map(known.destinations()::get)
                .filter(Objects::nonNull)
                .map(Destination::processor)
                .forEach(companies::add);
        accounts.stream()
                .map(known.accounts()::get)
                .filter(Objects::nonNull)
                .map(Account::processor)
                .forEach(companies::add);
        return known.destinations().values().stream()
                .filter(OpenDsr::isProcessor)
                .filter(one -> one.processor() != null && companies.contains(one.processor()))
                .toList();
    }

    /** To be read before the person's deliveries go, and to be told afterwards. */
    List<Received> received(Run run) {
        Map<String, Destination> known = tenants.get(run.tenant()).destinations();
        List<String> some =
                rows.told(run).stream()
                        .filter(id -> known.containsKey(id))
                        .filter(id -> isToldEachMessage.test(known.get(id)))
                        .toList();
        return some.isEmpty() ? List.of() : messages.received(run, some);
    }

    /**
     * Tells the destinations, if there are any, now that nothing else about the person can go there
     * any more.
     *
     * @param received what some of them are told one by one
     * @param keeps what law keeps here
     */
    void tell(Run run, List<Received> received, List<RetainedItems.Kept> keeps, Instant now) {
        UUID event = rows.event(run);
        if (event == null) {
            return;
        }
        List<NewEvent> events = new ArrayList<>();
        Map<UUID, Collection<String>> receivers = new HashMap<>();
        received.stream()
                .collect(groupingBy(Received::message, LinkedHashMap::new, toList()))
                .values()
                .forEach(
                        some -> {
                            NewEvent gone = ErasedMessages.event(run, some.getFirst(), now);
                            events.add(gone);
                            receivers.put(
                                    gone.id(),
                                    some.stream().map(Received::destination).collect(toSet()));
                        });
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("reason", "ERASURE");
        detail.put("request", run.request().toString());
        name(keeps, detail.putArray("kept"));
        events.add(
                new NewEvent(
                        run.tenant(),
                        event,
                        EVENT,
                        null,
                        run.subject(),
                        null,
                        null,
                        false,
                        now,
                        detail.toString(),
                        null));
        // One that left the tenant file meanwhile has its order as well: another node may know it.
        receivers.put(event, rows.told(run));
        outbox.addDueTo(events, told -> receivers.get(told.id()), now);
    }

    /** What law keeps, as events name it. */
    static void name(List<RetainedItems.Kept> keeps, ArrayNode kept) {
        for (RetainedItems.Kept one : keeps) {
            kept.addObject()
                    .put("messageId", one.message().toString())
                    .put("category", one.category())
                    .put("until", one.until() == null ? null : one.until().toString());
        }
    }
}
