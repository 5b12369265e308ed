package org.jawort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;

/**
 * The hub as a process of its own, which can be killed, with a database and topics that outlive it.
 */
final class ChildHub implements AutoCloseable {

    final String databaseUrl;
    final Path archive;

    private final Map<String, String> environment = new HashMap<>();
    private final int port = freePort();
    private final Path logs;
    private Process process;
    private int starts;

    ChildHub(CrmReceiver crm) throws IOException {
        databaseUrl = LocalPostgres.shared().newDatabase();
        archive = Files.createTempDirectory("jawort-archive");
        logs = Files.createDirectories(Path.of("target", "child-hub"));
        String unique = UUID.randomUUID().toString().substring(0, 8);
        environment.put("PORT", String.valueOf(port));
        environment.put("JAWORT_MANAGEMENT_PORT", "0");
        environment.put("JAWORT_HOME", Path.of("").toAbsolutePath().toString());
        environment.put("JAWORT_PUBLIC_URL", "http://localhost:8080");
        environment.put("JAWORT_DB_URL", databaseUrl);
        environment.put("JAWORT_DB_USER", LocalPostgres.APP_USER);
        environment.put("JAWORT_DB_PASSWORD", LocalPostgres.APP_PASSWORD);
        environment.put("JAWORT_DB_OWNER_USER", LocalPostgres.OWNER_USER);
        environment.put("JAWORT_DB_OWNER_PASSWORD", LocalPostgres.OWNER_PASSWORD);
        environment.put("JAWORT_KAFKA_BROKERS", LocalKafka.shared().brokers());
        environment.put("JAWORT_KAFKA_REPLICATION_FACTOR", "1");
        environment.put("JAWORT_KAFKA_MIN_INSYNC_REPLICAS", "1");
        environment.put("JAWORT_KAFKA_PARTITIONS", "2");
        environment.put("JAWORT_KAFKA_CONSUMERS", "1");
        environment.put("JAWORT_KAFKA_GROUP_PREFIX", "jawort-" + unique);
        environment.put("JAWORT_TOPIC_WEBHOOKS", "webhooks-" + unique);
        environment.put("JAWORT_TOPIC_DELIVERIES", "deliveries-" + unique);
        environment.put("JAWORT_ROOT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        environment.put("JAWORT_CRM_URL", crm.url());
        environment.put("JAWORT_CRM_SECRET", DemoTenant.CRM_SECRET);
        environment.put("JAWORT_ARCHIVE_DIR", archive.toString());
    }

    String url() {
        return "http://localhost:" + port;
    }

    /** Starts the process and returns at once; until it listens, connections are refused. */
    void start() {
        starts++;
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                JawortApplication.class.getName()));
        builder.environment().putAll(environment);
        try {
            process =
                    builder.redirectErrorStream(true)
                            .redirectOutput(logs.resolve("start-" + starts + ".log").toFile())
                            .start();
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

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException noPortLeft) {
            throw new UncheckedIOException(noPortLeft);
        }
    }
}
