package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.spi.Registry;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who the hub is to a CRM, checked with what others wrote. */
@Timeout(60)
class CrmWebhookAuthenticationTest {

    private static final String SECRET = "whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=";
    private static final String NEXT = "whsec_bmV4dC1zZWNyZXQtb2YtdGhlLWRlbW8tMzItYnl0ZXMh";
    private static final DestinationEvent EVENT = DestinationEvent.number(1);

    @TempDir private Path folder;
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-23T10:00:00Z"));
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<String> issued = new ArrayList<>();
    private String refused = "";
    private int tokenStatus = 200;
    private StubbornServer server;
    private DestinationHub hub;

    private void start(Map<String, String> settings) {
        start(new StubbornServer(this::answer), settings);
    }

    private void start(StubbornServer crm, Map<String, String> settings) {
        server = crm;
        Map<String, String> all = new HashMap<>(Map.of("url", server.url() + "/hooks"));
        settings.forEach((name, value) -> all.put(name, value.replace("{url}", server.url())));
        all.putIfAbsent("secret", SECRET);
        hub =
                new DestinationHub(
                        Path.of(""),
                        "crm-webhook",
                        "destinations/canonical.jslt",
                        all,
                        CrmWebhookAuthenticationTest::bind,
                        now::get);
        open.add(server);
        open.add(hub);
    }

    private static void bind(Registry registry, Tenants tenants) {
        registry.bind("webhookSigner", new WebhookSigner(tenants, InstantSource.system()));
        registry.bind("httpOutcome", new HttpOutcome(InstantSource.system()));
    }

