package org.jawort.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jawort.JawortApplication;
import org.jawort.local.DemoTenant;
import org.jawort.local.Directories;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;
import org.jawort.local.Ports;

/**
 * Everything a run needs beside the load: PostgreSQL, Kafka and the CRM, empty, and the candidates.
 * Lives in a folder that is deleted at the end but for the logs.
 */
final class Testbed implements AutoCloseable {

    private static final List<String> SAME_JVM_FOR_ALL = List.of("-Xms512m", "-Xmx512m");

    private final BenchOptions options;
    private final Path checkout;
    private final Path output;
    private final Path work;
    private final LocalPostgres postgres;
    private final LocalKafka kafka;
    private final int crmPort = Ports.free();
    private final int slowCrmPort = Ports.free();
    private final List<AutoCloseable> children = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private ChildJvm crm;

    /**
     * @param output where logs and recordings stay
     */
    Testbed(BenchOptions options, Path checkout, Path output) {
        this.options = options;
        this.checkout = checkout;
        this.output = output;
        this.work = output.resolve("run-" + ProcessHandle.current().pid());
        this.postgres = LocalPostgres.onFreePort(work.resolve("postgres"));
        this.kafka = LocalKafka.onFreePorts(work.resolve("kafka"));
    }

    void start() throws IOException {
        Files.createDirectories(work);
        BenchHome.make(checkout, work.resolve("home"), options);
        CompletableFuture.allOf(
                        CompletableFuture.runAsync(postgres::start),
                        CompletableFuture.runAsync(kafka::start))
                .join();
        crm =
                child(
                        "crm",
                        CrmSink.class,
                        List.of("-Xmx256m"),
                        List.of(crmPort + ""),
                        true,
                        Map.of());
        if (options.subject() == BenchOptions.Subject.FANOUT) {
            child(
                    "slow-crm",
                    CrmSink.class,
                    List.of("-Xmx256m"),
                    List.of(slowCrmPort + "", String.valueOf(FanoutBench.SLOW.toMillis())),
                    true,
                    Map.of());
        }
    }

    LocalPostgres postgres() {
        return postgres;
    }

    Candidate hub() throws IOException {
        return hub(postgres.newDatabase(), Map.of());
    }

    /**
     * @param database its JDBC URL
     * @param more settings beside the usual
     */
    Candidate hub(String database, Map<String, String> more) throws IOException {
        List<String> jvm = new ArrayList<>(SAME_JVM_FOR_ALL);
        if (options.profile()) {
            Path recording = output.resolve(options.subject().label() + "-hub.jfr");
            jvm.add("-XX:StartFlightRecording=settings=profile,filename=" + recording);
        }
        int port = Ports.free();
        byte[] rootKey = new byte[32];
        new SecureRandom().nextBytes(rootKey);
        var environment = new LinkedHashMap<>(common(port));
        environment.put("SERVER_ADDRESS", "127.0.0.1");
        environment.put("JAWORT_MANAGEMENT_PORT", String.valueOf(Ports.free()));
        environment.put("JAWORT_PUBLIC_URL", "http://127.0.0.1:" + port);
        environment.put("JAWORT_DB_URL", database);
        environment.put("JAWORT_DB_USER", LocalPostgres.APP_USER);
        environment.put("JAWORT_DB_PASSWORD", LocalPostgres.APP_PASSWORD);
        environment.put("JAWORT_DB_OWNER_USER", LocalPostgres.OWNER_USER);
        environment.put("JAWORT_DB_OWNER_PASSWORD", LocalPostgres.OWNER_PASSWORD);
        environment.put("JAWORT_KAFKA_REPLICATION_FACTOR", "1");
        environment.put("JAWORT_KAFKA_MIN_INSYNC_REPLICAS", "1");
        environment.put("JAWORT_ROOT_KEY", Base64.getEncoder().encodeToString(rootKey));
        environment.put("JAWORT_HOME", work.resolve("home").toString());
        environment.put("JAWORT_ARCHIVE_DIR", work.resolve("archive").toString());
        environment.put("JAWORT_TOMBSTONES_DIR", work.resolve("tombstones").toString());
        environment.putAll(more);
        return new Candidate(
                "hub",
                child("hub", JawortApplication.class, jvm, List.of(), false, environment),
                port,
                messages(port));
    }

