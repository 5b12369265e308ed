package org.jawort.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jawort.JawortApplication;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole hub on this machine: PostgreSQL, Kafka, the demo CRM, fake providers to send to, and
 * the hub in this JVM. Ends at Ctrl-C, hub first, so that work in hand finds its database and its
 * broker until it is done. Where it cannot start, one line on standard error says why.
 */
public final class LocalHub {

    private static final int FAILED = 1;

    private final LocalSettings settings;
    private final LocalPostgres postgres;
    private final LocalKafka kafka;
    private final CountDownLatch ended = new CountDownLatch(1);
    private CrmReceiver crm;
    private FakeProvider providers;
    private volatile ConfigurableApplicationContext hub;
    private volatile boolean stopping;
    private volatile boolean failed;

    private LocalHub(LocalSettings settings) {
        this.settings = settings;
        this.postgres =
                LocalPostgres.in(settings.data().resolve("postgres"), settings.postgresPort());
        this.kafka = LocalKafka.in(settings.data().resolve("kafka"), settings.kafkaPort());
    }

    public static void main(String[] arguments) {
        LocalHub local = null;
        try {
            local = new LocalHub(LocalSettings.from(System::getenv));
            local.run();
        } catch (Exception failure) {
            if (local != null && local.stopping) {
                return; // Ctrl-C in the middle of a start; what broke then is no news
            }
            System.err.println("jawort: " + StartFailure.line(failure));
            if (local != null) {
                local.failed = true;
            }
            System.exit(FAILED);
        }
    }

    private void run() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Files.createDirectories(settings.logFile().getParent());
        try (var lockFile = lockFile();
                var lock = lock(lockFile)) {
            LocalLog.to(settings.logFile());
            Runtime.getRuntime().addShutdownHook(new Thread(this::shutDown, "end-local-hub"));
            start();
            say(ready(Duration.ofNanos(System.nanoTime() - begun)));
            ended.await();
        }
    }

    private void start() throws IOException {
        Ports.requireFree(settings.port(), "the hub", "PORT");
        Ports.requireFree(
                settings.managementPort(),
                "the hub for health and metrics",
                "JAWORT_MANAGEMENT_PORT");
        crm = new CrmReceiver(settings.crmPort(), settings.crmSecret(), settings.clock()).start();
        providers =
                new FakeProvider(
                                settings.providersPort(),
                                DemoTenant.sending(settings.environment()),
                                settings.clock())
                        .callsBack(settings.webhooks(), true)
                        .beside(crm.url().replaceAll("/crm$", "/"))
                        .start();
        crm.beside(providers.url() + "/");
        RootKey.ensure(settings.rootKeyFile());
        say("starting PostgreSQL and Kafka");
        var postgresStarts = CompletableFuture.runAsync(postgres::start);
        var kafkaStarts = CompletableFuture.runAsync(kafka::start);
        CompletableFuture.allOf(postgresStarts, kafkaStarts).join();
        if (!stopping) {
            say("starting the hub");
            hub = startHub();
        }
    }

    private ConfigurableApplicationContext startHub() {
        Map<String, String> properties = settings.hubProperties(postgres, kafka, crm, providers);
        properties.forEach(LocalHub::offer);
        var spring = new SpringApplication(JawortApplication.class);
        spring.setRegisterShutdownHook(false); // one way down, ours
        spring.setDefaultProperties(
                new HashMap<>(
                        Map.of(
                                "spring.main.banner-mode", "off",
                                "logging.file.name", settings.logFile().toString(),
                                "logging.threshold.console", "OFF")));
        spring.addInitializers(context -> hub = context); // known to the shutdown before it is up
        return spring.run();
    }

    /**
     * As a system property, which everything in this JVM sees; the environment goes first, it is
     * the person's own word.
     */
    private static void offer(String name, String value) {
        if (System.getenv(name) == null && System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }

    private void shutDown() {
        stopping = true;
        if (!failed) {
            say("stopping");
        }
        inTurn(
                "the hub",
                () -> {
                    if (hub != null) {
                        hub.close();
                    }
                });
        inTurn(
                "the CRM",
                () -> {
                    if (crm != null) {
                        crm.close();
                    }
                });
        inTurn(
                "the fake providers",
                () -> {
                    if (providers != null) {
                        providers.close();
                    }
                });
        inTurn("Kafka", kafka::stop);
        inTurn("PostgreSQL", postgres::stop);
        if (!failed) {
            say("stopped");
        }
        ended.countDown();
    }

    private static void inTurn(String what, Runnable stop) {
        try {
            stop.run();
        } catch (RuntimeException failure) {
            System.err.println(
                    "jawort: " + what + " did not stop cleanly: " + StartFailure.line(failure));
        }
    }

    private FileChannel lockFile() throws IOException {
        Path file = settings.data().resolve("lock");
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private FileLock lock(FileChannel file) throws IOException {
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException thisVeryJvm) {
            lock = null;
        }
        if (lock == null) {
            throw new LocalStartFailed(
                    "a hub is already running from %s: end it first, or set JAWORT_HOME to another folder"
                            .formatted(settings.data()));
        }
        return lock;
    }

    private String ready(Duration took) {
        return """

                Jawort is ready after %1$d s.

                  webhooks      %2$s/webhooks/{provider}/%3$s/{account}
                  health        http://localhost:%9$s/actuator/health
                  CRM           http://localhost:%4$d/   (what the hub delivers, for reading)
                  providers     http://localhost:%10$d/   (what the hub asks them to send; nobody gets it)
                  archive       %5$s
                  log           %6$s

                Try, in a second terminal:

                  ./hub simulate --list
                  ./hub simulate twilio whatsapp-text --fresh --text "Ja"
                  ./hub simulate vonage sms-text --fresh
                  curl -s http://localhost:%4$d/crm/events
                  curl -s -X PUT http://localhost:%4$d/crm/behaviour -d '{"status":503,"times":5}'
                  ls -R %5$s
                  curl -s -H "Authorization: Bearer %7$s" %2$s/api/v1/tenants/%3$s/conversations

                Ctrl-C stops everything; data stays in %8$s.
                """
                .formatted(
                        Math.max(1, took.toSeconds()),
                        settings.publicUrl(),
                        DemoTenant.ID,
                        settings.crmPort(),
                        settings.archive(),
                        settings.logFile(),
                        settings.apiKey(),
                        settings.data(),
                        hub.getEnvironment().getProperty("management.server.port"),
                        settings.providersPort());
    }

    private static void say(String text) {
        System.out.println(text);
        System.out.flush();
    }
}
