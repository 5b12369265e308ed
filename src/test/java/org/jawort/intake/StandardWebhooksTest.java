package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jawort.intake.SignatureFixture.AUTHENTIC;
import static org.jawort.intake.SignatureFixture.JSON;
import static org.jawort.intake.SignatureFixture.account;
import static org.jawort.intake.SignatureFixture.check;
import static org.jawort.intake.SignatureFixture.forged;
import static org.jawort.intake.SignatureFixture.request;
import static org.jawort.intake.SignatureFixture.utf8;
import static org.jawort.intake.SignatureFixture.withBody;
import static org.jawort.intake.SignatureFixture.withHeader;
import static org.jawort.intake.SignatureFixture.withUrl;

import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The platform generation of MessageBird. */
class StandardWebhooksTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_793_692_800);
    private static final String URL =
            "https://hub.example.test/webhooks/messagebird/autohaus-muster/bird";
    private static final byte[] KEY = utf8("\u0001\u0002demo key of 24 bytes..");
    private static final byte[] BODY = utf8("{\"service\": \"channels\", \"text\": \"Grüße\"}");

    @Test
    void acceptsASignatureOverIdTimestampAndBody() throws Exception {
        assertThat(check(signed(KEY), platform(secret(KEY)), NOW)).isEqualTo(AUTHENTIC);
        assertThat(check(signed(KEY), platform(Base64.getEncoder().encodeToString(KEY)), NOW))
                .isEqualTo(AUTHENTIC);
    }

    @Test
    void agreesWithAValueComputedElsewhere() {
        // echo -n 'msg_2x.1793692800.{"a":1}' | openssl dgst -sha256 -hmac 'demo-key' -binary |
        // base64
        var request =
                request(
                        "POST",
                        URL,
                        JSON,
                        Map.of(
                                "webhook-id", "msg_2x",
                                "webhook-timestamp", "1793692800",
                                "webhook-signature",
                                        "v1,qKlrGMSb4ugihrag5Bq2WGg94CUhItmvAGZQuxPQ2Ks="),
                        utf8("{\"a\":1}"));

        assertThat(check(request, platform("whsec_ZGVtby1rZXk="), NOW)).isEqualTo(AUTHENTIC);
    }

    @Test
    void findsItsSignatureAmongSeveral() throws Exception {
        String right = code(KEY);
        Account account = platform(secret(KEY));

        for (String several :
                List.of(
                        "v1a,xyz v1," + right,
                        "v1,AAAA v1," + right + " v2,x",
                        "v1," + right + " ")) {
            assertThat(check(withHeader(signed(KEY), "webhook-signature", several), account, NOW))
                    .isEqualTo(AUTHENTIC);
        }
        for (String wrong :
                List.of(
                        right,
                        "v2," + right,
                        "V1," + right,
                        "v1, " + right,
                        "v1," + right + ",",
                        "v1",
                        ",")) {
            assertThat(check(withHeader(signed(KEY), "webhook-signature", wrong), account, NOW))
                    .isEqualTo(forged("signature"));
        }
    }

    @Test
    @DisplayName("S3: id, time and body are bound to the key")
    void refusesWhatWasNotSigned() throws Exception {
        Account account = platform(secret(KEY));

        assertThat(check(withBody(signed(KEY), utf8("{}")), account, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withHeader(signed(KEY), "webhook-id", "msg_2"), account, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(withHeader(signed(KEY), "webhook-timestamp", "1793692801"), account, NOW))
                .isEqualTo(forged("signature"));
        assertThat(check(signed(utf8("other key")), account, NOW)).isEqualTo(forged("signature"));
        assertThat(check(signed(KEY), platform(secret(utf8("next")), secret(KEY)), NOW))
                .isEqualTo(AUTHENTIC);
        assertThat(check(signed(KEY), platform(), NOW)).isEqualTo(forged("signature"));
        assertThat(check(signed(KEY), platform(""), NOW)).isEqualTo(forged("signature"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"?id=x&status=delivery_failed", "?x=1", "?"})
    @DisplayName("S3: a query is signed by nobody, so a webhook that has one is refused")
    void refusesAQuery(String query) throws Exception {
        var asked = withUrl(signed(KEY), URL + query);

        assertThat(check(asked, platform(secret(KEY)), NOW)).isEqualTo(forged("query"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhook-id", "webhook-timestamp", "webhook-signature"})
    void needsAllThreeHeaders(String missing) throws Exception {
        var headers = new HashMap<>(signed(KEY).headers());
        headers.remove(missing);

        assertThat(check(request("POST", URL, JSON, headers, BODY), platform(secret(KEY)), NOW))
                .isEqualTo(forged("missing"));
    }

    @ParameterizedTest
    @CsvSource({"300, authentic", "301, too_old", "-300, authentic", "-301, in_future"})
    @DisplayName("S4: 300 s on both sides")
    void boundsTheTimestamp(long secondsLater, String outcome) throws Exception {
        SignatureCheck result =
                check(signed(KEY), platform(secret(KEY)), NOW.plusSeconds(secondsLater));

        assertThat(result).isEqualTo(outcome.equals("authentic") ? AUTHENTIC : forged(outcome));
    }

    @ParameterizedTest
    @ValueSource(strings = {"whsec_", "whsec_***", "no base64!", "="})
    void saysThatAKeyIsUnreadableWithoutSayingTheKey(String key) {
        assertThatThrownBy(() -> new SignatureSchemes().of(platform(key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "account main of autohaus-muster: signingKey of the platform API is whsec_ followed by Base64");
    }

    private static String code(byte[] key) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update(utf8("msg_1.1793692800."));
        return Base64.getEncoder().encodeToString(mac.doFinal(BODY));
    }

    private static WebhookRequest signed(byte[] key) throws Exception {
        return request(
                "POST",
                URL,
                JSON,
                Map.of(
                        "webhook-id", "msg_1",
                        "webhook-timestamp", "1793692800",
                        "webhook-signature", "v1," + code(key)),
                BODY);
    }

    private static String secret(byte[] key) {
        return "whsec_" + Base64.getEncoder().encodeToString(key);
    }

    private static Account platform(String... keys) {
        return account("messagebird", "platform", Map.of("signingKey", List.of(keys)));
    }
}
