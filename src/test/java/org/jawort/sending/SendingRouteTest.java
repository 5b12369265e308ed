package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.jawort.message.MessageStatus;
import org.jawort.sending.SendResult.Accepted;
import org.jawort.sending.SendResult.Refused;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slf4j.LoggerFactory;

/** Every kind of message over the real routes to providers that are as strict as they say. */
class SendingRouteTest extends SendingToFakes {

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
                                            expected.get("unsupported").asText()),
                                    false));
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
}
