package org.jawort.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.ExchangeHelper;
import org.jawort.tenant.Destination;

/**
 * Lets a route that reaches another system take so long and no longer, whatever it speaks and
 * however the other side dawdles: a byte a second, or a socket that stays open in silence. The
 * route runs on a thread of its own, which is interrupted at the deadline; that closes a socket it
 * reads from. One that does not end even then is left behind, and as many as may run at once may be
 * left behind before nothing more is tried. Registered as {@code deadline}.
 */
public final class Deadline {

    /** How long a route that was interrupted has to say how it ended. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final Duration UNTIL_ONE_ENDS = Duration.ofSeconds(30);

    private static final class Attempt {

        final Exchange exchange;

        /** {@code false} if it did not end although it was interrupted. */
        final CompletableFuture<Boolean> ended = new CompletableFuture<>();

        volatile boolean late;

        Attempt(Exchange exchange) {
            this.exchange = exchange;
        }
    }

    private final ProducerTemplate template;
    private final int concurrency;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Alarms alarms;
    private final ConcurrentMap<String, Semaphore> permits = new ConcurrentHashMap<>();

    /** By URI: to find one again costs a look at the whole of it. */
    private final ConcurrentMap<String, Endpoint> endpoints = new ConcurrentHashMap<>();

    /**
     * @param concurrency of a destination whose tenant file does not say
     */
    Deadline(
            ProducerTemplate template,
            int concurrency,
            InstantSource clock,
            MeterRegistry meters,
            Alarms alarms) {
        this.template = template;
        this.concurrency = concurrency;
        this.clock = clock;
        this.meters = meters;
        this.alarms = alarms;
    }

    /**
     * One attempt at a delivery. That of an account has its deadline where it calls the provider,
     * because what became of a message must be written down in any case.
     *
     * @param uri of the destination's route
     * @throws DestinationUnavailable if there was no end to it
     * @throws DeliveryPostponed if too many have not ended yet
     */
    public void attempt(Exchange exchange, String uri) throws Exception {
        if (destination(exchange).isAccount()) {
            take(exchange, send(uri, copy(exchange)));
        } else {
            call(exchange, uri);
        }
    }

    /** The same for any route that calls out on behalf of a destination or account. */
    public void call(Exchange exchange, String uri) throws Exception {
        Destination destination = destination(exchange);
        Duration deadline = destination.delivery().deadline();
        Semaphore running =
                permits.computeIfAbsent(
                        destination.tenant() + "/" + destination.id(),
                        name -> new Semaphore(concurrency(destination)));
        if (!running.tryAcquire()) {
            throw new DeliveryPostponed(
                    clock.instant().plus(UNTIL_ONE_ENDS), "earlier attempts have not ended");
        }
        var attempt = new Attempt(copy(exchange));
        Thread thread =
                Thread.ofVirtual()
                        .name("attempt-" + destination.id())
                        .start(() -> run(uri, attempt, running));
        Future<?> alarm = alarms.after(deadline, () -> expire(attempt, thread));
        try {
            boolean ended = attempt.ended.get();
            if (attempt.late) {
                takeLate(exchange, destination, attempt, ended);
            } else {
                take(exchange, attempt.exchange);
            }
        } catch (ExecutionException broken) {
            throw new DestinationUnavailable(
                    broken.getCause().getClass().getSimpleName(), null, null);
        } catch (InterruptedException stopped) {
            thread.interrupt();
            throw stopped;
        } finally {
            alarm.cancel(false);
        }
    }

    private Exchange send(String uri, Exchange attempt) {
        Endpoint endpoint = endpoints.computeIfAbsent(uri, template.getCamelContext()::getEndpoint);
        return template.send(endpoint, attempt);
    }

    private void run(String uri, Attempt attempt, Semaphore running) {
        Throwable failure = null;
        try {
            send(uri, attempt.exchange);
        } catch (RuntimeException | Error broken) {
            failure = broken;
        }
        running.release(); // first, or who waits for the end finds no permit for the next
        if (failure == null) {
            attempt.ended.complete(true);
        } else {
            attempt.ended.completeExceptionally(failure);
        }
    }

    private void expire(Attempt attempt, Thread thread) {
        attempt.late = true;
        thread.interrupt();
        alarms.after(GRACE, () -> attempt.ended.complete(false));
    }

    private int concurrency(Destination destination) {
        Integer own = destination.delivery().concurrency();
        return own == null ? concurrency : own;
    }

    /**
     * A route that was told the outcome before the deadline, and dawdled afterwards, may still say
     * so.
     *
     * @param ended {@code false}: it is left behind, and its exchange not to be touched
     */
    private void takeLate(
            Exchange exchange, Destination destination, Attempt attempt, boolean ended)
            throws Exception {
        Exception failure = ended ? attempt.exchange.getException() : null;
        if (ended
                && (failure == null
                        || failure instanceof DestinationRefused
                        || failure instanceof DestinationUnavailable)) {
            take(exchange, attempt.exchange);
            return;
        }
        meters.counter(
                        "jawort.attempts.expired",
                        "tenant",
                        destination.tenant(),
                        "destination",
                        destination.id(),
                        "ended",
                        String.valueOf(ended))
                .increment();
        throw new DestinationUnavailable(
                "no answer within " + destination.delivery().deadline(), null, null);
    }

    /** With a unit of work of its own, so that what the attempt opened is closed when it ends. */
    private static Exchange copy(Exchange exchange) {
        Exchange copy = ExchangeHelper.createCopy(exchange, true);
        copy.getExchangeExtension().setUnitOfWork(null);
        return copy;
    }

    private static void take(Exchange exchange, Exchange attempt) throws Exception {
        Exception failure = attempt.getException();
        attempt.setException(null);
        ExchangeHelper.copyResults(exchange, attempt);
        if (failure != null) {
            throw failure;
        }
    }

    private static Destination destination(Exchange exchange) {
        return exchange.getProperty(Deliveries.DESTINATION, Destination.class);
    }
}
