package org.jawort.sending;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.delivery.RetrySchedule;
import org.jawort.message.MessageStatus;
import org.jawort.sending.Outbound.State;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;

/** Writes down what became of an attempt, once, in one transaction. */
final class SendSettlement {

    /** What the queue has to do now. */
    enum Settled {
        DONE,
        REFUSED,
        HANDED_ON,
        AGAIN
    }

    private final TenantScope scope;
    private final Tenants tenants;
    private final OutboundRows rows;
    private final SentMessages sent;
    private final ConsentLedger ledger;
    private final SendDocuments documents;
    private final Senders senders;
    private final SendEvents events;
    private final SendClaim claim;
    private final MonthlyCaps caps;
    private final OptOuts optOuts;
    private final SendHearing hearing;
    private final Pseudonyms pseudonyms;
    private final RetrySchedule schedule;
    private final InstantSource clock;

    SendSettlement(
            TenantScope scope,
            Tenants tenants,
            OutboundRows rows,
            SentMessages sent,
            ConsentLedger ledger,
            SendDocuments documents,
            Senders senders,
            SendEvents events,
            SendClaim claim,
            MonthlyCaps caps,
            OptOuts optOuts,
            SendHearing hearing,
            Pseudonyms pseudonyms,
            RetrySchedule schedule,
            InstantSource clock) {
        this.scope = scope;
        this.tenants = tenants;
        this.rows = rows;
        this.sent = sent;
        this.ledger = ledger;
        this.documents = documents;
        this.senders = senders;
        this.events = events;
        this.claim = claim;
        this.caps = caps;
        this.optOuts = optOuts;
        this.hearing = hearing;
        this.pseudonyms = pseudonyms;
        this.schedule = schedule;
        this.clock = clock;
    }

    /**
     * @param claimed as it was when it was claimed
     */
    Settled settle(Outbound claimed, SendResult result) {
        return scope.call(
                claimed.tenant(),
                () -> {
                    Instant now = clock.instant();
                    if (result instanceof SendResult.OptedOut
                            || SendHearing.Ended.matters(claimed.purpose())) {
                        // the person before the row, as everywhere
                        ledger.load(List.of(new Person(claimed.tenant(), claimed.subject())));
                    }
                    if (result instanceof SendResult.Accepted accepted) {
                        return accepted(claimed, accepted, now);
                    }
                    Outbound row = rows.lock(claimed.tenant(), claimed.message()).orElseThrow();
                    return isOpen(claimed, row)
                            ? settled(row, result, now)
                            : settledBefore(claimed, row);
                });
    }

    /**
     * Whether nothing is known of the attempt yet. Another node may have taken it for interrupted,
     * and knew less than the answer that is here now.
     */
    private static boolean isOpen(Outbound claimed, Outbound row) {
        return isSameAttempt(claimed, row)
                && (row.state() == State.SENDING || isGivenUpElsewhere(row));
    }

    private static boolean isSameAttempt(Outbound claimed, Outbound row) {
        return row.account().equals(claimed.account()) && row.attempts() == claimed.attempts();
    }

    /**
     * A status was faster; or all of this was written down, and only the word of it was lost with
     * the connection: the message waits for its next attempt, or is at it.
     */
    private static Settled settledBefore(Outbound claimed, Outbound row) {
        boolean isTriedAgain = row.state() == State.QUEUED || row.state() == State.SENDING;
        if (!isTriedAgain) {
            return Settled.DONE;
        }
        return row.account().equals(claimed.account()) ? Settled.AGAIN : Settled.HANDED_ON;
    }

    private static boolean isGivenUpElsewhere(Outbound row) {
        return row.state() == State.UNKNOWN && SendClaim.INTERRUPTED.equals(row.reason());
    }

    private Settled accepted(Outbound claimed, SendResult.Accepted accepted, Instant now) {
        Account account = tenants.get(claimed.tenant()).accounts().get(claimed.account());
        // The status row first: a status webhook that comes at this moment locks in this order too.
        SentMessages.Highest heard = sent.heard(claimed, accepted, now);
        MessageStatus status = heard.status();
        Outbound row = rows.lock(claimed.tenant(), claimed.message()).orElseThrow();
        Optional<SendDocuments.Opened> opened = documents.open(row);
        opened.ifPresent(
                one -> {
                    ObjectNode body = one.body();
                    body.set("from", MessageBody.business(senders.of(account, row)));
                    sent.name(row, one, accepted, account.provider());
                });
        if (row.state() != State.SENDING && row.state() != State.UNKNOWN) {
            return Settled.DONE;
        }
        boolean failed = status == MessageStatus.FAILED || status == MessageStatus.CANCELED;
        rows.move(row, failed ? State.FAILED : State.SENT, failed ? "provider" : null, now);
        if (opened.isPresent()) {
            List<NewEvent> told = new ArrayList<>(List.of(events.sent(row, now)));
            if (heard.unlinked()) { // told once as nobody's; now everybody knows whose it is
                told.add(events.status(row, opened.get(), status, null, now));
            }
            rows.tell(told, now);
        }
        ended(row, end(status), accepted.providerMessageId(), now);
        return Settled.DONE;
    }

