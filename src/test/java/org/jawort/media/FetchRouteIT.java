package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.jawort.MigratedDatabase;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMedia;
import org.jawort.local.FakeMedia.Asked;
import org.jawort.local.FakeProvider;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real routes that fetch, for the accounts of the demo tenant. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FetchRouteIT {

    private static final String TENANT = DemoTenant.ID;
    private static final String MEDIUM =
            "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
    private static final long CAP = 5_000_000;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private MigratedDatabase database;
    private FakeProvider provider;
    private FakeMedia fake;
    private FetchConnections connections;
    private ProducerTemplate producer;

    /** In the place of the queue: what a route is given, and what it came to. */
    public static final class OneFetch {
        public void claim(Exchange exchange, String tenant, String account) {
            exchange.setProperty(Fetch.PROPERTY, exchange.getMessage().getBody());
            exchange.setProperty(Fetch.MORE, true);
        }

        public void settle(Exchange exchange) {}
    }

    @BeforeAll
    void start() throws Exception {
        database = MigratedDatabase.create();
        provider =
                new FakeProvider(0, DemoTenant.sending(name -> null), InstantSource.system())
                        .start();
        fake = provider.media();
        java.net.URI standIn = java.net.URI.create(provider.mediaUrl());
        connections =
                new FetchConnections(
                        SystemDefaultDnsResolver.INSTANCE,
                        new java.net.InetSocketAddress("127.0.0.1", standIn.getPort()),
                        Duration.ofSeconds(20));
        Tenants tenants = new TenantFiles(Path.of("tenants"), Map.<String, String>of()::get).load();
        FileIntake intake =
                new FileIntake(
                        database.scope(),
                        database.jdbc(),
                        new PostgresPieces(database.scope(), database.jdbc()),
                        InstantSource.system());
        camel.getRegistry().bind("mediaFetches", new OneFetch());
        camel.getRegistry()
                .bind("mediaHops", new FetchHops(tenants, intake, InstantSource.system(), standIn));
        camel.getRegistry().bind("mediaHttpClient", new FetchHttpClient(connections));
        Properties properties = new Properties();
        properties.setProperty("jawort.media.connect-timeout-millis", "2000");
        properties.setProperty("jawort.media.response-timeout-millis", "3000");
        camel.getPropertiesComponent().setInitialProperties(properties);
        for (String one : List.of("twilio", "messagebird", "vonage", "smooch")) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(
                            ResourceHelper.resolveResource(
                                    camel,
                                    "file:"
                                            + Path.of("routes/media/fetch-" + one + ".camel.yaml")
                                                    .toAbsolutePath()));
        }
        camel.start();
        tenants.get(TENANT)
                .accounts()
                .values()
                .forEach(account -> MediaConfiguration.start(camel, account));
        producer = camel.createProducerTemplate();
    }

    @AfterAll
    void stop() {
        camel.stop();
        connections.close();
        provider.close();
        database.close();
    }

    private int before;

    @BeforeEach
    void behave() {
        for (String path : List.of("2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1")) {
            fake.behave("api.twilio.com/" + path, null);
            fake.behave("mms.twiliocdn.com/" + path, null);
        }
        fake.behave(null, null);
        before = fake.asked().size();
    }

    private List<Asked> asked() {
        return fake.asked().subList(before, fake.asked().size());
    }

    private Fetch fetch(String account, String url) {
        UUID file = UuidCreator.getTimeOrderedEpoch();
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .update(
                                                "insert into media_file (tenant, id, message_id, subject_id, account, state, created_at, updated_at)"
                                                        + " values (?, ?, ?, ?, ?, 'waiting', now(), now())",
                                                TENANT,
                                                file,
                                                file,
                                                file,
                                                account));
        Fetch fetch =
                new Fetch(
                        new Fetch.Claim(TENANT, file, account, account, 1),
                        file,
                        Instant.now(),
                        url,
                        System.nanoTime() + Duration.ofSeconds(30).toNanos(),
                        CAP);
        Exchange done =
                producer.send(
                        "direct:fetch-" + account + "-" + TENANT + "-" + account,
                        exchange -> {
                            exchange.getMessage().setBody(fetch);
                            exchange.getMessage().setHeader(Exchange.HTTP_PATH, "/steered"); // S1
                            exchange.getMessage().setHeader("X-Left-Over", "of a step before");
                        });
        assertThat(done.getException()).isNull();
        return fetch;
    }

    private FetchFault fault(String account, String url) {
        Fetch fetch = fetch(account, url);
        assertThat(fetch.stored).isNull();
        return fetch.failed.fault();
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME2, Basic, 2",
        "twilio, https://mcs.us1.twilio.com/v1/Services/IS1/Media/ME1, Basic, 2",
        "messagebird, https://media.messagebird.com/v1/media/53f71ed9, AccessKey, 1",
        "vonage, https://api-eu.nexmo.com/v3/media/7b1e0000, Basic, 1",
        "smooch, https://hubdemo.zendesk.com/sc/attachments/v2/01KDV/video%20note%2B1.mp4?token=demo, Basic, 1",
        "smooch, https://media.smooch.io/apps/69a4/voice.ogg, Basic, 1"
    })
    void fetchesWithTheCredentialsOfTheProvider(
            String account, String url, String scheme, int requests) throws Exception {
        Fetch fetch = fetch(account, url);

        assertThat(fetch.failed).isNull();
        assertThat(fetch.stored.contentType()).isEqualTo("image/png");
        assertThat(fetch.stored.size()).isEqualTo(FakeMedia.bytes().length);
        assertThat(fetch.stored.sha256())
                .isEqualTo(
                        HexFormat.of()
                                .formatHex(
                                        MessageDigest.getInstance("SHA-256")
                                                .digest(FakeMedia.bytes())));
        assertThat(asked()).hasSize(requests);
        Asked first = asked().getFirst();
        assertThat("https://" + first.host() + "/" + first.path()).isEqualTo(url.split("\\?")[0]);
        assertThat(first.authorization()).startsWith(scheme + " ");
    }

    @Test
    @DisplayName("S11: another host gets no credentials, nor does what that host leads back to")
    void dropsCredentialsOnAnotherHost() {
        String back = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json";
        fake.behave(
                "mms.twiliocdn.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
                FakeMedia.redirecting(back));

        Fetch fetch = fetch("twilio", MEDIUM);

        assertThat(fetch.failed.fault()).isEqualTo(FetchFault.UNAUTHORIZED);
        assertThat(asked())
                .extracting(Asked::host)
                .containsExactly("api.twilio.com", "mms.twiliocdn.com", "api.twilio.com");
        assertThat(asked().get(0).authorization()).isNotNull();
        assertThat(asked().get(1).authorization()).isNull();
        assertThat(asked().get(2).authorization()).isNull();
    }

    @ParameterizedTest
    @DisplayName("S10: nothing but the provider's hosts is asked, however the URL is written")
    @ValueSource(
            strings = {
                "http://api.twilio.com/x",
                "https://evil.example/x",
                "https://api.twilio.com.evil.example/x",
                "https://evil-api.twilio.com/x",
                "https://api.twilio.com:22/x",
                "https://api.twilio.com@evil.example/x",
                "https://user:pass@api.twilio.com/x",
                "https://api.twilio.com\\@evil.example/x",
                "https://api.twilio.com evil.example/x",
                "https://api.twilio.com|evil.example/x",
                "HTTPS://EVIL.example/x?api.twilio.com",
                "https://127.0.0.1/x",
                "https://127.1/x",
                "https://2130706433/x",
                "https://0177.0.0.1/x",
                "https://0x7f.0.0.1/x",
                "https://[::1]/x",
                "https://[::ffff:10.0.0.1]/x",
                "https://169.254.169.254/latest/meta-data/",
                "https://100.64.0.1/x",
                "https://localhost/x",
                "file:///etc/passwd",
                "gopher://api.twilio.com/x",
                "jar:https://api.twilio.com/x!/",
                "//api.twilio.com/x",
                "https:api.twilio.com",
                "https:///x",
                "",
                "${sys:user.home}",
                "https://mms.twiliocdn.com/x"
            })
    void asksNobodyElse(String url) {
        assertThat(fault("twilio", url)).isEqualTo(FetchFault.HOST_NOT_ALLOWED);
        assertThat(asked()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("S10, S11: a redirect leads nowhere a URL could not")
    @ValueSource(
            strings = {
                "https://evil.example/x",
                "http://mms.twiliocdn.com/x",
                "https://127.0.0.1/x",
                "https://[::1]/x",
                "https://2130706433/x",
                "https://169.254.169.254/latest/meta-data/",
                "https://mms.twiliocdn.com:8080/x",
                "https://mms.twiliocdn.com@evil.example/x",
                "//evil.example/x",
                "file:///etc/passwd"
            })
    void followsToListedHostsAlone(String location) {
        fake.behave(
                "api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
                FakeMedia.redirecting(location));

        assertThat(fault("twilio", MEDIUM)).isEqualTo(FetchFault.HOST_NOT_ALLOWED);
        assertThat(asked()).hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("what an engineer can mend is tried again; what is no URL to ask is not")
    @CsvSource({
        "https://media.eu1.twilio.com/x, false",
        "https://169.254.169.254/latest/meta-data/, true",
        "http://media.us1.twilio.com/x, true"
    })
    void givesUpOnlyWhatNoListOfHostsWouldMend(String location, boolean isFinal) {
        fake.behave(
                "api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
                FakeMedia.redirecting(location));

        assertThat(fetch("twilio", MEDIUM).failed.isFinal()).isEqualTo(isFinal);
    }

    @Test
    void waitsForALinkThatIsNotThereYet() {
        String described = "mcs.us1.twilio.com/v1/Services/IS1/Media/ME1";
        fake.behave(
                described,
                FakeMedia.answering(200, "{\"links\":{}}".getBytes(StandardCharsets.UTF_8)));

        FetchFailed failed = fetch("twilio", "https://" + described).failed;
        fake.behave(described, null);

        assertThat(failed.fault()).isEqualTo(FetchFault.NOT_FOUND);
        assertThat(failed.isFinal()).isFalse();
    }

    @Test
    void followsARedirectThatNamesNoHost() {
        fake.behave(
                "api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
                FakeMedia.redirecting("/elsewhere"));

        assertThat(fetch("twilio", MEDIUM).stored).isNotNull();
        assertThat(asked().get(1)).extracting(Asked::path).isEqualTo("elsewhere");
    }

    @ParameterizedTest
    @DisplayName("a URL that only a browser understands is asked for as a browser would")
    @CsvSource(
            delimiter = ' ',
            value = {
                "https://API.Twilio.com/a%20b /a%20b",
                "'https://api.twilio.com/Bild 1 [2].png' /Bild%201%20%5B2%5D.png",
                "https://api.twilio.com/a|b?name=\"ü\"&p=100% /a%7Cb?name=%22%C3%BC%22&p=100%25",
                "https://api.twilio.com/a%2Fb%zz#part /a%2Fb%25zz",
            })
    void asksForWhatIsNotWrittenAsAUrlShouldBe(String url, String asked) {
        List<String> got = new CopyOnWriteArrayList<>();
        fake.behave(
                null,
                exchange -> {
                    got.add(exchange.getRequestURI().toString());
                    FakeMedia.answering(200, FakeMedia.bytes()).answer(exchange);
                });

        Fetch fetch = fetch("twilio", url);

        assertThat(fetch.failed).isNull();
        assertThat(got).singleElement().asString().endsWith("/api.twilio.com" + asked);
    }

    @Test
    @DisplayName("a redirect is read as a URL is")
    void followsARedirectThatIsNotWrittenAsAUrlShouldBe() {
        fake.behave(
                "api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
                FakeMedia.redirecting("https://MMS.twiliocdn.com/a [1]|b"));

        assertThat(fetch("twilio", MEDIUM).failed).isNull();
        assertThat(asked().get(1).host()).isEqualTo("mms.twiliocdn.com");
    }

    @Test
    @DisplayName("S11: redirects end")
    void doesNotGoRoundInCircles() {
        fake.behave(
                "api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
                FakeMedia.redirecting(MEDIUM));

        assertThat(fault("twilio", MEDIUM)).isEqualTo(FetchFault.TOO_MANY_REDIRECTS);
        assertThat(asked()).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({
        "401, UNAUTHORIZED",
        "403, UNAUTHORIZED",
        "404, NOT_FOUND",
        "410, GONE",
        "429, RATE_LIMITED",
        "400, REFUSED",
        "206, REFUSED",
        "500, PROVIDER_FAULT",
        "503, PROVIDER_FAULT",
        "200, EMPTY"
    })
    void tellsWhyThereIsNoFile(int status, FetchFault fault) {
        fake.behave(
                null,
                exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "120");
                    FakeMedia.answering(status, new byte[0]).answer(exchange);
                });

        Fetch fetch = fetch("vonage", "https://api-eu.nexmo.com/v3/media/7b1e");

        assertThat(fetch.failed.fault()).isEqualTo(fault);
        if (!fault.isFinal() && fault != FetchFault.EMPTY) {
            assertThat(fetch.failed.retryAfter()).isEqualTo(Duration.ofMinutes(2));
        }
    }

    @Test
    @DisplayName("S12: what says itself that it is too large is not read")
    void readsNothingOfWhatIsTooLarge() {
        fake.behave(
                null,
                exchange -> {
                    exchange.sendResponseHeaders(200, CAP + 1);
                    exchange.getResponseBody().write(new byte[1000]);
                    exchange.getResponseBody().flush();
                });

        assertThat(fault("vonage", "https://api-eu.nexmo.com/v3/media/7b1e"))
                .isEqualTo(FetchFault.TOO_LARGE);
    }

    @Test
    @DisplayName("S12: an endless answer ends at the cap")
    void readsNoMoreThanItMay() {
        fake.behave(
                null,
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    while (true) {
                        exchange.getResponseBody().write(new byte[64 * 1024]);
                    }
                });

        assertThat(fault("vonage", "https://api-eu.nexmo.com/v3/media/7b1e"))
                .isEqualTo(FetchFault.TOO_LARGE);
    }

    @Test
    @DisplayName("S12: a packed answer nobody asked for is not unpacked")
    void unpacksNothing() {
        fake.behave(
                null,
                exchange -> {
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    FakeMedia.answering(200, "x".repeat(100).getBytes(StandardCharsets.UTF_8))
                            .answer(exchange);
                });

        assertThat(fault("vonage", "https://api-eu.nexmo.com/v3/media/7b1e"))
                .isEqualTo(FetchFault.PACKED);
    }

    @Test
    void tellsABrokenAnswerFromAWholeOne() {
        fake.behave(
                null,
                exchange -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write(new byte[10]);
                    exchange.close();
                });

        assertThat(fault("vonage", "https://api-eu.nexmo.com/v3/media/7b1e"))
                .isEqualTo(FetchFault.CONNECTION);
    }
}
