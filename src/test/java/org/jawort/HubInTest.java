package org.jawort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.camel.CamelContext;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;
import org.jawort.local.ProviderSigner;
import org.jawort.local.SignedWebhook;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The whole hub in this JVM on free ports, with a database, topics, a CRM and an archive of its own
 * and a clock that can be moved. PostgreSQL and Kafka are shared by all tests unless a test brings
 * its own, to stop them.
 */
public final class HubInTest implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Deliveries that are pending, leased for an attempt, due at the next wake-up, or behind one
     * that was not on its topic yet. Not what waits for a later time, for a destination that is
     * stopped or spared, or for one that nobody knows.
     */
    private static final String UNDER_WAY =
            """
            select count(*) from delivery d
              left join destination_state s on s.tenant = d.tenant and s.destination = d.destination
             where d.state = 'pending'
                or d.state = 'parked' and d.next_attempt_at = d.leased_until and d.leased_until > ?::timestamptz
                or d.state = 'parked' and d.tenant || ' ' || d.destination = any(?)
                   and (s.state is null or s.state = 'active' and (s.probe_at is null or s.probe_at <= ?::timestamptz))
                   and (d.next_attempt_at <= ?::timestamptz
                        or d.last_error = 'behind an earlier delivery' and d.next_attempt_at <= ?::timestamptz)""";

    /** A clock that runs with the system's, from wherever it was moved to. */
    public static final class MovableClock implements InstantSource {
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        public void moveTo(Instant instant) {
            ahead = Duration.between(Instant.now(), instant);
        }

        /** Tomorrow at noon: whatever the test takes, it is one day and one year. */
        public void moveToNoon(ZoneId zone) {
            moveTo(
                    instant()
                            .atZone(zone)
                            .toLocalDate()
                            .plusDays(1)
                            .atTime(LocalTime.NOON)
                            .atZone(zone)
                            .toInstant());
        }

        public void advance(Duration by) {
            ahead = ahead.plus(by);
        }
    }

    /** What a test wants different. */
    public static final class Builder {
        private LocalPostgres postgres;
        private LocalKafka kafka;
        private Path home = Path.of("").toAbsolutePath();
        private String database;
        private final Map<String, String> properties = new HashMap<>();

        /** The database of another hub, as a second node or the next start would have it. */
        public Builder database(String url) {
            database = url;
            return this;
        }

        public Builder postgres(LocalPostgres own) {
            postgres = own;
            return this;
        }

        public Builder kafka(LocalKafka own) {
            kafka = own;
            return this;
        }

        /** The folder with routes/, mappings/ and tenants/; the repository's own by default. */
        public Builder home(Path other) {
            home = other;
            return this;
        }

        public Builder with(String property, String value) {
            properties.put(property, value);
            return this;
        }

        public HubInTest start() {
            return new HubInTest(this);
        }
    }

    public final MovableClock clock;

    /** Whose credentials sign, and whose data is seen. */
    public final String tenant;

    public CrmReceiver crm;
    public final Path archive;
    public final Path log;

    private final ConfigurableApplicationContext context;
    private final HttpClient http;
    private final String databaseUrl;
    private final LocalKafka kafka;
    private final boolean whole;
    private int crmPort;

    private HubInTest(HubInTest hub, String tenant, CrmReceiver crm) {
        this.clock = hub.clock;
        this.tenant = tenant;
        this.crm = crm;
        this.archive = hub.archive.resolve(tenant);
        this.log = hub.log;
        this.context = hub.context;
        this.http = hub.http;
        this.databaseUrl = hub.databaseUrl;
        this.kafka = hub.kafka;
        this.whole = false;
    }

    private HubInTest(Builder wanted) {
        clock = new MovableClock();
        tenant = DemoTenant.ID;
        http = HttpClient.newHttpClient();
        whole = true;
        kafka = wanted.kafka == null ? LocalKafka.shared() : wanted.kafka;
        databaseUrl =
                wanted.database != null
                        ? wanted.database
                        : wanted.postgres == null
                                ? MigratedDatabase.url()
                                : wanted.postgres.newDatabase();
        crm = CrmReceiver.timeless(0, DemoTenant.CRM_SECRET, clock).start();
        try {
            archive = Files.createTempDirectory("jawort-archive");
            log = archive.resolveSibling(archive.getFileName() + ".log");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Map<String, String> properties =
                HubSettings.of(wanted.home, databaseUrl, kafka, crm, archive);
        properties.put("PORT", "0");
        properties.put("logging.file.name", log.toString());
        properties.put("spring.jmx.enabled", "false");
        properties.putAll(wanted.properties);
        List<String> arguments = new ArrayList<>();
        properties.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        context =
                new SpringApplicationBuilder(JawortApplication.class)
                        .initializers(
                                application ->
                                        ((org.springframework.context.support
                                                                .GenericApplicationContext)
                                                        application)
                                                .registerBean(
                                                        "movableClock",
                                                        InstantSource.class,
                                                        () -> clock,
                                                        definition -> definition.setPrimary(true)))
                        .run(arguments.toArray(String[]::new));
    }

    public static Builder hub() {
        return new Builder();
    }

    public static HubInTest start() {
        return hub().start();
    }

    /**
     * The same hub as another of its tenants sees it.
     *
     * @param crm the tenant's own
     */
    public HubInTest as(String tenant, CrmReceiver crm) {
        return new HubInTest(this, tenant, crm);
    }

    /** Where to post webhooks and call the API. */
    public String url() {
        return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public CamelContext camel() {
        return context.getBean(CamelContext.class);
    }

    /** A setting as the hub sees it. */
    public String property(String name) {
        return context.getEnvironment().getProperty(name);
    }

    /** Where health and metrics are. */
    public String managementUrl() {
        return "http://localhost:" + property("local.management.port");
    }

    /** As {@link #sql(String...)}, for {@link #tenant}. */
    public JdbcTemplate sql() {
        return sql(tenant);
    }

    /**
     * A connection as the schema's owner, which row-level security does not hide rows from when it
     * is told the tenants.
     */
    public JdbcTemplate sql(String... tenants) {
        return OwnerSql.of(databaseUrl, tenants);
    }

    public String databaseUrl() {
        return databaseUrl;
    }

    /**
     * Signs a body as the provider would at the hub's present time, posts it, and returns the
     * answer.
     */
    public HttpResponse<String> post(String provider, String contentType, byte[] body) {
        return send(signed(provider, "POST", "", contentType, body));
    }

    /**
     * @param query with its question mark, or empty
     */
    public SignedWebhook signed(
            String provider, String method, String query, String contentType, byte[] body) {
        return signed(tenant, provider, method, query, contentType, body);
    }

    /**
     * Signed with the demo tenant's credentials, whichever tenant it is for.
     *
     * @param query with its question mark, or empty
     */
    public SignedWebhook signed(
            String tenant,
            String provider,
            String method,
            String query,
            String contentType,
            byte[] body) {
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                provider,
                                null,
                                method,
                                "http://localhost:8080/webhooks/"
                                        + provider
                                        + "/"
                                        + tenant
                                        + "/"
                                        + provider
                                        + query,
                                contentType,
                                body,
                                DemoTenant.signing(provider, name -> null),
                                clock.instant());
        Map<String, String> headers = new HashMap<>(signed.headers());
        if (contentType != null) {
            headers.put("Content-Type", contentType);
        }
        return new SignedWebhook(signed.method(), signed.url(), headers, signed.body());
    }

    public HttpResponse<String> send(SignedWebhook webhook) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                        URI.create(webhook.url().replace("http://localhost:8080", url())));
        webhook.headers().forEach(request::header);
        request.method(
                webhook.method(),
                webhook.body() == null || webhook.body().length == 0
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofByteArray(webhook.body()));
        return send(request.timeout(Duration.ofSeconds(30)).build());
    }

    public HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /**
     * What the CRM got so far, in order of arrival: {@code {receivedAt, headers, signature,
     * event}}.
     */
    public List<JsonNode> crmEvents() {
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(crm.url() + "/events")).build());
        try {
            List<JsonNode> events = new ArrayList<>();
            JSON.readTree(answer.body()).forEach(events::add);
            return events;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Sets how the CRM answers, e.g. {@code {"status": 503}}; {@code {}} makes it well again. */
    public void crmBehaves(String json) {
        send(
                HttpRequest.newBuilder(URI.create(crm.url() + "/behaviour"))
                        .PUT(HttpRequest.BodyPublishers.ofString(json))
                        .header("Content-Type", "application/json")
                        .build());
    }

    /** The lines of the archive so far, as JSON. */
    public List<JsonNode> archived() {
        List<JsonNode> lines = new ArrayList<>();
        try {
            for (Path file : journals()) {
                for (String line : lines(file)) {
                    lines.add(JSON.readTree(line));
                }
            }
            return lines;
        } catch (NoSuchFileException closedMeanwhile) {
            return archived();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path plain(Path compressed) {
        return compressed.resolveSibling(
                compressed.getFileName().toString().replaceFirst("[.]gz$", ""));
    }

    /** Of a day that is over, too; without a line that is being written. */
    private static List<String> lines(Path file) throws IOException {
        if (!file.toString().endsWith(".gz")) {
            String written = Files.readString(file);
            return written.substring(0, written.lastIndexOf('\n') + 1).lines().toList();
        }
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    /** Without the temporary files beside them, which may go while one looks. */
    private List<Path> journals() throws IOException {
        List<Path> journals = new ArrayList<>();
        Files.walkFileTree(
                archive,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        String name = file.toString();
                        if (name.endsWith(".jsonl")
                                || name.endsWith(".jsonl.gz") && Files.notExists(plain(file))) {
                            journals.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException gone) {
                        return FileVisitResult.CONTINUE;
                    }
                });
        journals.sort(null);
        return journals;
    }

    /**
     * Waits until everything the hub acknowledged is stored and every delivery that was due was
     * tried: nothing in the spool, no lag on the topics, nothing under way to a destination or a
     * provider. Longer than for anything else, as the lease of what was lost on its way to a topic
     * lasts a minute.
     */
    public void awaitQuiet(String... tenants) {
        JdbcTemplate sql = sql(tenants.length == 0 ? new String[] {tenant} : tenants);
        String[] queues =
                bean(Tenants.class).all().stream()
                        .flatMap(Tenant::queues)
                        .map(queue -> queue.tenant() + " " + queue.id())
                        .toArray(String[]::new);
        try (Admin admin = Admin.create(kafka.client())) {
            await().atMost(Duration.ofMinutes(3))
                    .ignoreExceptions()
                    .until(
                            () ->
                                    count(sql, "select count(*) from webhook_spool") == 0
                                            && new ConsumerLag(this, admin).records() == 0
                                            && underWay(sql, queues) == 0);
        }
    }

    private long underWay(JdbcTemplate sql, String[] queues) {
        Instant now = clock.instant();
        return sql.queryForObject(
                UNDER_WAY,
                Long.class,
                now.toString(),
                queues,
                now.toString(),
                now.toString(),
                now.plusSeconds(2).toString());
    }

    /**
     * How many deliveries have not reached CRM or archive. What goes to a provider is not counted:
     * most tests have none, and every first contact is sent a notice (INF-1).
     */
    public long undelivered() {
        return count(
                sql(),
                "select count(*) from delivery"
                        + " where state <> 'delivered' and destination not like 'send:%'"
                        // of a file that came when its message had just been deleted nobody is told
                        + " and last_error is distinct from 'CONTENT_DELETED'");
    }

    private static long count(JdbcTemplate sql, String query) {
        return sql.queryForObject(query, Long.class);
    }

    /** Takes the CRM away: connections to it are refused. */
    public void stopCrm() {
        crmPort = URI.create(crm.url()).getPort();
        crm.close();
    }

    /** Gives it back at the same place, with nothing remembered. */
    public void startCrm() {
        crm = CrmReceiver.timeless(crmPort, DemoTenant.CRM_SECRET, clock).start();
    }

    /** Waits for a condition, on a machine that may be busy. */
    public static ConditionFactory await() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100));
    }

    @Override
    public void close() {
        if (whole) {
            context.close();
        }
        crm.close();
    }
}
