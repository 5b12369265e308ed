package org.jawort.local;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka node (KRaft, broker and controller in one) as a child process on 127.0.0.1. Topics
 * survive restarts and a {@link #kill}; they are not made by themselves. A node of ours that
 * outlived a killed JVM is ended first.
 */
public final class LocalKafka implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String CONTROLLER_LISTENER = "CONTROLLER";

    /**
     * Names of the jars a node needs, by their beginnings: it shall not start with the hub's own
     * class path.
     */
    private static final List<String> JARS =
            List.of(
                    "kafka",
                    "scala-",
                    "jackson-",
                    "jopt-simple",
                    "metrics-core-",
                    "zookeeper",
                    "netty-",
                    "slf4j-api",
                    "logback-",
                    "log4j-",
                    "zstd-jni",
                    "lz4-java",
                    "snappy-java",
                    "pcollections",
                    "caffeine",
                    "argparse4j",
                    "commons-",
                    "jose4j",
                    "protobuf-java",
                    "paranamer");

    private final Path directory;
    private final int port;
    private final int controllerPort;
    private int loginPort;
    private String login = "";
    private KafkaGuard guard;
    private Process process;

    private LocalKafka(Path directory, int port, int controllerPort) {
        this.directory = directory.toAbsolutePath().normalize();
        this.port = port;
        this.controllerPort = controllerPort;
    }

    /**
     * A node with its data in {@code directory}, not yet started; it also takes the port after
     * {@code port}.
     */
    public static LocalKafka in(Path directory, int port) {
        return new LocalKafka(directory, port, port + 1);
    }

    /** A node with its data in {@code directory} on ports that are free now, not yet started. */
    public static LocalKafka onFreePorts(Path directory) {
        return new LocalKafka(directory, Ports.free(), Ports.free());
    }

    /**
     * The one node all tests of this JVM share, started at first use and gone with the JVM. Use
     * topics and groups of your own.
     */
    public static LocalKafka shared() {
        return Shared.NODE;
    }

    /** Before the first start: nobody is let in without TLS and this login (SASL/PLAIN). */
    public LocalKafka guarded(KafkaGuard by) {
        guard = by;
        return this;
    }

    /**
     * Starts the node and returns once it answers; does nothing if it runs.
     *
     * @throws LocalStartFailed with the reason and the way out in one line
     */
    public synchronized LocalKafka start() {
        if (running()) {
            return this;
        }
        try {
            Files.createDirectories(directory);
            OrphanedProcess.end(pidFile(), mark());
            Ports.requireFree(port, "Kafka", "JAWORT_LOCAL_KAFKA_PORT");
            Ports.requireFree(controllerPort, "Kafka's controller", "JAWORT_LOCAL_KAFKA_PORT");
            Files.writeString(settingsFile(), settings());
            Files.writeString(loggingFile(), logging());
            format();
            process = launch();
            Files.writeString(pidFile(), process.pid() + "\n");
            awaitAnswer();
            return this;
        } catch (IOException failure) {
            throw new LocalStartFailed(
                    "Kafka in " + directory + ": " + failure.getMessage(), failure);
        }
    }

    /** Ends the node in good order; does nothing if it does not run. */
    public synchronized void stop() {
        if (running()) {
            process.destroy();
            awaitEnd(Duration.ofSeconds(20));
        }
        kill();
    }

    /** Ends the node at once (SIGKILL), as a crash would; does nothing if it does not run. */
    public synchronized void kill() {
        if (process != null) {
            process.destroyForcibly();
            awaitEnd(Duration.ofSeconds(10));
            process = null;
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Stops the node when this JVM ends. Not for a program that orders its own shutdown. */
    public LocalKafka endWithJvm() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "end-kafka"));
        return this;
    }

    /**
     * Before it is started: besides, it listens at another port over TLS and asks who logs in there
     * for a user by SCRAM-SHA-512. There is none at first.
     *
     * @param key a PKCS #12 file, for {@code localhost}
     */
    public LocalKafka asksWhoLogsIn(Path key, String password) {
        loginPort = Ports.free();
        login =
                """
                sasl.enabled.mechanisms=SCRAM-SHA-512
                listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
                listener.name.sasl_ssl.ssl.keystore.type=PKCS12
                listener.name.sasl_ssl.ssl.keystore.location=%s
                listener.name.sasl_ssl.ssl.keystore.password=%s
                listener.name.sasl_ssl.ssl.key.password=%s
                """
                        .formatted(key, password, password);
        return this;
    }

    /** Where one has to log in. */
    public String loginBrokers() {
        return "localhost:" + loginPort;
    }

    /** {@code host:port}, for {@code bootstrap.servers}. */
    public String brokers() {
        return (guard == null ? "127.0.0.1:" : "localhost:") + port;
    }

    /** What any client of this node needs. */
    public Map<String, Object> client() {
        Map<String, Object> client = new HashMap<>();
        client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers());
        if (guard != null) {
            client.putAll(guard.client());
        }
        return client;
    }

    private boolean running() {
        return process != null && process.isAlive();
    }

    private Process launch() throws IOException {
        // The terminal's Ctrl-C goes to the whole process group; ignored here, it is ours to decide
        // when the node ends.
        var command =
                new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // First among the options: the operating system shows only the beginning of a long command
        // line.
        command.add(mark());
        command.addAll(
                List.of("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(compiledAsThisJvm());
        command.addAll(
                List.of(
                        "-Djava.net.preferIPv4Stack=true",
                        "-Dlogback.configurationFile=" + loggingFile()));
        command.addAll(List.of("-cp", classPath(), "kafka.Kafka", settingsFile().toString()));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("kafka.out").toFile())
                .start();
    }

    /** A JVM that is not to spend long on compiling does not want its broker to either. */
    private static List<String> compiledAsThisJvm() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:TieredStopAtLevel="))
                .toList();
    }

    private static String classPath() {
        String jars =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(
                                entry ->
                                        JARS.stream()
                                                .anyMatch(
                                                        Path.of(entry).getFileName().toString()
                                                                ::startsWith))
                        .collect(Collectors.joining(File.pathSeparator));
        if (!jars.contains("kafka_")) {
            throw new LocalStartFailed(
                    "no Kafka on the class path; run ./hub, which puts it there");
        }
        return jars;
    }

    private void format() throws IOException {
        if (Files.exists(data().resolve("meta.properties"))) {
            return;
        }
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .setClusterId("amF3b3J0LWxvY2FsLWhlYg")
                    .setNodeId(1)
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .setMetadataLogDirectory(data().toString())
                    .addDirectory(data().toString())
                    .setIgnoreFormatted(true)
                    .run();
        } catch (Exception anything) { // what Formatter declares
            throw new IOException(
                    "cannot format " + data() + ": " + anything.getMessage(), anything);
        }
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            if (!process.isAlive()) {
                throw new LocalStartFailed(
                        "Kafka ended with code " + process.exitValue() + ": see " + logFile());
            }
            // A client is asked only once somebody listens: it would fill the log with refused
            // connections.
            if (Ports.answers(port) && answersAsBroker()) {
                return;
            }
            awaitEnd(Duration.ofMillis(50));
        }
        kill();
        throw new LocalStartFailed(
                "Kafka did not answer within " + START_LIMIT.toSeconds() + " s: see " + logFile());
    }

    private boolean answersAsBroker() {
        Map<String, Object> settings = client();
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2_000);
        try (var admin = Admin.create(settings)) {
            return !admin.describeCluster().nodes().get(3, TimeUnit.SECONDS).isEmpty();
        } catch (ExecutionException | java.util.concurrent.TimeoutException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LocalStartFailed("interrupted while Kafka was starting", interrupted);
        }
    }

    private void awaitEnd(Duration limit) {
        try {
            process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private String mark() {
        return "-Djawort.local.kafka=" + directory;
    }

    private Path data() {
        return directory.resolve("data");
    }

    private Path pidFile() {
        return directory.resolve("kafka.pid");
    }

    private Path settingsFile() {
        return directory.resolve("server.properties");
    }

    private Path loggingFile() {
        return directory.resolve("logback.xml");
    }

    private Path logFile() {
        return directory.resolve("kafka.log");
    }

    private String settings() {
        return """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=%4$s://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d%6$s
                advertised.listeners=%4$s://%5$s%6$s
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
                controller.listener.names=CONTROLLER
                inter.broker.listener.name=%4$s
                log.dirs=%3$s
                auto.create.topics.enable=false
                default.replication.factor=1
                min.insync.replicas=1
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=4
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=4
                group.initial.rebalance.delay.ms=0
                group.min.session.timeout.ms=3000
                # After a crash the controller refuses the node until its last session has run out.
                broker.session.timeout.ms=3000
                broker.heartbeat.interval.ms=500
                log.cleaner.dedupe.buffer.size=16777216
                num.network.threads=2
                num.io.threads=4
                background.threads=2
                """
                        .formatted(
                                port,
                                controllerPort,
                                data(),
                                guard == null ? "PLAINTEXT" : "SASL_SSL",
                                brokers(),
                                login.isEmpty() ? "" : ",SASL_SSL://" + loginBrokers())
                + login
                + (guard == null ? "" : guard.settings());
    }

    private String logging() {
        return """
                <configuration>
                  <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
                  <appender name="FILE" class="ch.qos.logback.core.rolling.RollingFileAppender">
                    <file>%1$s</file>
                    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
                      <fileNamePattern>%1$s.%%i</fileNamePattern>
                      <minIndex>1</minIndex>
                      <maxIndex>2</maxIndex>
                    </rollingPolicy>
                    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy">
                      <maxFileSize>10MB</maxFileSize>
                    </triggeringPolicy>
                    <encoder><pattern>%%d %%-5level %%logger{1} %%msg%%n</pattern></encoder>
                  </appender>
                  <logger name="kafka.server.KafkaRaftServer" level="INFO"/>
                  <root level="WARN"><appender-ref ref="FILE"/></root>
                </configuration>
                """
                .formatted(logFile());
    }

    private static final class Shared {
        static final LocalKafka NODE = start();

        private static LocalKafka start() {
            LocalKafka node =
                    LocalKafka.onFreePorts(
                            Path.of("target", "local", "kafka-" + ProcessHandle.current().pid()));
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> endAndForget(node), "end-shared-kafka"));
            return node.start();
        }

        private static void endAndForget(LocalKafka node) {
            node.kill(); // nobody reads its data again
            try {
                Directories.delete(node.directory);
            } catch (IOException leftForMavenClean) {
                // it is under target/
            }
        }
    }
}
