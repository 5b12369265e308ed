package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.local.FakeProvider;
import org.jawort.message.MessageStatus;
import org.jawort.sending.SendResult.Accepted;
import org.jawort.sending.SendResult.OptedOut;
import org.jawort.sending.SendResult.Refused;
import org.jawort.sending.SendResult.Retry;
import org.jawort.sending.SendResult.Unknown;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Every kind of message over the real routes to providers that are as strict as they say. */
class SendingRouteTest {

    private static final InstantSource CLOCK = InstantSource.system();
    private static final List<String> PROVIDERS =
            List.of("twilio", "messagebird", "vonage", "smooch");
    private static final KeyPair APPLICATION = keyPair();

    private final Map<String, Map<String, String>> credentials = credentials();
    private final FakeProvider fake = new FakeProvider(0, credentials, CLOCK).start();
    private final Map<String, String> environment = new HashMap<>();
    private SendingRoutes routes;

    @BeforeEach
    void pointTheAccountsToTheFake() {
        PROVIDERS.forEach(
                provider ->
                        environment.put(provider.toUpperCase() + "_API_URL", fake.url(provider)));
        environment.put("MESSAGEBIRD_SMS_API_URL", fake.url("messagebird"));
        environment.put("VONAGE_SMS_API_URL", fake.url("vonage"));
    }

    @AfterEach
    void stop() {
        if (routes != null) {
            routes.close();
        }
        fake.close();
    }

    @TestFactory
    Stream<DynamicTest> everyMessageOfTheExamplesArrivesAsItIsWritten() throws Exception {
        Map<String, SendingRoutes> byApi = new HashMap<>();
        for (String api : List.of("classic", "channels", "platform")) {
            byApi.put(api, new SendingRoutes(environment, api, CLOCK, 5000));
        }
        routes = byApi.get("classic");
        return PROVIDERS.stream()
                .flatMap(provider -> examples(provider).map(name -> List.of(provider, name)))
                .map(
                        example ->
                                dynamicTest(
                                        String.join(" ", example),
                                        () -> arrives(example.get(0), example.get(1), byApi)));
    }