    /** The same hub as another of its tenants has it. */
    Candidate as(String name, Candidate hub, String tenant) throws IOException {
        return new Candidate(name, hub.process(), hub.port(), messages(hub.port(), tenant));
    }

    /** A program of this package, with a database of its own. */
    Candidate handWritten(String name, Class<?> program) throws IOException {
        int port = Ports.free();
        var environment = new LinkedHashMap<>(common(port));
        environment.put("BENCH_PUBLIC_URL", "http://127.0.0.1:" + port);
        environment.put("BENCH_DB_URL", postgres.newDatabase());
        environment.put("BENCH_DB_USER", LocalPostgres.OWNER_USER);
        environment.put("BENCH_DB_PASSWORD", LocalPostgres.OWNER_PASSWORD);
        return new Candidate(
                name,
                child(name, program, SAME_JVM_FOR_ALL, List.of(), true, environment),
                port,
                messages(port));
    }

    /** CPU milliseconds since their start, by what they do in the measurement. */
    Map<String, Double> cpu(Candidate candidate) throws IOException {
        var cpu = new LinkedHashMap<String, Double>();
        cpu.put("program", ProcessCpu.millis(candidate.process().pid()));
        cpu.put(
                "PostgreSQL",
                ProcessCpu.millis(pidIn(work.resolve("postgres/data/postmaster.pid"))));
        cpu.put("Kafka", ProcessCpu.millis(pidIn(work.resolve("kafka/kafka.pid"))));
        cpu.put("CRM", ProcessCpu.millis(crm.pid()));
        cpu.put("load generator", ownCpu());
        return cpu;
    }

    /** How many messages of a phase the CRM has: {@code unique again lastMicros invalid}. */
    long[] arrived(int phase) throws IOException, InterruptedException {
        String[] numbers = new String(crm("/phase/" + phase)).split(" ");
        long[] counts = new long[numbers.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Long.parseLong(numbers[i]);
        }
        return counts;
    }

    /** See {@link Arrivals#times}. */
    long[] arrivalTimes(int phase) throws IOException, InterruptedException {
        byte[] bytes = crm("/phase/" + phase + "/times");
        long[] times = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(times);
        return times;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable child : children.reversed()) {
            child.close();
        }
        http.close();
        kafka.kill(); // nobody reads its data again
        postgres.kill();
        Directories.delete(work);
    }

    private Map<String, String> common(int port) {
        var environment = new LinkedHashMap<>(DemoTenant.credentials(name -> null));
        environment.put("PORT", String.valueOf(port));
        environment.put("JAWORT_KAFKA_BROKERS", kafka.brokers());
        environment.put("JAWORT_CRM_URL", "http://127.0.0.1:%d/crm".formatted(crmPort));
        environment.put("JAWORT_SLOW_CRM_URL", "http://127.0.0.1:%d/crm".formatted(slowCrmPort));
        environment.put("JAWORT_CRM_SECRET", DemoTenant.CRM_SECRET);
        return environment;
    }

    private SignedMessages messages(int port) throws IOException {
        return messages(port, BenchHome.TENANT);
    }

    private SignedMessages messages(int port, String tenant) throws IOException {
        return new SignedMessages(
                URI.create("http://127.0.0.1:" + port + BenchHome.path(tenant)),
                Files.readString(checkout.resolve("mappings/twilio/examples/whatsapp-text.form")),
                DemoTenant.credentials(name -> null).get("TWILIO_TOKEN"),
                2_000);
    }

    private ChildJvm child(
            String name,
            Class<?> program,
            List<String> jvm,
            List<String> arguments,
            boolean withTests,
            Map<String, String> environment)
            throws IOException {
        Path log =
                output.resolve(options.subject().label() + "-" + name.replace(' ', '-') + ".log");
        var child = ChildJvm.start(program, jvm, arguments, withTests, environment, log);
        children.add(child);
        return child;
    }

    private byte[] crm(String path) throws IOException, InterruptedException {
        crm.requireAlive();
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + crmPort + path)).build();
        return http.send(request, BodyHandlers.ofByteArray()).body();
    }

    private static double ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    }

    private static long pidIn(Path file) throws IOException {
        try (var lines = Files.lines(file)) {
            return Long.parseLong(lines.findFirst().orElseThrow().strip());
        }
    }
}
