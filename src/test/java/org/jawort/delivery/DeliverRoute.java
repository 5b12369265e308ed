package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.MigratedDatabase;
import org.jawort.mapping.RepositoryMappings;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;

/**
 * One node's {@code deliver} route for a destination {@code crm} that answers as it is told, on a
 * real database and with a clock that stands until it is moved. Wake-ups go straight to the route.
 */
final class DeliverRoute implements AutoCloseable {

    /** The name the route knows. */
    public static final class Offsets {
        public void commit(Exchange exchange) {
            KafkaRecords.commit(exchange);
        }
    }

    /** The destination. */
    public final class Crm {
        public void answer(Exchange exchange) throws Exception {
            long sequence =
                    new ObjectMapper()
                            .readTree(exchange.getMessage().getBody(byte[].class))
                            .get("sequence")
                            .asLong();
            calls.add(sequence);
            Exception answer = answers.getOrDefault(sequence, always);
            if (answer != null) {
                throw answer;
            }
        }
    }

    static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    /** Sequences in the order they were asked for. */
    final List<Long> calls = Collections.synchronizedList(new ArrayList<>());

    final List<String> commits = Collections.synchronizedList(new ArrayList<>());
    private final CommittedOffsets offsets =
            new CommittedOffsets((partition, offset) -> commits.add("committed " + offset));
    final Map<Long, Exception> answers = new ConcurrentHashMap<>();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final String tenant;
    final Breakers breakers;
    final DestinationWatch watch;
    final Destinations destinations;

    /** Thrown for whatever has no answer of its own; {@code null}: delivered. */
    volatile Exception always;

    volatile Instant now = START;

    private final MigratedDatabase database;
    private final ParkedDeliveries parked;
    private final CamelContext camel = new DefaultCamelContext();

    DeliverRoute(MigratedDatabase database) {
        this(database, "t-" + UUID.randomUUID().toString().substring(0, 8), () -> () -> 0L);
    }

