package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.intake.SignatureFixture.AUTHENTIC;
import static org.jawort.intake.SignatureFixture.FORM;
import static org.jawort.intake.SignatureFixture.JSON;
import static org.jawort.intake.SignatureFixture.account;
import static org.jawort.intake.SignatureFixture.check;
import static org.jawort.intake.SignatureFixture.forged;
import static org.jawort.intake.SignatureFixture.request;
import static org.jawort.intake.SignatureFixture.utf8;
import static org.jawort.intake.SignatureFixture.withBody;
import static org.jawort.intake.SignatureFixture.withHeader;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jawort.intake.SignatureCheck.Unsigned;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The token of the Messages API; for {@code sig} see {@link VonageSmsSignatureTest}. */
class VonageSignatureTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_793_700_005);
    private static final String URL =
            "https://hub.example.test/webhooks/vonage/autohaus-muster/main";
    private static final String SECRET = "test_signature_secret_0123456789abcdef";
    private static final String HS256 = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    private static final byte[] BODY = utf8("{\"channel\": \"whatsapp\"}");
    private static final Account ACCOUNT =
            account(
                    "vonage",
                    null,
                    Map.of(
                            "signatureSecret", List.of(SECRET),
                            "apiKey", List.of("abcd1234"),
                            "applicationId", List.of("11112222-3333-4444-8555-666677778888")));

    @TestFactory
    Stream<DynamicTest> givesTheStatedResultForEveryVector() {
        return StreamSupport.stream(
                        SignatureFixture.vectors("vonage").get("messagesApiJwt").spliterator(),
                        false)
                .map(vector -> dynamicTest(vector.get("name").asText(), () -> checkVector(vector)));
    }

    private static void checkVector(JsonNode vector) {
        String authorization = SignatureFixture.textOrNull(vector, "authorization");
        Map<String, String> headers =
                authorization == null ? Map.of() : Map.of("Authorization", authorization);
        var request = request("POST", URL, JSON, headers, SignatureFixture.body("vonage", vector));

        SignatureCheck result =
                check(request, ACCOUNT, Instant.ofEpochSecond(vector.get("checkAt").asLong()));

        SignatureCheck expected =
                switch (vector.path("reason").asText("")) {
                    case "" -> AUTHENTIC;
                    case "missing" -> new Unsigned();
                    case "iat too old (hub policy)" -> forged("too_old");
                    default -> forged(vector.get("reason").asText());
                };
        assertThat(result).isEqualTo(expected);
        assertThat(result.equals(AUTHENTIC)).isEqualTo(vector.get("valid").asBoolean());
    }

    @Test
    @DisplayName(
            "S3: other secrets, no secret and an empty secret authenticate nothing; both secrets of a rotation do")
    void triesTheSecretsOfTheAccountAndNoOther() {
        var request = withToken(token(claims()));

        assertThat(check(request, withSecrets("next", SECRET), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withSecrets(SECRET, "next"), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withSecrets("next"), NOW)).isEqualTo(forged("signature"));
        assertThat(check(request, withSecrets(""), NOW)).isEqualTo(forged("signature"));
        assertThat(check(request, withSecrets(), NOW)).isEqualTo(forged("signature"));
    }

    @Test
    @DisplayName("S16: HS256 and nothing else, no key from the token, no extension")
    void acceptsHs256Only() {
        for (String alg :
                List.of("none", "RS256", "HS384", "HS512", "hs256", "ES256", "PS256", "dir")) {
            String signedAs = alg.matches("HS\\d+") ? alg : "HS256";
            String header = HS256.replace("HS256", alg);
            assertThat(
                            check(
                                    withToken(Tokens.signed(header, claims(), signedAs, SECRET)),
                                    ACCOUNT,
                                    NOW))
                    .isEqualTo(forged("algorithm"));
        }
        String tricks =
                "{\"alg\":\"HS256\",\"kid\":\"0\",\"jku\":\"https://evil.example.test/keys\"}";
        assertThat(check(withToken(Tokens.signed(tricks, claims(), "HS256", "evil")), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        String critical = "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}";
        assertThat(
                        check(
                                withToken(Tokens.signed(critical, claims(), "HS256", SECRET)),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("malformed"));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"Vonage\"', '\"vonage\"', issuer",
        "'\"iss\"', '\"iss2\"', issuer",
        "abcd1234, abcd1235, api_key",
        "'\"api_key\"', '\"api_key2\"', api_key",
        "11112222, 11112223, application_id",
        "'\"11112222-3333-4444-8555-666677778888\"', '{}', application_id",
        "'\"payload_hash\"', '\"payload_hash2\"', payload_hash",
        "'\"iat\":', '\"iat2\":', malformed",
        "'\"iat\":1793700000', '\"iat\":\"1793700000\"', malformed",
        "'\"iat\":1793700000', '\"iat\":-1', malformed",
        "'\"iat\":1793700000', '\"iat\":9e18', malformed",
        "'\"iat\":1793700000', '\"iat\":17937000001', in_future",
        "'\"iat\":1793700000', '\"iat\":1', too_old"
    })
    @DisplayName("S16: wrong issuer, key, application or time")
    void refusesWrongClaims(String right, String wrong, String reason) {
        var request = withToken(token(claims().replace(right, wrong)));

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(forged(reason));
    }

    @Test
    void comparesKeyAndApplicationOnlyWhereTheAccountHasThem() {
        assertThat(
                        check(
                                withToken(token(claims().replace("abcd1234", "other"))),
                                withSecrets(SECRET),
                                NOW))
                .isEqualTo(AUTHENTIC);
        assertThat(check(withToken(token(claims().replace("application_id", "app"))), ACCOUNT, NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    void acceptsTheBodyHashInUpperCase() {
        String hash = Tokens.sha256(BODY);
        var request = withToken(token(claims().replace(hash, hash.toUpperCase(Locale.ROOT))));

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
    }

    @ParameterizedTest
    @CsvSource({
        "PT25H, 90000, authentic",
        "PT25H, 90001, too_old",
        "PT5M, 300, authentic",
        "PT5M, 301, too_old",
        "PT5M, -60, authentic",
        "PT5M, -61, in_future"
    })
    @DisplayName("S4: the window backwards is a setting, forward it is 60 s")
    void boundsTheAgeOfAToken(String window, long secondsLater, String outcome) {
        Account account =
                account(
                        "vonage",
                        null,
                        Map.of("signatureSecret", List.of(SECRET)),
                        Map.of("jwtWindow", window));

        SignatureCheck result =
                check(
                        withToken(token(claims())),
                        account,
                        Instant.ofEpochSecond(1_793_700_000 + secondsLater));

        assertThat(result).isEqualTo(outcome.equals("authentic") ? AUTHENTIC : forged(outcome));
    }

    @Test
    @DisplayName("S5: re-serialised body, trailing newline, UTF-16 and no body are other bytes")
    void refusesOtherBytes() {
        for (byte[] other :
                List.of(
                        utf8("{\"channel\":\"whatsapp\"}"),
                        utf8("{\"channel\": \"whatsapp\"}\n"),
                        "{\"channel\": \"whatsapp\"}".getBytes(StandardCharsets.UTF_16LE),
                        new byte[0])) {
            assertThat(check(withBody(withToken(token(claims())), other), ACCOUNT, NOW))
                    .isEqualTo(forged("payload_hash"));
        }
    }

    @Test
    void refusesATokenThatCoversNoBodyBecauseItsQueryIsUnsigned() {
        String claims = claims().replace(Tokens.sha256(BODY), Tokens.sha256(new byte[0]));
        var headers = Map.of("Authorization", "Bearer " + token(claims));
        var request = request("GET", URL + "?text=Ja", null, headers, new byte[0]);

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(forged("payload_hash"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "Bearer ",
                "Basic YTpi",
                "Bearer  x",
                "Token a.b.c",
                "Bearer a.b",
                "Bearer a.b.c.d"
            })
    void refusesAnAuthorizationThatIsNoToken(String authorization) {
        var request = withHeader(withToken("x"), "authorization", authorization);

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(forged("malformed"));
    }

    @Test
    void takesTheWordBearerInAnyCaseButNoMoreBlanks() {
        String token = token(claims());

        assertThat(
                        check(
                                withHeader(withToken(token), "authorization", "bearer " + token),
                                ACCOUNT,
                                NOW))
                .isEqualTo(AUTHENTIC);
        assertThat(
                        check(
                                withHeader(withToken(token), "authorization", "Bearer  " + token),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("malformed"));
        assertThat(
                        check(
                                withHeader(withToken(token), "authorization", "Bearer\t" + token),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("malformed"));
    }

    @Test
    void callsARequestWithoutAnySignatureUnsigned() {
        assertThat(check(request("POST", URL, JSON, Map.of(), BODY), ACCOUNT, NOW))
                .isEqualTo(new Unsigned());
        assertThat(
                        check(
                                request("POST", URL, JSON, Map.of("Authorization", ""), BODY),
                                ACCOUNT,
                                NOW))
                .isEqualTo(new Unsigned());
        assertThat(
                        check(
                                request(
                                        "GET",
                                        URL + "?msisdn=4915100000045",
                                        null,
                                        Map.of(),
                                        new byte[0]),
                                ACCOUNT,
                                NOW))
                .isEqualTo(new Unsigned());
        assertThat(
                        check(
                                request("POST", URL, FORM, Map.of(), utf8("msisdn=4915100000045")),
                                ACCOUNT,
                                NOW))
                .isEqualTo(new Unsigned());
        assertThat(
                        check(
                                request(
                                        "POST",
                                        URL,
                                        JSON,
                                        Map.of(),
                                        utf8("{\"m\":{\"sig\":\"x\"}}")),
                                ACCOUNT,
                                NOW))
                .isEqualTo(new Unsigned());
    }

    private static WebhookRequest withToken(String token) {
        return request("POST", URL, JSON, Map.of("Authorization", "Bearer " + token), BODY);
    }

    private static String token(String claims) {
        return Tokens.signed(HS256, claims, "HS256", SECRET);
    }

    private static String claims() {
        return ("{\"iat\":1793700000,\"iss\":\"Vonage\",\"payload_hash\":\"%s\",\"api_key\":\"abcd1234\","
                        + "\"application_id\":\"11112222-3333-4444-8555-666677778888\"}")
                .formatted(Tokens.sha256(BODY));
    }

    private static Account withSecrets(String... secrets) {
        return account("vonage", null, Map.of("signatureSecret", List.of(secrets)));
    }
}
