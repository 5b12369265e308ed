package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.delivery.RetrySchedule;
import org.jawort.message.MessageStatus;
import org.jawort.sending.Outbound.State;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.Undecipherable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decision that counts, and the point of no return, in one transaction: it locks the person as
 * every declaration does, so each withdrawal is either before it and denies, or after it and too
 * late (R26).
 */
final class SendClaim {

    static final String CAP = "OUT_MONTHLY_CAP";

    /** Why a message is in doubt whose attempt another node, or this one before, began. */
    static final String INTERRUPTED = "interrupted";

    /** Why a message fails that was never tried: it does not open, or its person's key does not. */
    static final String UNREADABLE = "unreadable";

    /** The person was not told that a bot writes (FLT-7). */
    static final String UNDISCLOSED = "OUT_BOT_UNDISCLOSED";

    private static final Logger LOG = LoggerFactory.getLogger(SendClaim.class);

    /** Until what tells so has left, over whichever account has it by now. */
    private static final Duration TOLD_SOON = Duration.ofSeconds(1);

    sealed interface Claimed {

        /** It may go, within the minute. */
        record Go(Outbound row, SendRequest request, Instant decidedAt) implements Claimed {}

        /** It must not go, now and for ever. */
        record Denied(Outbound row, String reason) implements Claimed {}

        /** Its turn is later: a fixed word says why. */
        record Later(Instant at, String why) implements Claimed {}

        /** There is nothing to do over this account: a fixed word says why. */
        record Over(String why) implements Claimed {}
    }

    private final TenantScope scope;
    private final Tenants tenants;
    private final OutboundRows rows;
    private final SentMessages sent;
    private final ConsentLedger ledger;
    private final SendDecider decider;
    private final SendDecisions decisions;
    private final SendDocuments documents;
    private final SendEvents events;
    private final AccountChoice choice;
    private final MonthlyCaps caps;
    private final SendHearing hearing;
    private final Informing informing;
    private final Disclosures disclosures;
    private final Pseudonyms pseudonyms;
    private final InstantSource clock;
    private final UnheardClaims unheard = new UnheardClaims();

    SendClaim(
            TenantScope scope,
            Tenants tenants,
            OutboundRows rows,
            SentMessages sent,
            ConsentLedger ledger,
            SendDecider decider,
            SendDecisions decisions,
            SendDocuments documents,
            SendEvents events,
            AccountChoice choice,
            MonthlyCaps caps,
            SendHearing hearing,
            Informing informing,
            Disclosures disclosures,
            Pseudonyms pseudonyms,
            InstantSource clock) {
        this.scope = scope;
        this.tenants = tenants;
        this.rows = rows;
        this.sent = sent;
        this.ledger = ledger;
        this.decider = decider;
        this.decisions = decisions;
        this.documents = documents;
        this.events = events;
        this.choice = choice;
        this.caps = caps;
        this.hearing = hearing;
        this.informing = informing;
        this.disclosures = disclosures;
        this.pseudonyms = pseudonyms;
        this.clock = clock;
    }

    /** Where it fails nothing may be sent, whatever was committed. */
    Claimed claim(String tenant, UUID message, String account) {
        Claimed[] made = new Claimed[1];
        try {
            Claimed claimed = scope.call(tenant, () -> made[0] = claimed(tenant, message, account));
            unheard.forget(message);
            return claimed;
        } catch (RuntimeException failed) {
            if (made[0] instanceof Claimed.Go go) {
                unheard.add(message, go.decidedAt());
            }
            throw failed;
        }
    }

    /**
     * Notes that a message could not be claimed because it does not open. Its key may come back;
     * after as many claims as a message has attempts it has failed.
     *
     * @return the message, if it has
     */
    Optional<Outbound> unreadable(String tenant, UUID message, String account) {
        Optional<Outbound> failed =
                scope.call(
                        tenant,
                        () -> {
                            lockPerson(tenant, message);
                            return rows.lock(tenant, message)
                                    .filter(one -> one.state() == State.QUEUED)
                                    .filter(one -> one.account().equals(account))
                                    .filter(one -> isGivenUp(one, clock.instant()));
                        });
        failed.filter(one -> one.purpose() == Purpose.CONSENT_PROMPT).ifPresent(this::promptEnded);
        return failed;
    }

    private void lockPerson(String tenant, UUID message) {
        rows.find(tenant, message)
                .map(row -> new Person(tenant, row.subject()))
                .ifPresent(person -> ledger.load(List.of(person)));
    }