    /** Another node, or the next start, where the tenant is one there is already. */
    DeliverRoute(
            MigratedDatabase database,
            String tenant,
            java.util.function.Supplier<RandomGenerator> jitter) {
        this.database = database;
        this.tenant = tenant;
        Destination crm =
                new Destination(
                        tenant,
                        "crm",
                        "crm-webhook",
                        "destinations/canonical.jslt",
                        List.of("*"),
                        false,
                        null,
                        Map.of());
        Tenants tenants = TenantInTest.with(crm);
        ConditionRows rows = new ConditionRows(database.jdbc());
        breakers = new Breakers(database.scope(), rows, () -> now, meters);
        watch = new DestinationWatch(tenants, database.scope(), rows, breakers, () -> now, meters);
        destinations = new Destinations(tenants, rows, database.jdbc(), () -> now);
        parked =
                new ParkedDeliveries(database.scope(), database.jdbc(), () -> now, meters, tenants);
        try {
            start(crm, tenants, jitter);
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    private void start(
            Destination crm, Tenants tenants, java.util.function.Supplier<RandomGenerator> jitter)
            throws Exception {
        start(
                camel,
                crm,
                new Deliveries(
                        tenants,
                        store(database, tenants),
                        breakers,
                        new RetrySchedule(jitter),
                        Map.of(crm.mapping(), RepositoryMappings.ALL.compile(crm.mapping())),
                        () -> now,
                        meters,
                        1,
                        1 << 20),
                new Deadline(camel.createProducerTemplate(), 1, () -> now, meters, new Alarms()),
                new Crm(),
                new Offsets(),
                meters);
    }

    /** What a batch has in memory of these records. */
    static DeliveryReader.Loaded load(
            MigratedDatabase database,
            DeliveryStore store,
            Destination destination,
            List<DeliveryRecord> records,
            int bytes) {
        var breakers =
                new Breakers(
                        database.scope(),
                        new ConditionRows(database.jdbc()),
                        InstantSource.system(),
                        new SimpleMeterRegistry());
        return store.begin(destination, records, bytes, breakers, Instant.now()).loaded();
    }

    static DeliveryStore store(MigratedDatabase database, Tenants tenants) {
        SubjectKeys keys =
                new SubjectKeys(
                        new TenantKeys(
                                RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)));
        return new DeliveryStore(
                database.scope(),
                database.jdbc(),
                keys,
                new EventComposer(new ObjectMapper(), (t, type) -> type),
                (t, messages) -> Map.of(),
                new LateFiles(database.jdbc(), new Outbox(database.jdbc()), tenants));
    }

    /**
     * The hub's own route of this destination, which takes its batches from {@code direct:batch}.
     *
     * @param recipient in place of the destination's route
     * @param offsets the bean {@code kafkaOffsets}
     */
    static void start(
            CamelContext camel,
            Destination crm,
            Deliveries deliveries,
            Deadline deadline,
            Object recipient,
            Object offsets,
            MeterRegistry meters)
            throws Exception {
        camel.getRegistry().bind("deliveries", deliveries);
        camel.getRegistry().bind("deadline", deadline);
        camel.getRegistry().bind("kafkaOffsets", offsets);
        camel.getRegistry().bind("failures", new Failures(meters));
        camel.getRegistry().bind("deliveryThreads", Executors.newVirtualThreadPerTaskExecutor());
        Properties properties = new Properties();
        properties.setProperty("jawort.kafka.group-prefix", "jawort");
        properties.setProperty("jawort.kafka.batch-size", "500");
        camel.getPropertiesComponent().setInitialProperties(properties);
        for (String file :
                List.of("errors/pipeline-errors.camel.yaml", "pipeline/deliver.camel.yaml")) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(
                            ResourceHelper.resolveResource(
                                    camel, "file:" + Path.of("routes", file).toAbsolutePath()));
        }
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:crm-webhook-" + crm.tenant() + "-crm")
                                .errorHandler(noErrorHandler())
                                .bean(recipient);
                    }
                });
        camel.addRouteFromTemplate(
                "deliver-crm",
                "deliver",
                Map.of(
                        "tenant",
                        crm.tenant(),
                        "destination",
                        "crm",
                        "route",
                        "crm-webhook",
                        "topic",
                        "deliveries"));
        AdviceWith.adviceWith(camel, "deliver-crm", route -> route.replaceFromWith("direct:batch"));
        camel.start();
    }

    void advance(Duration by) {
        now = now.plus(by);
    }

    /** Stores an event for the destination and brings its record. */
    void arrives(long sequence, UUID lane) throws Exception {
        pending(sequence, lane);
        take(List.of(new DeliveryRecord(tenant, "crm", lane, event(sequence), 0)));
    }

    /** Stores an event for the destination whose record is still on its way. */
    void pending(long sequence, UUID lane) {
        database.scope()
                .run(
                        tenant,
                        () -> {
                            database.jdbc()
                                    .update(
                                            "insert into event (tenant, id, type, conversation_id, created_at, detail)"
                                                    + " values (?, ?, 'jawort.message.deleted.v1', ?, ?, '{}'::jsonb)",
                                            tenant,
                                            event(sequence),
                                            lane,
                                            Timestamp.from(now));
                            database.jdbc()
                                    .update(
                                            "insert into delivery (tenant, destination, event_id, lane, sequence, state, created_at)"
                                                    + " values (?, 'crm', ?, ?, ?, 'pending', ?)",
                                            tenant,
                                            event(sequence),
                                            lane,
                                            sequence,
                                            Timestamp.from(now));
                        });
    }

    /** Lets the wake-up look once; what it finds is tried. Returns how many it found. */
    int wake() throws Exception {
        Exchange exchange = new DefaultExchange(camel);
        parked.due(exchange);
        List<DeliveryRecord> due = new ArrayList<>();
        for (Object record : exchange.getMessage().getBody(List.class)) {
            due.add((DeliveryRecord) record);
        }
        take(due);
        return due.size();
    }

    void take(List<DeliveryRecord> records) throws Exception {
        if (records.isEmpty()) {
            return;
        }
        List<Exchange> batch = new ArrayList<>();
        for (DeliveryRecord record : records) {
            batch.add(
                    ExchangeBuilder.anExchange(camel)
                            .withHeader(KafkaConstants.TOPIC, "deliveries")
                            .withHeader(KafkaConstants.PARTITION, 0)
                            .withHeader(KafkaConstants.KEY, record.key())
                            .withHeader(KafkaConstants.MANUAL_COMMIT, offsets.of(0, batch.size()))
                            .withBody(record.value())
                            .build());
        }
        try (var consumer = camel.createProducerTemplate()) {
            consumer.sendBody("direct:batch", batch);
        }
    }

    DeliveryRecord record(long sequence, UUID lane, int attempt) {
        return new DeliveryRecord(tenant, "crm", lane, event(sequence), attempt);
    }

    Destinations.View view() {
        return database.scope().call(tenant, () -> destinations.find(tenant, "crm").orElseThrow());
    }

    void pause() {
        database.scope().call(tenant, () -> destinations.pause(tenant, "crm", "demo"));
    }

    void resume() {
        database.scope().call(tenant, () -> destinations.resume(tenant, "crm", "demo"));
    }

    /** Oldest first: {@code disabled GONE}. */
    List<String> history() {
        return database.scope().call(tenant, () -> destinations.history(tenant, "crm")).stream()
                .map(change -> change.change() + " " + change.reason())
                .toList()
                .reversed();
    }

    /** In order of sequence: {@code 1 parked attempts=1 status=503}. */
    List<String> rows() {
        return database.scope()
                .call(
                        tenant,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select format('%s %s attempts=%s status=%s', sequence, state, attempts,"
                                                        + " coalesce(last_status::text, 'null')) from delivery order by sequence",
                                                String.class));
    }

    /** When a parked delivery is due; {@code null} if it is not parked. */
    Instant due(long sequence) {
        return database.scope()
                .call(
                        tenant,
                        () ->
                                database
                                        .jdbc()
                                        .query(
                                                "select next_attempt_at from delivery where sequence = ? and state = 'parked'",
                                                (row, n) ->
                                                        org.jawort.store.Bulk.instant(
                                                                row, "next_attempt_at"),
                                                sequence)
                                        .stream()
                                        .findFirst()
                                        .orElse(null));
    }

    double counted(String meter) {
        return meters.find(meter).counters().stream().mapToDouble(c -> c.count()).sum();
    }

    private UUID event(long sequence) {
        return UUID.nameUUIDFromBytes((tenant + "/" + sequence).getBytes(UTF_8));
    }

    @Override
    public void close() {
        camel.stop();
    }
}
