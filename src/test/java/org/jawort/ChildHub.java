package org.jawort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;
import org.jawort.local.Ports;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The hub as a process of its own, which can be killed, with a database and topics that outlive it.
 */
final class ChildHub implements AutoCloseable {

    final String databaseUrl;
    final Path archive;

    private static final AtomicInteger STARTS = new AtomicInteger();

    private final Map<String, String> environment;
    private final int port = Ports.free();
    private final Path logs = Path.of("target", "child-hub");
    private final List<Path> said = new ArrayList<>();
    private Process process;

    ChildHub(CrmReceiver crm) throws IOException {
        this(crm, LocalPostgres.shared().newDatabase());
    }

    /**
     * @param database its JDBC URL; may be another hub's
     */
    ChildHub(CrmReceiver crm, String database) throws IOException {
        databaseUrl = database;
        archive = Files.createTempDirectory("jawort-archive");
        environment =
                HubSettings.of(
                        Path.of("").toAbsolutePath(),
                        databaseUrl,
                        LocalKafka.shared(),
                        crm,
                        archive);
        // a test that kills it need not wait as long as a busy broker may need to hear of it
        environment.put("JAWORT_KAFKA_SESSION_TIMEOUT_MILLIS", "5000");
        environment.put("JAWORT_KAFKA_HEARTBEAT_MILLIS", "1000");
        environment.put("PORT", String.valueOf(port));
    }

    /**
     * Another node beside this one: the same database and topics, a port and an archive of its own.
     */
    ChildHub(ChildHub other) throws IOException {
        databaseUrl = other.databaseUrl;
        archive = Files.createTempDirectory("jawort-archive");
        environment = new HashMap<>(other.environment);
        environment.put("JAWORT_ARCHIVE_DIR", archive.toString());
        environment.put("PORT", String.valueOf(port));
    }

    /** Another setting, by name of its environment variable. */
    ChildHub with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** As the schema's owner, for the demo tenant. */
    JdbcTemplate sql() {
        return OwnerSql.of(databaseUrl, DemoTenant.ID);
    }

    String url() {
        return "http://localhost:" + port;
    }

    /** Starts the process and returns at once; until it listens, connections are refused. */
    void start() {
        start(ClassCache.options());
    }

    /** Starts it with a fault point, see {@link HaltingHub}. */
    void startToHalt(String step, int time) {
        start(
                ClassCache.options(),
                HaltingHub.class,
                Map.of(HaltingHub.STEP, step, HaltingHub.TIME, String.valueOf(time)));
    }

    /**
     * @param classes options that say where they are
     */
    void start(List<String> classes) {
        start(classes, JawortApplication.class, Map.of());
    }

    private void start(List<String> classes, Class<?> main, Map<String, String> more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(classes);
        command.add(main.getName());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        try {
            Files.createDirectories(logs);
            Path log = logs.resolve("start-" + STARTS.incrementAndGet() + ".log");
            said.add(log);
            process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** SIGKILL: nothing of the process gets to tidy up. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM. False if it did not end within the limit. */
    boolean terminate(long seconds) throws InterruptedException {
        process.destroy();
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    boolean running() {
        return process != null && process.isAlive();
    }

    /** Whether this stands in the log of any of its starts. */
    boolean said(String words) throws IOException {
        for (Path log : said) {
            if (Files.readString(log).contains(words)) {
                return true;
            }
        }
        return false;
    }

    /** What it ended with, {@code null} while it runs. */
    Integer ended() {
        return running() ? null : Integer.valueOf(process.exitValue());
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
