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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jawort.intake.SignatureCheck.Unsigned;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VonageSmsSignatureTest {

    private static final JsonNode VECTOR = SignatureFixture.vectors("vonage").get("legacySmsSig");
    private static final Instant NOW = Instant.ofEpochSecond(1_793_869_200);
    private static final String URL =
            "https://hub.example.test/webhooks/vonage/autohaus-muster/sms";
    private static final String SECRET = "test_signature_secret_0123456789abcdef";
    private static final Account ACCOUNT = withMethod("sha256");

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"md5hash", "md5", "sha1", "sha256", "sha512"})
    void givesTheStatedResultForTheVectorInJsonFormAndQuery(String method) {
        String sig = VECTOR.get("sig").get(method).asText();
        Account account = withMethod(method);

        assertThat(check(json(parameters(sig)), account, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(form(parameters(sig)), account, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(query(parameters(sig)), account, NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(json(parameters(sig.toUpperCase(Locale.ROOT))), account, NOW))
                .isEqualTo(AUTHENTIC);
        assertThat(check(json(parameters(sig.substring(1))), account, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(json(parameters("")), account, NOW)).isEqualTo(forged("signature"));
    }

    @Test
    void usesMd5HashWhereTheAccountSaysNothing() {
        Account account = account("vonage", null, Map.of("signatureSecret", List.of(SECRET)));

        assertThat(check(json(parameters(sig("md5hash"))), account, NOW)).isEqualTo(AUTHENTIC);
    }

    @ParameterizedTest
    @CsvSource({"md5hash, sha256", "sha256, md5hash", "sha256, md5", "sha512, sha256"})
    void refusesAnotherMethodThanTheConfiguredOne(String configured, String sent) {
        assertThat(check(json(parameters(sig(sent))), withMethod(configured), NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    @DisplayName(
            "S3: other secrets, no secret and an empty secret authenticate nothing; both secrets of a rotation do")
    void triesTheSecretsOfTheAccountAndNoOther() {
        var request = json(parameters(sig("sha256")));

        assertThat(check(request, withMethod("sha256", "next", SECRET), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(request, withMethod("sha256", "next"), NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(request, withMethod("sha256", ""), NOW)).isEqualTo(forged("signature"));
        assertThat(check(request, withMethod("sha256", new String[0]), NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(json(parameters(sig("md5hash"))), withMethod("md5hash", ""), NOW))
                .isEqualTo(forged("signature"));
    }

    @Test
    void refusesAChangedAddedOrMissingParameter() {
        var changed = parameters(sig("sha256"));
        changed.put("text", "Preis=10 & Größe=L");
        var added = parameters(sig("sha256"));
        added.put("extra", "1");
        var missing = parameters(sig("sha256"));
        missing.remove("keyword");

        for (var parameters : List.of(changed, added, missing)) {
            assertThat(check(json(parameters), ACCOUNT, NOW)).isEqualTo(forged("signature"));
            assertThat(check(form(parameters), ACCOUNT, NOW)).isEqualTo(forged("signature"));
            assertThat(check(query(parameters), ACCOUNT, NOW)).isEqualTo(forged("signature"));
        }
    }

    @Test
    void readsQueryAndFormOfOneRequestTogether() {
        var inForm = parameters(sig("sha256"));
        var inQuery = new TreeMap<>(Map.of("to", inForm.remove("to"), "sig", inForm.remove("sig")));
        var request =
                request(
                        "POST",
                        URL + "?" + encoded(inQuery),
                        FORM,
                        Map.of(),
                        utf8(encoded(inForm)));

        assertThat(check(request, ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
    }

    @Test
    @DisplayName("A name in both query and form, twice in a form or twice in JSON has no meaning")
    void refusesAParameterThatComesTwice() {
        var parameters = parameters(sig("sha256"));
        String twiceInForm = encoded(parameters) + "&text=Ja";
        String twiceInJson = jsonOf(parameters).replace("{", "{\"text\":\"Ja\",");

        assertThat(
                        check(
                                request(
                                        "POST",
                                        URL + "?text=Ja",
                                        FORM,
                                        Map.of(),
                                        utf8(encoded(parameters))),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("malformed"));
        assertThat(check(request("POST", URL, FORM, Map.of(), utf8(twiceInForm)), ACCOUNT, NOW))
                .isEqualTo(forged("malformed"));
        assertThat(check(request("POST", URL, JSON, Map.of(), utf8(twiceInJson)), ACCOUNT, NOW))
                .isEqualTo(forged("malformed"));
    }

    @Test
    void refusesWhatTheSignatureCannotCover() {
        var parameters = parameters(sig("sha256"));
        String nested = jsonOf(parameters).replace("{", "{\"more\":{\"text\":\"Ja\"},");

        assertThat(check(request("POST", URL, JSON, Map.of(), utf8(nested)), ACCOUNT, NOW))
                .isEqualTo(forged("malformed"));
        assertThat(
                        check(
                                request(
                                        "POST",
                                        URL + "?" + encoded(parameters),
                                        "text/plain",
                                        Map.of(),
                                        utf8("Ja")),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("malformed"));
        assertThat(
                        check(
                                request(
                                        "POST",
                                        URL + "?" + encoded(parameters),
                                        JSON,
                                        Map.of(),
                                        utf8("{\"a\":1}")),
                                ACCOUNT,
                                NOW))
                .isEqualTo(new Unsigned());
    }

    @Test
    void takesBlankFormValuesSignedOrLeftOut() {
        var parameters = parameters("");
        parameters.remove("sig");
        String leftOut = code(parameters);
        parameters.put("keyword2", "");
        String signed = code(parameters);

        for (String sig : List.of(leftOut, signed)) {
            parameters.put("sig", sig);
            assertThat(check(form(parameters), ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
        }
        parameters.put("sig", signed);
        assertThat(check(json(parameters), ACCOUNT, NOW)).isEqualTo(AUTHENTIC);
        parameters.put("sig", leftOut);
        assertThat(check(json(parameters), ACCOUNT, NOW)).isEqualTo(forged("signature"));
    }

    @Test
    void signsJsonNumbersAsTheyWereWritten() {
        var parameters = parameters("");
        parameters.remove("sig");
        parameters.put("price", "1.50");
        parameters.put("concat", "true");
        parameters.put("sig", code(parameters));
        String json =
                jsonOf(parameters)
                        .replace("\"1.50\"", "1.50")
                        .replace("\"true\"", "true")
                        .replace("{", "{\"none\":null,");

        assertThat(check(request("POST", URL, JSON, Map.of(), utf8(json)), ACCOUNT, NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    void comparesTheApiKeyWhereTheAccountHasOne() {
        var parameters = parameters(sig("sha256"));
        var credentials = Map.of("signatureSecret", List.of(SECRET), "apiKey", List.of("other123"));
        var settings = Map.of("smsSignature", "sha256");

        assertThat(check(json(parameters), account("vonage", null, credentials, settings), NOW))
                .isEqualTo(forged("api_key"));
    }

    @ParameterizedTest
    @CsvSource({"90000, authentic", "90001, too_old", "-60, authentic", "-61, in_future"})
    @DisplayName("S4: the window of the token holds for sig too")
    void boundsTheTimestamp(long secondsLater, String outcome) {
        SignatureCheck result =
                check(json(parameters(sig("sha256"))), ACCOUNT, NOW.plusSeconds(secondsLater));

        assertThat(result).isEqualTo(outcome.equals("authentic") ? AUTHENTIC : forged(outcome));
    }

    @Test
    void needsATimestamp() {
        var parameters = parameters("");
        parameters.remove("sig");
        for (String timestamp : new String[] {null, "", "soon", "-1", "1793869200.5"}) {
            parameters.remove("timestamp");
            parameters.remove("sig");
            if (timestamp != null) {
                parameters.put("timestamp", timestamp);
            }
            parameters.put("sig", code(parameters));

            assertThat(check(json(parameters), ACCOUNT, NOW)).isEqualTo(forged("malformed"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sig\":}",
                "{\"sig\" : \"a\"}x",
                "{\"sig\":\"\\ud800\"}",
                "[{\"sig\":\"a\"}]"
            })
    @DisplayName("S5, S6: unreadable, endless or deep JSON is an answer, not an exception")
    void refusesUnreadableJson(String json) {
        SignatureCheck result =
                check(request("POST", URL, JSON, Map.of(), utf8(json + " ")), ACCOUNT, NOW);

        assertThat(result).isIn(forged("malformed"), forged("signature"));
    }

    @Test
    @DisplayName("S5, S6: depth, number of names and encoding of JSON are bounded")
    void refusesOversizedJson() {
        String deep = "{\"sig\":\"a\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        var names = new ArrayList<String>();
        for (int i = 0; i < 100_000; i++) {
            names.add("\"n" + i + "\":1");
        }
        String wide = "{\"sig\":\"a\"," + String.join(",", names) + "}";
        String lone = jsonOf(parameters(sig("sha256"))).replace("{", "{\"a\":\"\\ud800\",");
        byte[] utf16 = jsonOf(parameters(sig("sha256"))).getBytes(StandardCharsets.UTF_16);
        byte[] utf16WithoutMark =
                jsonOf(parameters(sig("sha256"))).getBytes(StandardCharsets.UTF_16BE);
        byte[] latin = jsonOf(parameters(sig("sha256"))).getBytes(StandardCharsets.ISO_8859_1);

        for (byte[] body :
                List.of(utf8(deep), utf8(wide), utf8(lone), utf16, utf16WithoutMark, latin)) {
            assertThat(check(request("POST", URL, JSON, Map.of(), body), ACCOUNT, NOW))
                    .isEqualTo(forged("malformed"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"message_uuid\":",
                "[]",
                "{",
                "",
                "null",
                "{'sig':1}",
                "{\"text\":\"Ja\",\"text\":\"Nein\"}",
                "\ufeff{\"text\":\"Ja\"}",
                "{\"text\":\"\\\"sig\\\": nachlässig\",\"x\":",
                "{\"text\":\"\\ud800\"}"
            })
    @DisplayName("unreadable JSON without any signature is unsigned: it comes again, signed")
    void callsUnreadableJsonWithoutSigUnsigned(String json) {
        assertThat(check(request("POST", URL, JSON, Map.of(), utf8(json + " ")), ACCOUNT, NOW))
                .isEqualTo(new Unsigned());
    }

    @Test
    @DisplayName("JSON too deep or no UTF-8, without any signature, is unsigned")
    void callsOversizedJsonWithoutSigUnsigned() {
        String deep = "{\"x\":" + "[".repeat(101) + "]".repeat(101) + "}";
        byte[] latin = "{\"text\":\"Größe\"}".getBytes(StandardCharsets.ISO_8859_1);

        for (byte[] body : List.of(utf8(deep), latin)) {
            assertThat(check(request("POST", URL, JSON, Map.of(), body), ACCOUNT, NOW))
                    .isEqualTo(new Unsigned());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text=%E4%", "text=%ff", "%=1", "text=lässig=1%"})
    @DisplayName("a broken form without any signature is unsigned: it comes again, signed")
    void callsABrokenFormWithoutSigUnsigned(String form) {
        assertThat(check(request("POST", URL, FORM, Map.of(), utf8(form)), ACCOUNT, NOW))
                .isEqualTo(new Unsigned());
        assertThat(
                        check(
                                request("GET", URL + "?" + form, null, Map.of(), new byte[0]),
                                ACCOUNT,
                                NOW))
                .isEqualTo(new Unsigned());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sig=a&text=%E4%", "sig=a&text=%E4", "%=1&sig=a", "sig=%ff", "text=1&sig=%"})
    @DisplayName("S5: a form that is not UTF-8 or breaks off is an answer, not an exception")
    void refusesABrokenForm(String form) {
        assertThat(check(request("POST", URL, FORM, Map.of(), utf8(form)), ACCOUNT, NOW))
                .isEqualTo(forged("form"));
        assertThat(
                        check(
                                request("GET", URL + "?" + form, null, Map.of(), new byte[0]),
                                ACCOUNT,
                                NOW))
                .isEqualTo(forged("form"));
    }

    private static String code(Map<String, String> parameters) {
        var text = new StringBuilder();
        new TreeMap<>(parameters)
                .forEach(
                        (n, v) ->
                                text.append('&')
                                        .append(n)
                                        .append('=')
                                        .append(v.replace('&', '_').replace('=', '_')));
        return HexFormat.of()
                .formatHex(KeyedHash.HMAC_SHA256.of(utf8(SECRET), utf8(text.toString())));
    }

    private static String sig(String method) {
        return VECTOR.get("sig").get(method).asText();
    }

    private static TreeMap<String, String> parameters(String sig) {
        var parameters = new TreeMap<String, String>();
        VECTOR.get("params")
                .fields()
                .forEachRemaining(p -> parameters.put(p.getKey(), p.getValue().asText()));
        parameters.put("sig", sig);
        return parameters;
    }

    private static WebhookRequest json(Map<String, String> parameters) {
        return request("POST", URL, JSON, Map.of(), utf8(jsonOf(parameters)));
    }

    private static WebhookRequest form(Map<String, String> parameters) {
        return request("POST", URL, FORM, Map.of(), utf8(encoded(parameters)));
    }

    private static WebhookRequest query(Map<String, String> parameters) {
        return request("GET", URL + "?" + encoded(parameters), null, Map.of(), new byte[0]);
    }

    private static String jsonOf(Map<String, String> parameters) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        parameters.forEach(json::put);
        return json.toString();
    }

    private static String encoded(Map<String, String> parameters) {
        var pairs = new ArrayList<String>();
        parameters.forEach(
                (n, v) ->
                        pairs.add(
                                URLEncoder.encode(n, StandardCharsets.UTF_8)
                                        + "="
                                        + URLEncoder.encode(v, StandardCharsets.UTF_8)));
        return String.join("&", pairs);
    }

    private static Account withMethod(String method) {
        return withMethod(method, SECRET);
    }

    private static Account withMethod(String method, String... secrets) {
        return account(
                "vonage",
                null,
                Map.of("signatureSecret", List.of(secrets)),
                Map.of("smsSignature", method));
    }
}
