package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Exchange;
import org.jawort.delivery.DeliveryPostponed;
import org.jawort.delivery.DeliveryWithheld;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.sending.SendClaim.Claimed;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Undecipherable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * The steps of the route template {@code send-message}, which the queue of an account runs for each
 * message: decide and claim, hand to the provider's route, settle. Registered as {@code sendSteps}.
 */
public final class SendSteps {

    private static final ObjectMapper JSON = new ObjectMapper();
    static final String CLAIMED = "jawort.send.claimed";

    /** No request was made, which tells nothing of the provider. */
    private static final String NOT_STARTED = "not_started";

    private static final Duration IN_FLIGHT_PAUSE = Duration.ofSeconds(30);
    private static final Duration STORE_PAUSE = Duration.ofSeconds(5);

    /** How long an answer that the store does not take is held in memory. */
    private static final Duration HELD = Duration.ofMinutes(1);

    private static final long FIRST_PAUSE = 50; // milliseconds
    private static final long LONGEST_PAUSE = 1000;

    private final Tenants tenants;
    private final SendClaim claim;
    private final SendSettlement settlement;
    private final DecisionGate gate;
    private final SendRates rates;
    private final AccountHealth health;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Denials denials;
    private final Set<UUID> inFlight = ConcurrentHashMap.newKeySet();

    SendSteps(
            Tenants tenants,
            SendClaim claim,
            SendSettlement settlement,
            DecisionGate gate,
            SendRates rates,
            AccountHealth health,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.claim = claim;
        this.settlement = settlement;
        this.gate = gate;
        this.rates = rates;
        this.health = health;
        this.clock = clock;
        this.meters = meters;
        this.denials = new Denials(meters);
    }

    /**
     * Puts request and token on the exchange if the message may go, and {@code jawort.send.go}
     * true.
     *
     * @throws DeliveryPostponed if its turn is later
     * @throws DeliveryWithheld if it must not go, or is somebody else's by now
     * @throws Undecipherable if it cannot be read, and is to be tried again
     * @throws DestinationRefused if it could not be read too often
     */
    public void claim(Exchange exchange, String tenant, String account) {
        exchange.removeProperty(SendRequest.PROPERTY);
        exchange.removeProperty(DecisionToken.PROPERTY);
        UUID message = message(exchange);
        Instant now = clock.instant();
        double rate = tenants.get(tenant).accounts().get(account).sending().ratePerSecond();
        Optional<Instant> turn = rates.turn(tenant, account, rate, message, now);
        if (turn.isPresent()) {
            throw new DeliveryPostponed(turn.get(), "RATE");
        }
        try {
            claim(exchange, tenant, account, message, now);
        } catch (TransactionException
                | TransientDataAccessException
                | RecoverableDataAccessException
                | DataAccessResourceFailureException storeAway) {
            throw new DeliveryPostponed(now.plus(STORE_PAUSE), "STORE_AWAY"); // nothing was tried
        } catch (Undecipherable unreadable) {
            Optional<Outbound> failed = claim.unreadable(tenant, message, account);
            failed.ifPresent(row -> count(row, "unreadable", SendClaim.UNREADABLE));
            throw failed.isPresent()
                    ? new DestinationRefused(SendClaim.UNREADABLE, null)
                    : unreadable;
        }
    }

    private void claim(
            Exchange exchange, String tenant, String account, UUID message, Instant now) {
        if (!inFlight.add(message)) {
            rates.unused(tenant, account);
            throw new DeliveryPostponed(now.plus(IN_FLIGHT_PAUSE), "IN_FLIGHT");
        }
        boolean go = false;
        try {
            Optional<Instant> spared = health.spared(tenant, account, message, now);
            if (spared.isPresent()) {
                if (claim.handOn(tenant, message, account)) {
                    throw new DeliveryWithheld("HANDED_ON");
                }
                throw new DeliveryPostponed(spared.get(), "ACCOUNT_FAILING");
            }
            Claimed claimed = claim.claim(tenant, message, account);
            if (claimed instanceof Claimed.Later) {
                rates.keep(tenant, account, message, now);
            }
            go = claimed(exchange, claimed);
        } finally {
            if (!go) {
                rates.unused(tenant, account);
                health.unused(tenant, account, message, clock.instant());
                inFlight.remove(message);
            }
        }
    }

    private boolean claimed(Exchange exchange, Claimed claimed) {
        return switch (claimed) {
            case Claimed.Go go -> {
                exchange.setProperty(SendRequest.PROPERTY, go.request());
                exchange.setProperty(
                        DecisionToken.PROPERTY, gate.mint(go.request(), go.decidedAt()));
                exchange.setProperty(CLAIMED, go.row());
                yield true;
            }
            case Claimed.Denied denied -> {
                denials.count(
                        denied.row().tenant(),
                        denied.row().channel(),
                        denied.row().purpose(),
                        denied.reason());
                throw new DeliveryWithheld(denied.reason());
            }
            case Claimed.Later later -> throw new DeliveryPostponed(later.at(), later.why());
            case Claimed.Over over -> throw new DeliveryWithheld(over.why());
        };
    }

