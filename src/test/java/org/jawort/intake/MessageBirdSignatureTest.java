package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.intake.SignatureFixture.AUTHENTIC;
import static org.jawort.intake.SignatureFixture.JSON;
import static org.jawort.intake.SignatureFixture.account;
import static org.jawort.intake.SignatureFixture.check;
import static org.jawort.intake.SignatureFixture.forged;
import static org.jawort.intake.SignatureFixture.request;
import static org.jawort.intake.SignatureFixture.textOrNull;
import static org.jawort.intake.SignatureFixture.utf8;
import static org.jawort.intake.SignatureFixture.withBody;
import static org.jawort.intake.SignatureFixture.withHeader;
import static org.jawort.intake.SignatureFixture.withUrl;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jawort.local.ProviderSigner;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageBirdSignatureTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_793_692_800);
    private static final String URL =
            "https://hub.example.test/webhooks/messagebird/autohaus-muster/bird";
    private static final String KEY = "mb_demo_signing_key_0f1e2d3c4b5a";
    private static final Account CLASSIC = classic(KEY);
    private static final byte[] BODY = utf8("{\"type\": \"message.created\"}");
    private static final String JWT = "messagebird-signature-jwt";

    @TestFactory
    Stream<DynamicTest> givesTheStatedResultForEveryVector() {
        return vectors()
                .map(
                        vector ->
                                dynamicTest(
                                        vector.get("name").asText(),
                                        () -> {
                                            SignatureCheck result = checkVector(vector, CLASSIC);

                                            assertThat(result.equals(AUTHENTIC))
                                                    .isEqualTo(vector.get("valid").asBoolean());
                                        }));
    }

    @Test
    void acceptsTheSecondGenerationForChannelsAccountsOnly() {
        JsonNode vector =
                vectors()
                        .filter(v -> v.get("name").asText().startsWith("Bird second generation"))
                        .findFirst()
                        .get();

        assertThat(
                        checkVector(
                                vector,
                                account(
                                        "messagebird",
                                        "channels",
                                        Map.of("signingKey", List.of(KEY)))))
                .isEqualTo(AUTHENTIC);
        assertThat(
                        checkVector(
                                vector,
                                account(
                                        "messagebird",
                                        "classic",
                                        Map.of("signingKey", List.of(KEY)))))
                .isEqualTo(forged("signature"));
        assertThat(
                        checkVector(
                                vector,
                                account(
                                        "messagebird",
                                        "platform",
                                        Map.of("signingKey", List.of("whsec_ZGVtby1rZXk=")))))
                .isEqualTo(forged("missing"));
    }

    @ParameterizedTest
    @CsvSource({
        "expired, expired",
        "not yet valid, not_yet_valid",
        "signed with another key, signature",
        "token belongs to another body, payload_hash",
        "'URL as seen behind a proxy (http, inner host)', url_hash",
        "trailing slash matters, url_hash",
        "'body present, payload_hash claim absent', payload_hash",
        "'body absent, payload_hash claim present', payload_hash",
        "other issuer, issuer",
        "alg none, algorithm",
        "no signature header at all, missing",
        "'legacy header, body changed', signature",
        "'legacy header, old timestamp', too_old"
    })
    void saysWhyAVectorIsRefused(String name, String reason) {
        JsonNode vector =
                vectors().filter(v -> v.get("name").asText().equals(name)).findFirst().get();

        assertThat(checkVector(vector, CLASSIC)).isEqualTo(forged(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "channels"})
    @DisplayName(
            "S3: other keys, no key and an empty key authenticate nothing; both keys of a rotation do")
    void triesTheKeysOfTheAccountAndNoOther(String api) {
        var request = signed(api, KEY);

        assertThat(check(request, withKeys(api, KEY, "next"), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withKeys(api, "next", KEY), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withKeys(api, "next"), NOW)).isEqualTo(forged("signature"));
        assertThat(check(request, withKeys(api, ""), NOW)).isEqualTo(forged("signature"));
        assertThat(check(request, withKeys(api), NOW)).isEqualTo(forged("signature"));
    }

    @ParameterizedTest
    @CsvSource({"65, authentic", "66, expired", "-5, authentic", "-6, not_yet_valid"})
    @DisplayName("S4: a token is valid for 60 s with 5 s of leeway on both sides")
    void boundsATokenInTime(long secondsLater, String outcome) {
        SignatureCheck result =
                check(signed("classic", KEY), CLASSIC, NOW.plusSeconds(secondsLater));

        assertThat(result).isEqualTo(outcome.equals("authentic") ? AUTHENTIC : forged(outcome));
    }

    @ParameterizedTest
    @CsvSource({"100, authentic", "101, too_old", "-100, authentic", "-101, in_future"})
    @DisplayName("S4: a signature over a timestamp is valid for 100 s on both sides")
    void boundsATimestamp(long secondsLater, String outcome) {
        SignatureCheck result =
                check(
                        signed("channels", KEY),
                        withKeys("channels", KEY),
                        NOW.plusSeconds(secondsLater));

        assertThat(result).isEqualTo(outcome.equals("authentic") ? AUTHENTIC : forged(outcome));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "+1793692800",
                "1793692800.0",
                " 1793692800",
                "1e9",
                "99999999999999999999",
                "１"
            })
    void refusesATimestampThatIsNoTime(String timestamp) {
        var request =
                withHeader(signed("channels", KEY), "messagebird-request-timestamp", timestamp);

        assertThat(check(request, withKeys("channels", KEY), NOW)).isEqualTo(forged("malformed"));
    }

    @Test
    @DisplayName("S5: re-serialised body, trailing newline and UTF-16 are other bytes")
    void refusesOtherBytes() {
        for (String api : List.of("classic", "channels")) {
            var request = signed(api, KEY);
            String reason = api.equals("classic") ? "payload_hash" : "signature";

            for (byte[] other :
                    List.of(
                            utf8("{\"type\":\"message.created\"}"),
                            utf8("{\"type\": \"message.created\"}\n"),
                            "{\"type\": \"message.created\"}".getBytes(StandardCharsets.UTF_16),
                            new byte[0])) {
                assertThat(check(withBody(request, other), withKeys(api, KEY), NOW))
                        .isEqualTo(forged(reason));
            }
        }
    }

    @Test
    void refusesAnotherUrl() {
        assertThat(check(withUrl(signed("classic", KEY), URL + "?a=1"), CLASSIC, NOW))
                .isEqualTo(forged("url_hash"));
        assertThat(
                        check(
                                withUrl(signed("channels", KEY), URL + "?a=1"),
                                withKeys("channels", KEY),
                                NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    void doesNotFallBackToTheOlderHeaderWhenATokenIsWrong() {
        var request = withHeader(legacySigned("POST", URL, "", BODY), JWT, "");

        assertThat(check(legacySigned("POST", URL, "", BODY), CLASSIC, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, CLASSIC, NOW)).isEqualTo(forged("malformed"));
    }

    @Test
    void sortsTheOlderHeadersQueryAsItWasSent() {
        var request =
                legacySigned("GET", URL + "?b=%2B1&a=2&a=1&c=+", "a=1&a=2&b=%2B1&c=+", new byte[0]);

        assertThat(check(request, CLASSIC, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(withUrl(request, URL + "?b=+1&a=2&a=1&c=+"), CLASSIC, NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    @DisplayName("S16: only HS256, HS384 and HS512, whatever else the header says")
    void looksAtTheAlgorithmBeforeTheKey() {
        String claims = claims();

        for (String alg : List.of("HS256", "HS384", "HS512")) {
            assertThat(checkToken(Tokens.signed(header(alg), claims, alg, KEY)))
                    .isEqualTo(AUTHENTIC);
        }
        for (String alg :
                List.of("none", "None", "RS256", "ES256", "hs256", "HS1", "HmacSHA256", "")) {
            assertThat(checkToken(Tokens.signed(header(alg), claims, "HS256", KEY)))
                    .isEqualTo(forged("algorithm"));
        }
        assertThat(checkToken(Tokens.signed(header("HS512"), claims, "HS256", KEY)))
                .isEqualTo(forged("signature"));
    }

    @Test
    @DisplayName("S16: keys and extensions a token brings along are not used")
    void ignoresKeysInTheTokenAndRefusesExtensions() {
        String theirKey = "a key of their own";
        String ours =
                "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\",\"jku\":\"https://evil.example.test/jwks\"}";
        String theirs =
                "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"%s\"}}"
                        .formatted(Base64.getUrlEncoder().encodeToString(utf8(theirKey)));

        assertThat(checkToken(Tokens.signed(ours, claims(), "HS256", KEY))).isEqualTo(AUTHENTIC);
        assertThat(checkToken(Tokens.signed(ours, claims(), "HS256", theirKey)))
                .isEqualTo(forged("signature"));
        assertThat(checkToken(Tokens.signed(theirs, claims(), "HS256", theirKey)))
                .isEqualTo(forged("signature"));
        for (String header :
                List.of(
                        "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
                        "{\"alg\":\"none\",\"alg\":\"HS256\"}",
                        "{\"alg\":[\"HS256\"]}",
                        "{\"alg\":256}",
                        "{}",
                        "[]",
                        "\"HS256\"",
                        "{\"alg\":\"HS256\"} {}",
                        "")) {
            assertThat(checkToken(Tokens.signed(header, claims(), "HS256", KEY)))
                    .isEqualTo(forged("malformed"));
        }
    }

    @Test
    void refusesAnyOtherSpellingOfAToken() {
        String right = Tokens.signed(header("HS256"), claims(), "HS256", KEY);
        String signature = right.substring(right.lastIndexOf('.') + 1);

        for (String other :
                List.of(
                        " " + right,
                        right + " ",
                        right + "=",
                        right + ".",
                        "." + right,
                        right + "." + signature,
                        right.substring(0, right.length() - 1),
                        right.replaceFirst("\\.", ".."),
                        right.replace('.', ','),
                        "x".repeat(100_000),
                        "..",
                        "Ä.Ö.Ü",
                        right + "A".repeat(9_000))) {
            assertThat(checkToken(other)).isEqualTo(forged("malformed"));
        }
        assertThat(checkToken(right.substring(0, right.lastIndexOf('.') + 1)))
                .isEqualTo(forged("signature"));
    }

    @Test
    void refusesClaimsThatAreNotWhatTheyShouldBe() {
        for (String claims :
                List.of(
                        "not JSON",
                        "[]",
                        "null",
                        claims().replace("\"nbf\":", "\"nbf2\":"),
                        claims().replace("\"exp\":1793692860", "\"exp\":\"1793692860\""),
                        claims().replace("\"exp\":1793692860", "\"exp\":1e999"),
                        claims().replace("\"exp\":1793692860", "\"exp\":" + "9".repeat(30)),
                        claims().replace("\"exp\":1793692860", "\"exp\":1,\"exp\":1793692860"),
                        "{\"a\":" + "[".repeat(3_000))) {
            assertThat(checkToken(Tokens.signed(header("HS256"), claims, "HS256", KEY)))
                    .isEqualTo(forged("malformed"));
        }
        assertThat(
                        checkToken(
                                Tokens.signed(
                                        header("HS256"),
                                        claims().replace("\"MessageBird\"", "[]"),
                                        "HS256",
                                        KEY)))
                .isEqualTo(forged("issuer"));
    }

    private static SignatureCheck checkVector(JsonNode vector, Account account) {
        var request =
                request(
                        vector.get("method").asText(),
                        vector.get("url").asText(),
                        textOrNull(vector, "contentType"),
                        SignatureFixture.headers(vector),
                        SignatureFixture.body("messagebird", vector));
        return check(request, account, Instant.ofEpochSecond(vector.get("now").asLong()));
    }

    private static SignatureCheck checkToken(String token) {
        return check(request("POST", URL, JSON, Map.of(JWT, token), BODY), CLASSIC, NOW);
    }

    private static String header(String alg) {
        return "{\"alg\":\"%s\",\"typ\":\"JWT\"}".formatted(alg);
    }

    private static String claims() {
        return "{\"iss\":\"MessageBird\",\"nbf\":1793692800,\"exp\":1793692860,\"url_hash\":\"%s\",\"payload_hash\":\"%s\"}"
                .formatted(Tokens.sha256(utf8(URL)), Tokens.sha256(BODY));
    }

    private static WebhookRequest legacySigned(
            String method, String url, String sortedQuery, byte[] body) {
        byte[] head = utf8("1793692800\n" + sortedQuery + "\n");
        byte[] code = KeyedHash.HMAC_SHA256.of(utf8(KEY), head, Sha256.of(body));
        return request(
                method,
                url,
                body.length == 0 ? null : JSON,
                Map.of(
                        "MessageBird-Signature",
                        Base64.getEncoder().encodeToString(code),
                        "MessageBird-Request-Timestamp",
                        "1793692800"),
                body);
    }

    private static WebhookRequest signed(String api, String key) {
        return request(
                new ProviderSigner()
                        .sign(
                                "messagebird",
                                api,
                                "POST",
                                URL,
                                JSON,
                                BODY,
                                Map.of("signingKey", key),
                                NOW),
                JSON);
    }

    private static Account classic(String... keys) {
        return account("messagebird", null, Map.of("signingKey", List.of(keys)));
    }

    private static Account withKeys(String api, String... keys) {
        return account("messagebird", api, Map.of("signingKey", List.of(keys)));
    }

    private static Stream<JsonNode> vectors() {
        return StreamSupport.stream(
                SignatureFixture.vectors("messagebird").get("vectors").spliterator(), false);
    }
}