    private void arrives(String provider, String name, Map<String, SendingRoutes> byApi) {
        String messageId = UUID.randomUUID().toString();
        ObjectNode document = SendingRoutes.example(provider, name, messageId);
        JsonNode expected = SendingRoutes.example(provider, name + ".expected", messageId);
        fake.forget();

        SendResult result =
                byApi.get(document.path("api").asText("classic").replace("null", "classic"))
                        .send(document);

        if (expected.has("unsupported")) {
            assertThat(result)
                    .isEqualTo(
                            new Refused(
                                    new SendError(
                                            "unsupported",
                                            null,
                                            expected.get("unsupported").asText())));
            assertThat(fake.messages()).isEmpty();
            return;
        }
        assertThat(fake.messages()).hasSize(1);
        FakeMessage sent = fake.messages().getFirst();
        assertThat(sent.path()).isEqualTo(expected.get("path").asText());
        ObjectNode request = sent.request().deepCopy();
        request.remove(List.of("api_key", "api_secret"));
        if (request.path("MediaUrl").isTextual()) {
            request.putArray("MediaUrl").add(sent.request().get("MediaUrl"));
        }
        assertThat(request).isEqualTo(expected.get("body"));
        assertThat(sent.headers())
                .doesNotContainKeys("x-left-over", "camelhttpuri")
                .containsEntry("accept", "application/json");
        assertThat(result)
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> {
                            assertThat(accepted.providerMessageId()).isEqualTo(sent.taken().id());
                            assertThat(accepted.status()).isEqualTo(MessageStatus.QUEUED);
                        });
        assertThat(sent.taken().clientRef()).isEqualTo(messageId);
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, 21610, recipient_opted_out, false",
        "twilio, 63014, recipient_blocked_sender, false",
        "vonage, 1240, recipient_opted_out, false",
        "messagebird, 103, recipient_opted_out, false",
        "messagebird, 131050, marketing_opted_out, true",
        "smooch, blocked, recipient_blocked_sender, false"
    })
    @DisplayName("T9: a provider's word that the person does not want it is an opt-out")
    void toldOfAnOptOut(String provider, String code, String word, boolean marketingOnly)
            throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(code));

        assertThat(send(provider))
                .isInstanceOfSatisfying(
                        OptedOut.class,
                        out -> {
                            assertThat(out.error().code()).isEqualTo(word);
                            assertThat(out.error().providerCode()).isEqualTo(code);
                            assertThat(out.marketingOnly()).isEqualTo(marketingOnly);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, 63016, window_closed",
        "twilio, 63024, invalid_recipient",
        "twilio, 63027, template_rejected",
        "twilio, 30007, content_rejected",
        "vonage, 1340, window_closed",
        "vonage, 1170, invalid_recipient",
        "vonage, 1022, template_rejected",
        "vonage, 1050, recipient_blocked_sender",
        "vonage, 1420, configuration",
        "messagebird, 470, window_closed",
        "messagebird, 131026, invalid_recipient",
        "messagebird, 132001, template_rejected",
        "messagebird, 20, configuration",
        "smooch, bad_request, unknown"
    })
    void refusedForGood(String provider, String code, String word) throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(code));

        assertThat(send(provider))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.error().code()).isEqualTo(word);
                            assertThat(refused.error().providerCode()).isEqualTo(code);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void waitsAsLongAsItIsTold(String provider) throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(429, 30));

        assertThat(send(provider))
                .isEqualTo(
                        new Retry(
                                new SendError("rate_limited", null, null), Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, 500",
        "twilio, 502",
        "messagebird, 500",
        "vonage, 503",
        "smooch, 503",
        "smooch, 408"
    })
    void triesAgainAfterAFaultOverThere(String provider, int status) throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(status, null));

        assertThat(send(provider))
                .isEqualTo(new Retry(new SendError("provider_fault", null, null), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    @DisplayName("R25: a message the provider took without saying so is unknown, and sent once")
    void doesNotKnowWhatATimeoutMeans(String provider) throws Exception {
        routes = new SendingRoutes(environment, "classic", CLOCK, 300);
        fake.behave(FakeBehaviour.take("hang"));

        assertThat(send(provider)).isEqualTo(new Unknown("response_timeout"));
        assertThat(fake.messages()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, break, connection_broken",
        "vonage, break, connection_broken",
        "smooch, empty, accepted_without_id",
        "vonage, garbage, accepted_without_id",
        "messagebird, endless, accepted_without_id"
    })
    @DisplayName("R25: neither does it know after half an answer")
    void doesNotKnowWhatHalfAnAnswerMeans(String provider, String then, String reason)
            throws Exception {
        start();
        fake.behave(FakeBehaviour.take(then));

        assertThat(send(provider)).isEqualTo(new Unknown(reason));
        assertThat(fake.messages()).hasSize(1);
    }

    @Test
    void doesNotKnowWhatAGatewayThatGaveUpHasPassedOn() throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(504, null));

        assertThat(send("twilio")).isEqualTo(new Unknown("gateway_timeout"));
    }

    @Test
    void tellsTheKeyThatKeepsAMessageFromGoingTwiceWhereThereIsOne() throws Exception {
        routes = new SendingRoutes(environment, "platform", CLOCK, 5000);
        ObjectNode message = SendingRoutes.example("messagebird", "platform-whatsapp-text");

        SendResult first = routes.send(message);
        SendResult second = routes.send(message);

        assertThat(second).isEqualTo(first).isInstanceOf(Accepted.class);
        assertThat(fake.messages().stream().filter(it -> it.taken() != null)).hasSize(1);
        assertThat(fake.messages().getLast().headers())
                .containsEntry("idempotency-key", message.get("messageId").asText());
    }

    @Test
    void triesAgainWhereNobodyListens() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            environment.put("TWILIO_API_URL", "http://localhost:" + taken.getLocalPort());
        }
        start();

        assertThat(send("twilio"))
                .isEqualTo(new Retry(new SendError("provider_fault", null, "no connection"), null));
    }

    @Test
    void triesAgainWhereThereIsNoSuchHost() throws Exception {
        environment.put("VONAGE_API_URL", "https://api.vonage.invalid");
        start();

        assertThat(send("vonage"))
                .isEqualTo(new Retry(new SendError("provider_fault", null, "no connection"), null));
    }

    @Test
    void triesAgainWhereTlsFails() throws Exception {
        environment.put("SMOOCH_API_URL", fake.url("smooch").replace("http:", "https:"));
        start();

        assertThat(send("smooch"))
                .isEqualTo(new Retry(new SendError("provider_fault", null, "no connection"), null));
        assertThat(fake.messages()).isEmpty();
    }

    @Test
    @DisplayName("S11: credentials are not carried to another host")
    void followsNoRedirect() throws Exception {
        try (FakeProvider other = new FakeProvider(0, credentials, CLOCK).start()) {
            start();
            fake.behave(
                    new FakeBehaviour(
                            null, null, 307, null, null, other.url("twilio"), null, null));

            assertThat(send("twilio"))
                    .isEqualTo(new Refused(new SendError("configuration", null, null)));
            assertThat(other.messages()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, TWILIO_TOKEN",
        "messagebird, MESSAGEBIRD_ACCESS_KEY",
        "vonage, VONAGE_API_SECRET",
        "smooch, SMOOCH_KEY_SECRET"
    })
    void triesAgainWhenTheCredentialsAreWrong(String provider, String variable) throws Exception {
        environment.put(variable, "an-old-one");
        start();

        assertThat(send(provider))
                .isInstanceOfSatisfying(
                        Retry.class,
                        retry ->
                                assertThat(retry.error().code())
                                        .isIn("authentication", "configuration"));
        assertThat(fake.messages()).allMatch(message -> message.taken() == null);
    }

    @Test
    void signsWithTheKeysThatOpenMore() throws Exception {
        environment.put("TWILIO_API_KEY_SID", "SK00000000000000000000000000000001");
        environment.put("TWILIO_API_KEY_SECRET", "key-secret");
        environment.put(
                "VONAGE_PRIVATE_KEY",
                "-----BEGIN PRIVATE KEY-----\\n"
                        + Base64.getEncoder().encodeToString(APPLICATION.getPrivate().getEncoded())
                        + "\\n-----END PRIVATE KEY-----");
        environment.put("SMOOCH_AUTHENTICATION", "jwt");
        start();

        for (String provider : List.of("twilio", "vonage", "smooch")) {
            assertThat(send(provider)).as(provider).isInstanceOf(Accepted.class);
        }
    }

    @Test
    @DisplayName("FLT-2: nothing reaches a provider without a decision about it")
    void sendsNothingWithoutADecision() throws Exception {
        start();
        for (String provider : PROVIDERS) {
            Exchange without = routes.send(SendingRoutes.request(text(provider)), null);

            assertThat(without.getException()).isInstanceOf(SendForbidden.class);
        }

        assertThat(fake.messages()).isEmpty();
    }

    @Test
    @DisplayName(
            "LOG-1, LOG-2: credentials, addresses and words are in no log, no endpoint and not left over")
    void leavesNothingBehind() throws Exception {
        var log = new ListAppender<ILoggingEvent>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        log.start();
        root.addAppender(log);
        routes = new SendingRoutes(environment, "classic", CLOCK, 300);
        StringBuilder seen = new StringBuilder();
        try {
            for (String provider : PROVIDERS) {
                for (FakeBehaviour behaviour :
                        List.of(
                                FakeBehaviour.refuse(
                                        provider.equals("smooch") ? "blocked" : "1240"),
                                FakeBehaviour.refuse(503, 1),
                                FakeBehaviour.take("hang"),
                                FakeBehaviour.take("break"))) {
                    fake.behave(behaviour);
                    SendRequest request = SendingRoutes.request(text(provider));
                    Exchange exchange =
                            routes.send(request, routes.gate.mint(request, CLOCK.instant()));
                    assertThat(exchange.getMessage().getHeaders()).isEmpty();
                    seen.append(exchange.getMessage().getBody()).append('\n');
                }
            }
        } finally {
            root.detachAppender(log);
        }
        log.list.forEach(event -> seen.append(event.getFormattedMessage()).append('\n'));
        routes.camel.getEndpoints().forEach(it -> seen.append(it.getEndpointUri()).append('\n'));

        assertThat(seen.toString()).doesNotContain("4915112345678", "Abholung");
        DemoTenant.credentials(name -> null)
                .forEach(
                        (name, value) -> {
                            if (name.matches(".*(TOKEN|SECRET|ACCESS_KEY|SIGNING_KEY)")) {
                                assertThat(seen.toString()).doesNotContain(value);
                            }
                        });
    }

    private void start() throws Exception {
        routes = new SendingRoutes(environment, "classic", CLOCK, 5000);
    }

    private SendResult send(String provider) {
        return routes.send(text(provider));
    }

    private static ObjectNode text(String provider) {
        return SendingRoutes.example(
                provider,
                provider.equals("messagebird") ? "classic-whatsapp-text" : "whatsapp-text");
    }

    private static Stream<String> examples(String provider) {
        try (Stream<Path> files = Files.list(Path.of("mappings", provider, "examples"))) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("send-.*(?<!\\.expected)\\.json"))
                    .map(name -> name.replaceAll("^send-|\\.json$", ""))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    private static Map<String, Map<String, String>> credentials() {
        var all = new HashMap<>(DemoTenant.sending(name -> null));
        var twilio = new HashMap<>(all.get("twilio"));
        twilio.put("apiKeySid", "SK00000000000000000000000000000001");
        twilio.put("apiKeySecret", "key-secret");
        all.put("twilio", twilio);
        var vonage = new HashMap<>(all.get("vonage"));
        vonage.put(
                "publicKey",
                Base64.getEncoder().encodeToString(APPLICATION.getPublic().getEncoded()));
        all.put("vonage", vonage);
        return all;
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(2048);
            return rsa.generateKeyPair();
        } catch (java.security.GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
