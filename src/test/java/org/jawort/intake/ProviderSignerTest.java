package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jawort.intake.SignatureFixture.AUTHENTIC;
import static org.jawort.intake.SignatureFixture.FORM;
import static org.jawort.intake.SignatureFixture.JSON;
import static org.jawort.intake.SignatureFixture.account;
import static org.jawort.intake.SignatureFixture.check;
import static org.jawort.intake.SignatureFixture.request;
import static org.jawort.intake.SignatureFixture.utf8;
import static org.jawort.intake.SignatureFixture.withBody;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.intake.SignatureCheck.Forged;
import org.jawort.local.ProviderSigner;
import org.jawort.local.SignedWebhook;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What the signer signs, the hub believes, for every recorded body of the four providers; and not
 * one byte of it changed.
 */
class ProviderSignerTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:11:12.345Z");
    private static final List<String> PROVIDERS =
            List.of("twilio", "messagebird", "vonage", "smooch");
    private static final Map<String, String> CREDENTIALS =
            Map.of(
                    "authToken", "test_auth_token_0123456789abcdef",
                    "signingKey", "whsec_bWJfZGVtb19zaWduaW5nX2tleV8wZjFlMmQz",
                    "signatureSecret", "test_signature_secret_0123456789abcdef",
                    "apiKey", "abcd1234",
                    "applicationId", "11112222-3333-4444-8555-666677778888",
                    "secret", "sunco_demo_webhook_secret_3b7e");

    @TestFactory
    Stream<DynamicTest> roundTripOfEveryRecordedBody() throws IOException {
        Stream<Path> folders =
                PROVIDERS.stream()
                        .flatMap(
                                provider ->
                                        Stream.of(
                                                Path.of("src/test/resources/signatures", provider),
                                                Path.of("mappings", provider, "examples")))
                        .filter(Files::isDirectory);
        List<Path> bodies = folders.flatMap(ProviderSignerTest::filesOf).filter(isBody()).toList();
        assertThat(bodies).hasSizeGreaterThan(15);
        return bodies.stream().flatMap(ProviderSignerTest::roundTrips);
    }

    @Test
    void replacesAStaleSignatureOfTheSmsApi() {
        String url =
                "https://hub.example.test/w?msisdn=4915100000045&text=a%26b&timestamp=1&nonce=n&sig=stale";

        SignedWebhook signed =
                new ProviderSigner()
                        .sign("vonage", null, "GET", url, null, new byte[0], CREDENTIALS, NOW);

        assertThat(signed.url())
                .doesNotContain("stale")
                .contains("timestamp=" + NOW.getEpochSecond());
        assertThat(check(request(signed, null), accountOf("vonage", null), NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    void addsTheBodyHashOfJsonToTheUrlOfTwilio() {
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                "twilio",
                                null,
                                "POST",
                                "https://hub.example.test/w?a=1",
                                JSON,
                                utf8("{}"),
                                CREDENTIALS,
                                NOW);

        assertThat(signed.url())
                .isEqualTo(
                        "https://hub.example.test/w?a=1&bodySHA256=" + Tokens.sha256(utf8("{}")));
        assertThat(check(request(signed, JSON), accountOf("twilio", null), NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    void saysWhatItLacks() {
        var signer = new ProviderSigner();

        assertThatThrownBy(
                        () ->
                                signer.sign(
                                        "twilio",
                                        null,
                                        "GET",
                                        "https://h.test",
                                        null,
                                        new byte[0],
                                        Map.of(),
                                        NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("credential authToken is missing");
        assertThatThrownBy(
                        () ->
                                signer.sign(
                                        "sinch",
                                        null,
                                        "GET",
                                        "https://h.test",
                                        null,
                                        new byte[0],
                                        Map.of(),
                                        NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Stream<DynamicTest> roundTrips(Path file) {
        String provider =
                PROVIDERS.stream()
                        .filter(name -> file.toString().contains("/" + name + "/"))
                        .findFirst()
                        .get();
        List<String> apis =
                switch (provider) {
                    // Standard Webhooks sign a body and no URL, so what comes in a query is not for
                    // that generation
                    case "messagebird" ->
                            file.toString().endsWith(".query")
                                    ? List.of("classic", "channels")
                                    : List.of("classic", "channels", "platform");
                    default -> List.of("v1");
                };
        return apis.stream()
                .map(
                        api ->
                                dynamicTest(
                                        provider + " " + api + " " + file.getFileName(),
                                        () -> roundTrip(file, provider, api)));
    }

    private static void roundTrip(Path file, String provider, String api) throws IOException {
        byte[] recorded = Files.readAllBytes(file);
        boolean query = file.toString().endsWith(".query");
        String url = "https://hub.example.test/webhooks/" + provider + "/autohaus-muster/main";
        String type = query ? null : file.toString().endsWith(".form") ? FORM : JSON;
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                provider,
                                api,
                                query ? "GET" : "POST",
                                query
                                        ? url
                                                + "?"
                                                + new String(recorded, StandardCharsets.UTF_8)
                                                        .strip()
                                        : url,
                                type,
                                query ? new byte[0] : recorded,
                                CREDENTIALS,
                                NOW);
        WebhookRequest request = request(signed, type);
        Account account = accountOf(provider, api);

        assertThat(check(request, account, NOW)).isEqualTo(AUTHENTIC);
        if (!provider.equals("smooch")) {
            assertThat(checkFlipped(request, account)).isInstanceOf(Forged.class);
        }
    }

    /** With one bit of the body changed, or of the query where there is no body. */
    private static SignatureCheck checkFlipped(WebhookRequest request, Account account) {
        if (request.body().length == 0) {
            int last = request.url().length() - 1;
            char flipped = (char) (request.url().charAt(last) ^ 1);
            return check(
                    SignatureFixture.withUrl(request, request.url().substring(0, last) + flipped),
                    account,
                    NOW);
        }
        byte[] body = request.body().clone();
        int digit = lastDigitBeforeEnd(body);
        body[digit] ^= 1;
        return check(withBody(request, body), account, NOW);
    }

    /**
     * A place where the change leaves the body readable: the refusal must come from the signature.
     */
    private static int lastDigitBeforeEnd(byte[] body) {
        for (int i = body.length - 1; i >= 0; i--) {
            if (body[i] >= '0' && body[i] <= '9') {
                return i;
            }
        }
        return 0;
    }

    private static Account accountOf(String provider, String api) {
        return account(
                provider,
                api,
                CREDENTIALS.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey, entry -> List.of(entry.getValue()))),
                Map.of("smsSignature", "sha256"));
    }

    private static Predicate<Path> isBody() {
        return file -> {
            String name = file.getFileName().toString();
            return name.matches(".*\\.(json|form|query)")
                    && !name.endsWith(".expected.json")
                    && !name.matches("sen[dt]-.*")
                    && !name.equals("signature-vectors.json");
        };
    }

    private static Stream<Path> filesOf(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
