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
import static org.jawort.intake.SignatureFixture.withContentType;
import static org.jawort.intake.SignatureFixture.withHeader;
import static org.jawort.intake.SignatureFixture.withUrl;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

class TwilioSignatureTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:11:12Z");
    private static final String URL = "https://hub.example.test/webhooks/twilio/autohaus-muster/wa";
    private static final String TOKEN = "test_auth_token_0123456789abcdef";
    private static final Account ACCOUNT =
            account("twilio", null, Map.of("authToken", List.of(TOKEN)));
    private static final String BODY = "MessageSid=SM1000000d1000000d1000000d1000000d&Body=Hallo";

    @TestFactory
    Stream<DynamicTest> givesTheStatedResultForEveryVector() {
        return StreamSupport.stream(
                        SignatureFixture.vectors("twilio").get("vectors").spliterator(), false)
                .map(
                        vector ->
                                dynamicTest(
                                        vector.get("name").asText(),
                                        () -> {
                                            var request =
                                                    request(
                                                            vector.get("method").asText(),
                                                            vector.get("url").asText(),
                                                            SignatureFixture.textOrNull(
                                                                    vector, "contentType"),
                                                            Map.of(
                                                                    "X-Twilio-Signature",
                                                                    vector.get("signature")
                                                                            .asText()),
                                                            SignatureFixture.body(
                                                                    "twilio", vector));

                                            SignatureCheck result = check(request, ACCOUNT, NOW);

                                            assertThat(result.equals(AUTHENTIC))
                                                    .isEqualTo(vector.get("valid").asBoolean());
                                        }));
    }

    @Test
    @DisplayName("S3: another tenant's token, no token and an empty token authenticate nothing")
    void refusesWhatAnotherTokenSigned() {
        var request = signed(BODY);

        assertThat(check(request, withTokens("other_auth_token_0123456789abcdef"), NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(request, withTokens(), NOW)).isEqualTo(forged("signature"));
        assertThat(check(request, withTokens(""), NOW)).isEqualTo(forged("signature"));
    }

    @Test
    @DisplayName("S3: while a token is promoted both sign, afterwards the old one no more")
    void acceptsBothTokensOfARotation() {
        var request = signed(BODY);

        assertThat(check(request, withTokens("next_auth_token", TOKEN), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withTokens(TOKEN, "next_auth_token"), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withTokens("next_auth_token"), NOW))
                .isEqualTo(forged("signature"));
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\t", "=", "%%%", "AAAA", "ÄÖÜ", "\u0000", "null"})
    void refusesAGarbledHeader(String header) {
        assertThat(check(withHeader(signed(BODY), "x-twilio-signature", header), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    void refusesAnyOtherSpellingOfARightHeader() {
        var request = signed(BODY);
        String right = request.header("x-twilio-signature");

        for (String other :
                List.of(
                        " " + right,
                        right + " ",
                        right + "=",
                        right.replace("=", ""),
                        right + "," + right,
                        right + "\n")) {
            assertThat(check(withHeader(request, "x-twilio-signature", other), ACCOUNT, NOW))
                    .isEqualTo(forged("signature"));
        }
    }

    @Test
    void refusesAMissingOrEmptyHeader() {
        assertThat(check(request("POST", URL, FORM, Map.of(), utf8(BODY)), ACCOUNT, NOW))
                .isEqualTo(forged("missing"));
        assertThat(check(withHeader(signed(BODY), "x-twilio-signature", ""), ACCOUNT, NOW))
                .isEqualTo(forged("missing"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Body=%E4%",
                "Body=%",
                "Body=%4",
                "Body=%zz",
                "Body%=1",
                "Body=%E4&From=%+1",
                "Body=%１１"
            })
    @DisplayName("S5: a broken percent escape is an answer, not an exception")
    void refusesABrokenPercentEscape(String body) {
        assertThat(check(withBody(signed(BODY), utf8(body)), ACCOUNT, NOW))
                .isEqualTo(forged("form"));
    }

    @Test
    @DisplayName("S5: bytes are signed, whether or not they are UTF-8")
    void signsTheBytesBehindAPercentEscape() {
        byte[] text = {'B', 'o', 'd', 'y', (byte) 0xE4};
        String code =
                Base64.getEncoder()
                        .encodeToString(KeyedHash.HMAC_SHA1.of(utf8(TOKEN), utf8(URL), text));

        var request =
                request("POST", URL, FORM, Map.of("X-Twilio-Signature", code), utf8("Body=%E4"));

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(withBody(request, utf8("Body=%C3%A4")), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withBody(request, utf8("Body=%EF%BF%BD")), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    @DisplayName("S5: trailing newline, byte order mark and UTF-16 change the signed bytes")
    void refusesAChangedBody() {
        var request = signed(BODY);

        assertThat(check(withBody(request, utf8(BODY + "\n")), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withBody(request, utf8("\uFEFF" + BODY)), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withBody(request, BODY.getBytes(StandardCharsets.UTF_16)), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withBody(request, utf8(BODY + "&Extra=")), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(
                        check(
                                withBody(request, utf8(BODY.substring(0, BODY.length() - 1))),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    void readsAFormWhateverItsOrderEscapesAndContentTypeParameters() {
        var request =
                withContentType(
                        signed("B=%2B1&A=x+y&a=%C3%BC"),
                        "Application/X-WWW-Form-Urlencoded; charset=UTF-8");

        assertThat(check(withBody(request, utf8("a=ü&A=x%20y&B=%2b1&")), ACCOUNT, NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    void keepsAQueryParameterApartFromABodyParameterOfItsName() {
        var request = signed("POST", URL + "?Body=Ja", FORM, utf8("Body=Nein&MessageSid=SM1"));

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(withUrl(request, URL + "?Body=Nein"), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withBody(request, utf8("Body=Ja&Body=Nein&MessageSid=SM1")), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withUrl(request, URL), ACCOUNT, NOW)).isEqualTo(forged("signature"));
    }

    @Test
    void refusesABodyThatNothingSigned() {
        var get = signed("GET", URL + "?Body=Ja", null, new byte[0]);
        var json = signed("POST", URL, JSON, utf8("{\"type\":\"com.example.beispiel\"}"));

        assertThat(check(withBody(get, utf8("Body=Ja")), ACCOUNT, NOW))
                .isEqualTo(forged("payload_hash"));
        assertThat(check(withContentType(withBody(get, utf8("Body=Ja")), FORM), ACCOUNT, NOW))
                .isEqualTo(forged("payload_hash"));
        assertThat(
                        check(
                                withBody(json, utf8("{\"type\": \"com.example.beispiel\"}")),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("payload_hash"));
        assertThat(check(withBody(json, new byte[0]), ACCOUNT, NOW))
                .isEqualTo(forged("payload_hash"));
        assertThat(check(withContentType(withBody(json, new byte[0]), FORM), ACCOUNT, NOW))
                .isEqualTo(forged("payload_hash"));
        assertThat(check(withUrl(json, json.url() + "&bodySHA256=00"), ACCOUNT, NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    void refusesTwoClaimsOfTheBodysHashThoughOneIsRight() {
        byte[] body = utf8("{}");
        String url =
                URL
                        + "?bodySHA256="
                        + HexFormat.of().formatHex(Sha256.of(body))
                        + "&bodySHA256="
                        + "00".repeat(32);
        String code =
                Base64.getEncoder().encodeToString(KeyedHash.HMAC_SHA1.of(utf8(TOKEN), utf8(url)));

        var request = request("POST", url, JSON, Map.of("X-Twilio-Signature", code), body);

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(forged("payload_hash"));
    }

    @Test
    void leavesOutTheFragmentOfTheConfiguredUrl() {
        assertThat(check(withUrl(signed(BODY), URL + "#rc=2&rp=5xx"), ACCOUNT, NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    @DisplayName("S6: a form of very many parameters is refused without being sorted")
    void refusesAFormOfVeryManyParameters() {
        String body =
                IntStream.range(0, 200_000)
                        .mapToObj(i -> "a=" + i)
                        .collect(Collectors.joining("&"));

        assertThat(check(signed(body), ACCOUNT, NOW)).isEqualTo(forged("form"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub.example.test/a?b=%20, https://hub.example.test:443/a?b=%20",
        "https://hub.example.test:443/a, https://hub.example.test/a",
        "https://hub.example.test, https://hub.example.test:443",
        "https://hub.example.test?x=1, https://hub.example.test:443?x=1",
        "http://hub.example.test/a:443, http://hub.example.test:80/a:443",
        "https://[::1]/a, https://[::1]:443/a",
        "https://[::443]/a, https://[::443]:443/a",
        "https://user:443@hub.example.test/a, https://user:443@hub.example.test:443/a",
        "https://hub.example.test:8443/a,",
        "http://hub.example.test:443/a,",
        "ftp://hub.example.test/a,",
        "hub.example.test/a,",
    })
    void knowsTheOtherSpellingOfADefaultPort(String url, String other) {
        assertThat(TwilioSignature.otherPortSpelling(url)).isEqualTo(other);
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub.example.test:443/w?x=a%2Bb, https://hub.example.test/w?x=a%2Bb",
        "http://hub.example.test/w, http://hub.example.test:80/w",
    })
    void acceptsTheDefaultPortWrittenOrLeftOut(String signedUrl, String checkedUrl) {
        var request = withUrl(signed("POST", signedUrl, FORM, utf8(BODY)), checkedUrl);

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
    }

    private static Account withTokens(String... tokens) {
        return account("twilio", null, Map.of("authToken", List.of(tokens)));
    }

    private static WebhookRequest signed(String body) {
        return signed("POST", URL, FORM, utf8(body));
    }

    private static WebhookRequest signed(
            String method, String url, String contentType, byte[] body) {
        return request(
                new ProviderSigner()
                        .sign(
                                "twilio",
                                null,
                                method,
                                url,
                                contentType,
                                body,
                                Map.of("authToken", TOKEN),
                                NOW),
                contentType);
    }
}
