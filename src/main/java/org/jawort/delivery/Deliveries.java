package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.mapping.Mapping;
import org.jawort.mapping.MappingFailed;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the route template {@code deliver}: load a batch by ids, decide again, hand each
 * delivery to its destination's route, write down how it went. Registered as {@code deliveries}.
 */
public final class Deliveries {

    /** On the exchange while a destination's route runs. */
    static final String EVENT_ID = "jawort.event.id";

    /** The {@link Destination} that is called. */
    static final String DESTINATION = "jawort.destination";

    /**
     * The whole event while a destination's route runs, for keys, dates and headers of the
     * envelope; what it says beyond the body must not leave.
     */
    public static final String EVENT = "jawort.event";

    private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);
    private static final String GROUPS = "jawort.groups";
    private static final String GROUP = "jawort.group";
    private static final String HEALTH = "jawort.health";
    private static final String LEFT = "jawort.batch.left";
    private static final String BEGAN_AT = "jawort.batch.began";

    private final Tenants tenants;
    private final DeliveryStore store;
    private final Breakers breakers;
    private final RetrySchedule schedule;
    private final Map<String, Mapping> mappings;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final int threads;
    private final int batchBytes;

    /**
     * @param batchBytes how much of what is stored sealed one destination has in memory
     */
    Deliveries(
            Tenants tenants,
            DeliveryStore store,
            Breakers breakers,
            RetrySchedule schedule,
            Map<String, Mapping> mappings,
            InstantSource clock,
            MeterRegistry meters,
            int threads,
            int batchBytes) {
        this.tenants = tenants;
        this.store = store;
        this.breakers = breakers;
        this.schedule = schedule;
        this.mappings = Map.copyOf(mappings);
        this.clock = clock;
        this.meters = meters;
        this.threads = threads;
        this.batchBytes = batchBytes;
    }

    /** Reads a batch of the topic; {@code jawort.batch.more} says whether it has anything. */
    public void take(Exchange exchange, String tenant, String destinationId) {
        Destination destination = destination(tenant, destinationId);
        List<DeliveryRecord> records = new ArrayList<>();
        for (Exchange record : KafkaRecords.batch(exchange)) {
            DeliveryRecord.parse(
                            tenant,
                            destinationId,
                            KafkaRecords.key(record.getMessage()),
                            record.getMessage().getBody(byte[].class))
                    .ifPresentOrElse(
                            records::add,
                            () ->
                                    LOG.warn(
                                            "delivery.record.unreadable destination={}",
                                            destinationId));
        }
        exchange.setProperty(DESTINATION, destination);
        exchange.setProperty(BEGAN_AT, clock.instant());
        left(exchange, records);
    }

    private static void left(Exchange exchange, List<DeliveryRecord> records) {
        exchange.setProperty(LEFT, records);
        exchange.setProperty("jawort.batch.more", !records.isEmpty());
    }

    /**
     * Makes the body the {@link LaneGroup}s of as much of the batch as may be in memory, each for a
     * thread of its own.
     */
    public void load(Exchange exchange) {
        Destination destination = exchange.getProperty(DESTINATION, Destination.class);
        @SuppressWarnings("unchecked")
        List<DeliveryRecord> records = exchange.getProperty(LEFT, List.class);
        DeliveryStore.Batch batch =
                store.begin(destination, records, batchBytes, breakers, clock.instant());
        batch.health().countsFrom(exchange.getProperty(BEGAN_AT, Instant.class));
        List<LaneGroup> groups = group(destination, batch);
        left(exchange, batch.loaded().left());
        exchange.setProperty(GROUPS, groups);
        exchange.setProperty(HEALTH, batch.health());
        exchange.getMessage().setBody(groups);
    }

    private Destination destination(String tenant, String id) {
        return id.startsWith(Destination.SEND)
                ? Destination.of(
                        tenants.get(tenant).accounts().get(id.substring(Destination.SEND.length())))
                : tenants.get(tenant).destinations().get(id);
    }

    private List<LaneGroup> group(Destination destination, DeliveryStore.Batch batch) {
        Integer own = destination.delivery().concurrency();
        int most = own == null ? threads : own;
        Map<Integer, LaneGroup> groups = new HashMap<>();
        for (Attempt attempt : batch.loaded().attempts()) {
            groups.computeIfAbsent(
                            Math.floorMod(attempt.lane().hashCode(), most),
                            n -> new LaneGroup(destination, batch.health(), batch.ahead()))
                    .add(attempt);
        }
        return List.copyOf(groups.values());
    }

    /** Remembers which group this thread works off. */
    public void begin(Exchange exchange) {
        LaneGroup group = exchange.getMessage().getBody(LaneGroup.class);
        exchange.setProperty(GROUP, group);
        exchange.setProperty("jawort.more", group.advance());
    }

    /**
     * Makes the body what the destination gets: the event as its mapping shapes it, a JSON tree.
     */
    public void prepare(Exchange exchange) {
        LaneGroup group = exchange.getProperty(GROUP, LaneGroup.class);
        Attempt attempt = group.current();
        exchange.getMessage().removeHeaders("*");
        forgetCalls(exchange);
        exchange.setProperty(EVENT_ID, attempt.eventId().toString());
        AttemptClock.begin(exchange, clock.instant());
        ObjectNode whole = group.compose();
        exchange.setProperty(EVENT, whole);
        String mapping = group.destination().mapping();
        JsonNode event = group.destination().contract().of(whole);
        exchange.getMessage().setBody(mapping == null ? event : mappings.get(mapping).apply(event));
    }

    /**
     * What an earlier delivery asked and was told. Camel's own way with a pattern compiles a
     * regular expression for each property of each delivery.
     */
    private static void forgetCalls(Exchange exchange) {
        exchange.getProperties().keySet().stream()
                .filter(name -> name.startsWith("jawort.call"))
                .toList()
                .forEach(exchange::removeProperty);
    }

    /** The destination has it. */
    public void delivered(Exchange exchange) {
        exchange.getProperty(HEALTH, DestinationHealth.class).succeeded();
        settle(exchange, new Outcome.Delivered());
    }

    /** The destination's route failed; the exception says whether trying again can help. */
    public void failed(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        LaneGroup group = exchange.getProperty(GROUP, LaneGroup.class);
        DestinationHealth health = exchange.getProperty(HEALTH, DestinationHealth.class);
        settle(
                exchange,
                switch (cause) {
                    case DeliveryPostponed postponed -> {
                        health.unused();
                        yield new Outcome.Parked(
                                postponed.until(), false, null, postponed.getMessage());
                    }
                    case DeliveryWithheld withheld -> {
                        health.unused();
                        yield new Outcome.Withheld(withheld.getMessage());
                    }
                    case DestinationGone gone -> {
                        health.gone(gone.status(), gone.getMessage());
                        yield new Outcome.Parked(
                                clock.instant(), true, gone.status(), gone.getMessage());
                    }
                    case MappingFailed broken -> {
                        // its own event's fault, which no later attempt changes
                        health.unused();
                        yield new Outcome.Dead(null, broken.getMessage());
                    }
                    case DestinationRefused refused -> {
                        health.refused();
                        yield new Outcome.Dead(refused.status(), refused.getMessage());
                    }
                    case DestinationUnavailable unavailable ->
                            later(
                                    group,
                                    health,
                                    unavailable.retryAfter(),
                                    unavailable.status(),
                                    unavailable.getMessage());
                    default -> later(group, health, null, null, Failures.describe(cause));
                });
    }

    private Outcome later(
            LaneGroup group,
            DestinationHealth health,
            Duration retryAfter,
            Integer status,
            String error) {
        health.failed(retryAfter, status, error);
        int made = group.current().attempts() + 1;
        Optional<Duration> wait =
                group.destination().isAccount()
                        ? schedule.waitToSend(made, retryAfter)
                        : schedule.waitAfter(made, retryAfter);
        return wait.<Outcome>map(
                        duration ->
                                new Outcome.Parked(
                                        clock.instant().plus(duration), true, status, error))
                .orElseGet(() -> new Outcome.Dead(status, error));
    }

    private void settle(Exchange exchange, Outcome outcome) {
        LaneGroup group = exchange.getProperty(GROUP, LaneGroup.class);
        group.settle(outcome, AttemptClock.end(exchange));
        exchange.setProperty("jawort.more", group.advance());
    }

    /** Writes down how all that was loaded went, in one statement. */
    public void record(Exchange exchange) {
        Destination destination = exchange.getProperty(DESTINATION, Destination.class);
        // First, so that what is parked now is not woken as if the destination were well.
        breakers.end(destination, exchange.getProperty(HEALTH, DestinationHealth.class));
        @SuppressWarnings("unchecked")
        List<LaneGroup> groups = exchange.getProperty(GROUPS, List.class);
        List<LaneGroup.Result> results =
                groups.stream().flatMap(group -> group.results().stream()).toList();
        if (results.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        store.record(destination, results, now);
        for (LaneGroup.Result result : results) {
            count(destination, result);
        }
    }

    private void count(Destination destination, LaneGroup.Result result) {
        String outcome =
                switch (result.outcome()) {
                    case Outcome.Delivered delivered -> "delivered";
                    case Outcome.Withheld withheld -> "withheld";
                    case Outcome.Parked parked -> {
                        if (parked.tried()) {
                            LOG.info(
                                    "delivery.attempted delivery={} destination={} attempt={} status={} next={}",
                                    result.attempt().eventId(),
                                    destination.id(),
                                    result.attempt().attempts() + 1,
                                    parked.status(),
                                    parked.nextAttemptAt());
                        }
                        yield "parked";
                    }
                    case Outcome.Dead dead -> {
                        LOG.warn(
                                "delivery.dead delivery={} destination={} attempt={} status={}",
                                result.attempt().eventId(),
                                destination.id(),
                                result.attempt().attempts() + 1,
                                dead.status());
                        yield "dead";
                    }
                };
        meters.counter(
                        "jawort.deliveries",
                        "tenant",
                        destination.tenant(),
                        "destination",
                        destination.id(),
                        "outcome",
                        outcome)
                .increment();
    }
}