    /** Tokens last an hour; those in {@link #refused} are not taken. */
    private Answer answer(Request request) {
        if (request.target().equals("/token")) {
            if (tokenStatus != 200) {
                return Answer.json(tokenStatus, "{ \"error\": \"invalid_client\" }");
            }
            issued.add("token-" + (issued.size() + 1));
            return Answer.json(
                    200,
                    "{ \"access_token\": \"%s\", \"token_type\": \"bearer\", \"expires_in\": \"3600\" }"
                            .formatted(issued.getLast()));
        }
        boolean bad = refused.contains(String.valueOf(request.header("authorization")));
        return Answer.status(bad ? 401 : 204);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    @DisplayName("R10: destinations with one URL take no connections from each other")
    void reachesTheServerWhileManyWaitThere() {
        List<DestinationEvent> hanging =
                IntStream.rangeClosed(2, 71).mapToObj(DestinationEvent::number).toList();
        Set<String> ids =
                hanging.stream().map(event -> event.id().toString()).collect(Collectors.toSet());
        start(
                new StubbornServer(
                        request ->
                                ids.contains(request.header("webhook-id"))
                                        ? Answer.Fault.HANG
                                        : Answer.status(204)),
                Map.of());
        hanging.forEach(event -> Thread.ofVirtual().start(() -> hub.attempt(event)));
        await().until(() -> server.requests().size() == hanging.size());

        assertThat(hub.attempt(EVENT)).isEmpty();
    }

    @Test
    void signsSoThatTheStandardsOwnLibraryAgrees() throws Exception {
        start(Map.of());

        hub.attempt(EVENT).ifPresent(failure -> assertThat(failure).isNull());

        Request request = hooks().getFirst();
        new Webhook(SECRET).verify(request.text(), headers(request));
        assertThatThrownBy(() -> new Webhook(NEXT).verify(request.text(), headers(request)))
                .isInstanceOf(Exception.class);
        assertThat(request.header("content-type"))
                .isEqualTo("application/cloudevents+json; charset=UTF-8");
    }

    @Test
    @DisplayName("S3: while a secret is replaced, a receiver with either of them is content")
    void signsWithBothSecretsWhileRotating() throws Exception {
        start(Map.of("secretNext", NEXT));

        hub.attempt(EVENT);

        Request request = hooks().getFirst();
        new Webhook(SECRET).verify(request.text(), headers(request));
        new Webhook(NEXT).verify(request.text(), headers(request));
    }

    @Test
    void signsWithEd25519SoThatBouncyCastleAgrees() {
        // the key pair of RFC 8032 section 7.1, TEST 1
        byte[] seed =
                java.util.HexFormat.of()
                        .parseHex(
                                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        byte[] publicKey =
                java.util.HexFormat.of()
                        .parseHex(
                                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        start(
                Map.of(
                        "secret",
                        "whsk_" + Base64.getEncoder().encodeToString(seed),
                        "secretNext",
                        SECRET));

        hub.attempt(EVENT);

        Request request = hooks().getFirst();
        String[] signatures = request.header("webhook-signature").split(" ");
        assertThat(signatures).hasSize(2);
        assertThat(signatures[0]).startsWith("v1a,");
        assertThat(signatures[1]).startsWith("v1,");
        assertThat(new Ed25519PrivateKeyParameters(seed).generatePublicKey().getEncoded())
                .isEqualTo(publicKey);
        byte[] signed =
                (request.header("webhook-id")
                                + "."
                                + request.header("webhook-timestamp")
                                + "."
                                + request.text())
                        .getBytes(UTF_8);
        Ed25519Signer verifier = new Ed25519Signer();
        verifier.init(false, new Ed25519PublicKeyParameters(publicKey));
        verifier.update(signed, 0, signed.length);
        assertThat(verifier.verifySignature(Base64.getDecoder().decode(signatures[0].substring(4))))
                .isTrue();
    }

    @Test
    void sendsATokenOrANameAndPasswordBesideTheSignature() throws Exception {
        start(Map.of("token", "t0ken"));
        hub.attempt(EVENT);
        assertThat(hooks().getFirst().header("authorization")).isEqualTo("Bearer t0ken");
        new Webhook(SECRET).verify(hooks().getFirst().text(), headers(hooks().getFirst()));

        start(Map.of("token", "t0ken", "tokenHeader", "X-API-Key"));
        hub.attempt(EVENT);
        assertThat(hooks().getFirst().header("x-api-key")).isEqualTo("t0ken");

        start(Map.of("username", "jawort", "password", "pässword"));
        hub.attempt(EVENT);
        assertThat(hooks().getFirst().header("authorization"))
                .isEqualTo(
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString("jawort:pässword".getBytes(UTF_8)));
    }

    @Test
    void readsASecretFromItsFile() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "from-a-file\n");
        start(Map.of("token", "file:" + token));

        hub.attempt(EVENT);

        assertThat(hooks().getFirst().header("authorization")).isEqualTo("Bearer from-a-file");
    }

    @Test
    void fetchesAnAccessTokenOnceAndAgainBeforeItExpires() {
        start(clientCredentials());

        hub.attempt(EVENT);
        hub.attempt(EVENT);
        now.set(now.get().plus(Duration.ofMinutes(59)).minusSeconds(1));
        hub.attempt(EVENT);
        now.set(now.get().plusSeconds(2));
        hub.attempt(EVENT);

        assertThat(tokensUsed()).containsExactly("token-1", "token-1", "token-1", "token-2");
        Request asked = server.requests().getFirst();
        assertThat(asked.target()).isEqualTo("/token");
        assertThat(asked.text()).isEqualTo("grant_type=client_credentials&scope=events+write");
        assertThat(asked.header("authorization"))
                .isEqualTo(
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString("jawort:s%3Acret".getBytes(UTF_8)));
    }

    @Test
    void sendsIdAndSecretInTheFormWhereThatIsAskedFor() {
        Map<String, String> settings = new HashMap<>(clientCredentials());
        settings.put("clientAuthentication", "form");
        settings.put("audience", "https://crm.example");
        start(settings);

        hub.attempt(EVENT);

        Request asked = server.requests().getFirst();
        assertThat(asked.header("authorization")).isNull();
        assertThat(asked.text())
                .isEqualTo(
                        "grant_type=client_credentials&scope=events+write&audience=https%3A%2F%2Fcrm.example"
                                + "&client_id=jawort&client_secret=s%3Acret");
    }

    @Test
    void fetchesAnotherTokenAfterA401Once() {
        start(clientCredentials());
        refused = "Bearer token-1";

        assertThat(hub.attempt(EVENT)).isEmpty();
        assertThat(tokensUsed()).containsExactly("token-1", "token-2");

        refused = "Bearer token-2 Bearer token-3";
        assertThat(hub.attempt(EVENT).orElseThrow()).isInstanceOf(DestinationRefused.class);
        assertThat(tokensUsed()).containsExactly("token-1", "token-2", "token-2", "token-3");
    }

    @Test
    void triesLaterWhenThereIsNoTokenToBeHad() {
        start(clientCredentials());

        tokenStatus = 503;
        assertThat(hub.attempt(EVENT).orElseThrow()).isInstanceOf(DestinationUnavailable.class);
        tokenStatus = 401; // the hub's credentials are wrong, not the event
        Throwable failure = hub.attempt(EVENT).orElseThrow();
        tokenStatus = 200;

        assertThat(failure)
                .isInstanceOf(DestinationUnavailable.class)
                .hasMessage("token endpoint: HTTP 401 invalid_client");
        assertThat(hooks()).isEmpty();
        assertThat(hub.attempt(EVENT)).isEmpty();
    }

    @Test
    void showsItsCertificateAsPkcs12OrPem() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        Path crm = certificates.pkcs12("localhost");
        Path own = certificates.pkcs12("jawort");
        Path authority =
                Files.writeString(folder.resolve("crm.pem"), TestCertificates.certificate(crm));
        Path pem =
                Files.writeString(
                        folder.resolve("own.pem"),
                        TestCertificates.certificate(own) + TestCertificates.privateKey(own));
        List<Map<String, String>> forms =
                List.of(
                        Map.of(
                                "clientCertificate",
                                "file:" + own,
                                "clientCertificatePassword",
                                TestCertificates.PASSWORD),
                        Map.of(
                                "clientCertificate",
                                Base64.getEncoder().encodeToString(Files.readAllBytes(own)),
                                "clientCertificatePassword",
                                TestCertificates.PASSWORD),
                        Map.of("clientCertificate", "file:" + pem),
                        Map.of(
                                "clientCertificate",
                                TestCertificates.certificate(own).replace("\n", "\\n"),
                                "clientKey",
                                TestCertificates.privateKey(own).replace("\n", "\\n"),
                                "token",
                                "t0ken"));

        for (Map<String, String> form : forms) {
            Map<String, String> settings = new HashMap<>(form);
            settings.put("trustedCertificates", "file:" + authority);
            start(tls(crm, own), settings);

            assertThat(hub.attempt(EVENT)).isEmpty();
            assertThat(hooks().getFirst().client()).isEqualTo("CN=jawort");
            new Webhook(SECRET).verify(hooks().getFirst().text(), headers(hooks().getFirst()));
            assertThat(hub.description()).doesNotContain(TestCertificates.PASSWORD, "PRIVATE KEY");
        }
    }