    /**
     * Makes the body a {@link SendResult} where the provider's route did not end as it should. If
     * the gate or earlier calls without an end kept it from starting, nothing was sent; else nobody
     * knows.
     */
    public void broken(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        exchange.getMessage()
                .setBody(
                        switch (cause) {
                            case SendForbidden forbidden -> notStarted(forbidden.reason().name());
                            case DeliveryPostponed postponed -> notStarted("NO_THREAD_FREE");
                            default -> new SendResult.Unknown("connection_broken");
                        });
    }

    private static SendResult notStarted(String why) {
        return new SendResult.Retry(new SendError(NOT_STARTED, why, null), null);
    }

    /**
     * Writes down what became of it: the body is a {@link SendResult}.
     *
     * @throws DestinationRefused if it is final
     * @throws DestinationUnavailable if it is to be tried again
     * @throws DeliveryWithheld if another account has it now
     */
    public void settle(Exchange exchange) {
        SendResult result = exchange.getMessage().getBody(SendResult.class);
        Outbound row = exchange.getProperty(CLAIMED, Outbound.class);
        exchange.removeProperty(SendRequest.PROPERTY);
        exchange.removeProperty(DecisionToken.PROPERTY);
        SendSettlement.Settled settled;
        try {
            settled = settled(row, result);
        } finally {
            inFlight.remove(row.message());
        }
        remember(row, result);
        switch (settled) {
            case DONE -> {}
            case REFUSED -> throw new DestinationRefused(code(result), null);
            case HANDED_ON -> throw new DeliveryWithheld("HANDED_ON");
            case AGAIN ->
                    throw new DestinationUnavailable(
                            code(result),
                            null,
                            result instanceof SendResult.Retry retry ? retry.retryAfter() : null);
        }
    }

    /**
     * Tries for a while: what the provider answered is known here alone, and once it is lost nobody
     * can say whether the person has the message.
     */
    private SendSettlement.Settled settled(Outbound row, SendResult result) {
        long end = System.nanoTime() + HELD.toNanos();
        for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            try {
                return settlement.settle(row, result);
            } catch (DataAccessException | TransactionException storeAway) {
                if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
                    throw storeAway;
                }
                meters.counter("jawort.sends.unsettled", "tenant", row.tenant()).increment();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
            }
        }
    }

    private void remember(Outbound row, SendResult result) {
        Instant now = clock.instant();
        switch (result) {
            case SendResult.Accepted accepted -> {
                health.succeeded(row.tenant(), row.account());
                count(row, "accepted", "OUT_OK");
            }
            case SendResult.Refused refused -> {
                if (refused.asked()) {
                    health.succeeded(row.tenant(), row.account());
                } else {
                    unused(row, now);
                }
                count(row, "refused", refused.error().code());
            }
            case SendResult.OptedOut optedOut -> {
                health.succeeded(row.tenant(), row.account());
                count(row, "opted_out", optedOut.error().code());
            }
            case SendResult.Retry retry -> {
                if (retry.error().code().equals(NOT_STARTED)) {
                    unused(row, now);
                } else if (retry.error().code().equals("rate_limited")) {
                    if (retry.retryAfter() != null) {
                        rates.pause(row.tenant(), row.account(), retry.retryAfter(), now);
                    }
                } else {
                    health.failed(row.tenant(), row.account(), now);
                }
                count(row, "retry", retry.error().code());
            }
            case SendResult.Unknown unknown -> {
                health.failed(row.tenant(), row.account(), now);
                count(row, "unknown", unknown.reason());
            }
        }
    }

    /** The message made no request: its turn, and leave to try the account, are the next one's. */
    private void unused(Outbound row, Instant now) {
        rates.unused(row.tenant(), row.account());
        health.unused(row.tenant(), row.account(), row.message(), now);
    }

    private static String code(SendResult result) {
        return switch (result) {
            case SendResult.Refused refused -> refused.error().code();
            case SendResult.OptedOut optedOut -> optedOut.error().code();
            case SendResult.Retry retry -> retry.error().code();
            case SendResult.Accepted accepted -> "accepted";
            case SendResult.Unknown unknown -> unknown.reason();
        };
    }

    private void count(Outbound row, String outcome, String reason) {
        meters.counter(
                        "jawort.sends",
                        "tenant",
                        row.tenant(),
                        "channel",
                        row.channel().wireName(),
                        "purpose",
                        row.purpose().name(),
                        "outcome",
                        outcome,
                        "reason",
                        reason)
                .increment();
    }

    private static UUID message(Exchange exchange) {
        try {
            JsonNode event = JSON.readTree(exchange.getMessage().getBody(byte[].class));
            return UUID.fromString(event.at("/data/messageId").textValue());
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