    /** By itself: what is to be written of a prompt may need the key that does not open. */
    private void promptEnded(Outbound prompt) {
        try {
            scope.run(
                    prompt.tenant(),
                    () -> {
                        lockPerson(prompt.tenant(), prompt.message());
                        hearing.ended(neverLeft(prompt));
                    });
        } catch (Undecipherable still) {
            LOG.warn("prompt.unreadable message={}", prompt.message());
        }
    }

    private SendHearing.Ended neverLeft(Outbound row) {
        return row.ended(pseudonyms, SendHearing.End.DENIED, null, clock.instant());
    }

    private boolean isGivenUp(Outbound row, Instant now) {
        if (row.attempts() + 1 < RetrySchedule.ATTEMPTS_TO_SEND) {
            rows.again(row, UNREADABLE, now);
            return false;
        }
        rows.move(row, State.FAILED, UNREADABLE, now);
        SendError error = new SendError(UNREADABLE, null, null);
        rows.tell(List.of(events.unreadable(row, error, now)), now);
        if (row.purpose() == Purpose.PRIVACY_NOTICE) {
            hearing.ended(neverLeft(row));
        }
        return true;
    }

    /**
     * Hands a message on that was not tried because its account is failing.
     *
     * @return whether another account has it now
     */
    boolean handOn(String tenant, UUID message, String account) {
        return scope.call(
                tenant,
                () -> {
                    Instant now = clock.instant();
                    Optional<Outbound> row = rows.lock(tenant, message);
                    return row.isPresent()
                            && row.get().state() == State.QUEUED
                            && row.get().account().equals(account)
                            && handOn(row.get(), false, now);
                });
    }

    /** Inside a transaction that holds the row. */
    boolean handOn(Outbound row, boolean attempted, Instant now) {
        Set<String> tried = new HashSet<>(row.tried());
        tried.add(row.account());
        Optional<Account> next =
                choice.next(tenants.get(row.tenant()), row, tried, documents.business(row), now);
        next.ifPresent(account -> rows.handOn(row, account.id(), attempted, now, now));
        return next.isPresent();
    }

    /**
     * Hands a message that its account cannot carry back to one that had its turn and failed in
     * passing, or is failing. Inside a transaction that holds the row.
     *
     * @return whether there is one
     */
    boolean handBack(Outbound row, Instant due, Instant now) {
        Optional<Account> before = instead(row, now);
        before.ifPresent(account -> rows.handOn(row, account.id(), false, due, now));
        return before.isPresent();
    }

    /** Who may take a message over whose account is gone, or cannot carry it. */
    Optional<Account> instead(Outbound row, Instant now) {
        return choice.instead(tenants.get(row.tenant()), row, documents.business(row), now);
    }

    /**
     * Decides about a message that nobody can send any more.
     *
     * @param book with the person, locked as the row is
     */
    Claimed.Denied denied(Outbound row, ConsentBook book, Person person, Instant now) {
        return switch (decided(row, book, person, now)) {
            case Claimed.Denied denied -> denied;
            case Claimed.Go go -> throw new IllegalStateException("it can be sent");
            case Claimed.Later later -> throw new IllegalStateException("it can be sent");
            case Claimed.Over over -> throw new IllegalStateException("it can be sent");
        };
    }

    private Claimed claimed(String tenant, UUID message, String account) {
        Optional<Outbound> found = rows.find(tenant, message);
        if (found.isEmpty()) {
            return new Claimed.Over("DELETED");
        }
        Person person = new Person(tenant, found.get().subject());
        ConsentBook book = ledger.load(List.of(person)); // first the person, then the row
        // Read when the lock is held: nobody decides by a time that is before a withdrawal's.
        Instant now = clock.instant();
        Outbound row = rows.lock(tenant, message).orElse(found.get());
        if (!row.account().equals(account)) {
            return new Claimed.Over("HANDED_ON");
        }
        if (unheard.contains(row)) {
            caps.uncount(row);
            rows.move(row, State.QUEUED, null, now);
        } else if (row.state() == State.SENDING) {
            return interrupted(row, now);
        } else if (row.state() != State.QUEUED) {
            return new Claimed.Over(row.state().name());
        }
        return decided(row, book, person, now);
    }

    private Claimed decided(Outbound row, ConsentBook book, Person person, Instant now) {
        Optional<SendDocuments.Opened> opened = documents.open(row);
        if (opened.isEmpty()) {
            rows.move(row, State.DENIED, "OUT_ERASURE", now);
            return new Claimed.Denied(row, "OUT_ERASURE");
        }
        return decided(row, opened.get(), book, person, now);
    }