    @Test
    void sendsNothingToAServerItDoesNotTrustNorWithoutACertificateItIsAskedFor() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        Path crm = certificates.pkcs12("localhost");
        Path own = certificates.pkcs12("jawort");
        Path authority =
                Files.writeString(folder.resolve("crm.pem"), TestCertificates.certificate(crm));

        start(tls(crm, own), Map.of());
        assertThat(hub.attempt(EVENT).orElseThrow()).isInstanceOf(javax.net.ssl.SSLException.class);
        assertThat(server.requests()).isEmpty();

        start(tls(crm, own), Map.of("trustedCertificates", "file:" + authority));
        assertThat(hub.attempt(EVENT).orElseThrow()).isNotInstanceOf(DestinationRefused.class);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    @DisplayName("S11: a redirect is not followed, whatever goes with the request")
    void followsNoRedirect() {
        StubbornServer elsewhere = new StubbornServer(request -> Answer.status(204));
        open.add(elsewhere);
        start(
                new StubbornServer(
                        request ->
                                new Answer.Http(
                                        307, Map.of("Location", elsewhere.url() + "/x"), "")),
                Map.of("token", "t0ken"));

        assertThat(hub.attempt(EVENT).orElseThrow()).isInstanceOf(DestinationRefused.class);
        assertThat(elsewhere.requests()).isEmpty();
    }

    @Test
    void refusesSettingsThatCannotBeMeant() {
        assertRefused(Map.of("url", "http://crm.example/hooks", "token", "t"), "settings.url must");
        assertRefused(Map.of("url", "http://crm.example/hooks"), "settings.url must be https");
        assertRefused(Map.of("token", "t", "username", "u"), "does not go together with token");
        assertRefused(Map.of("username", "u"), "settings.password is missing");
        assertRefused(
                Map.of("tokenUrl", "{url}/token", "clientId", "j"), "clientSecret is missing");
        assertRefused(Map.of("token", "file:/nowhere/token"), "cannot be read from its file");
        assertRefused(Map.of("secret", "whsk_c2hvcnQ="), "has 32 or 64 bytes, not 5");
        assertRefused(
                Map.of("secret", "whsk_" + Base64.getEncoder().encodeToString(new byte[64])),
                "a public key that is not its own");
        assertRefused(Map.of("clientCertificate", "bm9uZQ=="), "settings.url must be https");
    }

    private void assertRefused(Map<String, String> settings, String told) {
        assertThatThrownBy(() -> start(settings))
                .hasMessageContaining("tenants/muster.yaml: destination recipient: settings.")
                .hasMessageContaining(told);
    }

    private Map<String, String> clientCredentials() {
        return Map.of(
                "tokenUrl", "{url}/token",
                "clientId", "jawort",
                "clientSecret", "s:cret",
                "scope", "events write");
    }

    private StubbornServer tls(Path crm, Path own) throws Exception {
        return new StubbornServer(
                TestCertificates.demanding(crm, own), "https", request -> Answer.status(204));
    }

    private List<Request> hooks() {
        return server.requests().stream().filter(it -> it.target().equals("/hooks")).toList();
    }

    private List<String> tokensUsed() {
        return hooks().stream()
                .map(it -> it.header("authorization").substring("Bearer ".length()))
                .toList();
    }

    private static Map<String, List<String>> headers(Request request) {
        return request.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, it -> List.of(it.getValue())));
    }
}