    /** By the highest status of a message that its provider took. */
    private static SendHearing.End end(MessageStatus status) {
        return switch (status) {
            case QUEUED, SENT, UNKNOWN -> SendHearing.End.TAKEN;
            case DELIVERED, READ -> SendHearing.End.ARRIVED;
            case FAILED, CANCELED -> SendHearing.End.FAILED;
        };
    }

    private Settled settled(Outbound row, SendResult result, Instant now) {
        if (isDoubtful(result) && sent.isNamed(row)) {
            claim.told(row, now);
            return Settled.DONE;
        }
        return switch (result) {
            case SendResult.Accepted accepted -> throw new IllegalStateException();
            case SendResult.Refused refused -> {
                caps.uncount(row);
                if (refused.error().code().equals("unsupported") && canAnother(row, now)) {
                    yield Settled.HANDED_ON;
                }
                yield failed(row, refused.error(), List.of(), now);
            }
            case SendResult.OptedOut optedOut -> {
                caps.uncount(row);
                yield failed(
                        row,
                        optedOut.error(),
                        optOuts.providerOptOut(
                                row.tenant(),
                                row.subject(),
                                row.channel(),
                                new OptOuts.Refused(row.message(), row.address(), optedOut),
                                now),
                        now);
            }
            case SendResult.Retry retry -> {
                caps.uncount(row);
                if (row.attempts() + 1 >= RetrySchedule.ATTEMPTS_TO_SEND) {
                    yield failed(row, retry.error(), List.of(), now);
                }
                // A limit passes by itself; anything else may be the account's.
                if (!retry.error().code().equals("rate_limited") && claim.handOn(row, true, now)) {
                    yield Settled.HANDED_ON;
                }
                rows.again(row, retry.error().code(), now);
                if (isGivenUpElsewhere(row)) { // and its delivery with it: this takes another
                    rows.queue(List.of(OutboundRows.toSend(row, row.account(), now)), now);
                    yield Settled.HANDED_ON;
                }
                yield Settled.AGAIN;
            }
            case SendResult.Unknown unknown -> {
                rows.move(row, State.UNKNOWN, unknown.reason(), now);
                if (!isGivenUpElsewhere(row)) {
                    tell(row, MessageStatus.UNKNOWN, null, List.of(), now);
                }
                yield Settled.DONE;
            }
        };
    }

    /** At once one that had no turn yet; else, after a wait, one that only failed in passing. */
    private boolean canAnother(Outbound row, Instant now) {
        rows.cannot(row, now);
        Duration wait = schedule.waitToSend(Math.max(1, row.attempts()), null).orElseThrow();
        return claim.handOn(row, false, now) || claim.handBack(row, now.plus(wait), now);
    }

    /** Where the provider said nothing, or that it could not: its status knows better. */
    private static boolean isDoubtful(SendResult result) {
        return result instanceof SendResult.Unknown || result instanceof SendResult.Retry;
    }

    private Settled failed(Outbound row, SendError error, List<NewEvent> more, Instant now) {
        rows.move(row, State.FAILED, error.code(), now);
        tell(row, MessageStatus.FAILED, error, more, now);
        ended(row, SendHearing.End.FAILED, null, now);
        return Settled.REFUSED;
    }

    private void tell(
            Outbound row, MessageStatus status, SendError error, List<NewEvent> more, Instant now) {
        List<NewEvent> all = new ArrayList<>(more);
        documents
                .open(row)
                .ifPresent(opened -> all.add(events.status(row, opened, status, error, now)));
        rows.tell(all, now);
    }

    private void ended(Outbound row, SendHearing.End end, String providerMessageId, Instant now) {
        if (SendHearing.Ended.matters(row.purpose())) {
            hearing.ended(row.ended(pseudonyms, end, providerMessageId, now));
        }
    }
}
