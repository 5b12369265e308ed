package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.intake.SignatureFixture.AUTHENTIC;
import static org.jawort.intake.SignatureFixture.JSON;
import static org.jawort.intake.SignatureFixture.account;
import static org.jawort.intake.SignatureFixture.check;
import static org.jawort.intake.SignatureFixture.forged;
import static org.jawort.intake.SignatureFixture.request;
import static org.jawort.intake.SignatureFixture.utf8;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmoochSignatureTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:11:12Z");
    private static final String URL =
            "https://hub.example.test/webhooks/smooch/autohaus-muster/main";
    private static final String SECRET = "sunco_demo_webhook_secret_3b7e";
    private static final String PREVIOUS = "sunco_demo_webhook_secret_old1";

    @TestFactory
    Stream<DynamicTest> givesTheStatedResultForEveryVector() {
        return StreamSupport.stream(
                        SignatureFixture.vectors("smooch").get("vectors").spliterator(), false)
                .map(
                        vector ->
                                dynamicTest(
                                        vector.get("name").asText(),
                                        () -> {
                                            var request =
                                                    request(
                                                            "POST",
                                                            URL,
                                                            JSON,
                                                            SignatureFixture.headers(vector),
                                                            SignatureFixture.body(
                                                                    "smooch", vector));

                                            SignatureCheck result =
                                                    check(
                                                            request,
                                                            withSecrets(SECRET, PREVIOUS),
                                                            NOW);

                                            assertThat(result.equals(AUTHENTIC))
                                                    .isEqualTo(vector.get("valid").asBoolean());
                                        }));
    }

    @Test
    @DisplayName("S3: the old secret is refused once it is removed")
    void refusesTheOldSecretAfterTheRotation() {
        assertThat(check(withKey(PREVIOUS), withSecrets(SECRET, PREVIOUS), NOW))
                .isEqualTo(AUTHENTIC);
        assertThat(check(withKey(PREVIOUS), withSecrets(SECRET), NOW)).isEqualTo(forged("api_key"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                " " + SECRET,
                SECRET + " ",
                SECRET + "\t",
                SECRET + "\n",
                SECRET + "," + SECRET,
                "null",
                "\u0000"
            })
    void refusesAGarbledHeader(String header) {
        assertThat(check(withKey(header), withSecrets(SECRET), NOW)).isEqualTo(forged("api_key"));
    }

    @Test
    @DisplayName("S3: an account without a secret accepts nothing, not even nothing")
    void acceptsNothingWithoutASecret() {
        assertThat(check(withKey(SECRET), withSecrets(), NOW)).isEqualTo(forged("api_key"));
        assertThat(check(withKey(SECRET), withSecrets(""), NOW)).isEqualTo(forged("api_key"));
        assertThat(check(withKey(""), withSecrets(""), NOW)).isEqualTo(forged("missing"));
        assertThat(check(request("POST", URL, JSON, Map.of(), utf8("{}")), withSecrets(""), NOW))
                .isEqualTo(forged("missing"));
    }

    private static WebhookRequest withKey(String key) {
        return request("POST", URL, JSON, Map.of("X-API-Key", key), utf8("{}"));
    }

    private static Account withSecrets(String... secrets) {
        return account("smooch", null, Map.of("secret", List.of(secrets)));
    }
}