    private Claimed decided(
            Outbound row,
            SendDocuments.Opened opened,
            ConsentBook book,
            Person person,
            Instant now) {
        Optional<SendRequest> document = documents.request(row, opened);
        Written written =
                Written.of(
                        document.map(one -> one.document().get("content"))
                                .orElse(opened.body().get("content")),
                        opened.body());
        SendDecider.Verdict verdict = decider.decide(row, written, book, now);
        Optional<SendRequest> request = document.map(one -> one.tagged(verdict.tag()));
        String reason = verdict.decision().reason().name();
        if (verdict.decision().isAllowed()) {
            Disclosures.Told told = disclosures.told(row);
            if (told == Disclosures.Told.UNDER_WAY) {
                return new Claimed.Later(now.plus(TOLD_SOON), "DISCLOSURE");
            }
            if (told == Disclosures.Told.BEHIND) { // it changes places with what tells
                rows.queue(List.of(OutboundRows.toSend(row, row.account(), now)), now);
                return new Claimed.Over("DISCLOSURE");
            }
            if (request.isEmpty()) {
                reason = "OUT_UNKNOWN";
            } else if (told == Disclosures.Told.NO) {
                reason = UNDISCLOSED;
            } else {
                MonthlyCaps.Reached reached = caps.count(row, now);
                if (reached == MonthlyCaps.Reached.ACCOUNT && handOn(row, false, now)) {
                    return new Claimed.Over("HANDED_ON");
                }
                reason = reached == MonthlyCaps.Reached.NONE ? reason : CAP;
            }
        }
        decisions.keep(row, verdict, reason, SendDecisions.Stage.SEND, now);
        if (!reason.equals("OUT_OK")) {
            deny(row, opened, reason, now);
            return new Claimed.Denied(row, reason);
        }
        if (verdict.record() != null && row.purpose().hasRecord()) {
            book.use(person, verdict.record(), now, tenants.get(row.tenant()).consentRules());
            ledger.save(book, now);
        }
        rows.claim(row, now);
        return new Claimed.Go(row, request.get(), now);
    }

    /**
     * A denied message does not vanish: it is a state, an event and a number. One that lacked the
     * notice alone puts it on its way (FLT-5, SEND_NOTICE_FIRST), asked for or due alike.
     */
    void deny(Outbound row, SendDocuments.Opened opened, String reason, Instant now) {
        rows.move(row, State.DENIED, reason, now);
        rows.tell(
                List.of(
                        events.status(
                                row,
                                opened,
                                MessageStatus.FAILED,
                                new SendError(reason, null, null),
                                now)),
                now);
        if (SendHearing.Ended.matters(row.purpose())) {
            hearing.ended(row.ended(pseudonyms, SendHearing.End.DENIED, null, now));
        }
        if (reason.equals(OutboundReason.OUT_NOTICE_MISSING.name())) {
            informing.inform(row.tenant(), row.subject(), row.channel(), now);
        }
    }

    /**
     * An attempt that ended with its process, or whose process is too slow for Kafka: unless a
     * status told, nobody here knows whether it reached the provider. Inside a transaction that
     * holds the person and the row.
     */
    Claimed.Over interrupted(Outbound row, Instant now) {
        if (sent.isNamed(row)) {
            told(row, now);
            return new Claimed.Over("TOLD");
        }
        rows.move(row, State.UNKNOWN, INTERRUPTED, now);
        documents
                .open(row)
                .ifPresent(
                        opened ->
                                rows.tell(
                                        List.of(
                                                events.status(
                                                        row,
                                                        opened,
                                                        MessageStatus.UNKNOWN,
                                                        null,
                                                        now)),
                                        now));
        return new Claimed.Over("INTERRUPTED");
    }

    /**
     * A status came before any answer: the provider has it. Inside a transaction that holds the
     * row, and the person where anybody listens.
     */
    void told(Outbound row, Instant now) {
        boolean failed = sent.hasFailed(row);
        rows.move(row, failed ? State.FAILED : State.SENT, failed ? "provider" : null, now);
        rows.tell(List.of(events.sent(row, now)), now);
        if (SendHearing.Ended.matters(row.purpose())) {
            SendHearing.End end = failed ? SendHearing.End.FAILED : SendHearing.End.TAKEN;
            hearing.ended(row.ended(pseudonyms, end, null, now));
        }
    }
}
