package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardWebhooksTest {

    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    private static final Instant TIME = Instant.ofEpochSecond(1614265330);
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @Test
    @DisplayName("the vector of the Standard Webhooks libraries")
    void signsAsOtherImplementationsDo() {
        String signature =
                new StandardWebhooks(SECRET).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", TIME, BODY);

        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void signsWithBothSecretsWhileRotating() {
        String both =
                new StandardWebhooks(SECRET + " whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=")
                        .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", TIME, BODY);

        // the second computed with: openssl dgst -sha256 -hmac 'jawort-demo-crm-secret-32-bytes!'
        // -binary | base64
        assertThat(both.split(" "))
                .containsExactly(
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                        "v1,7j4mSezvAgoyVgsd/4VkWqS0Km6v5RMQTl+Xj+IhFEU=");
    }

    @Test
    @DisplayName("v1a, with the key pair of RFC 8032 section 7.1, TEST 1")
    void signsByEd25519WithAKeyOfEitherLength() {
        String seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
        String both =
                "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";

        String signature = new StandardWebhooks("whsk_" + seed).sign("msg_1", TIME, BODY);

        assertThat(signature).startsWith("v1a,").hasSize(4 + 88);
        assertThat(new StandardWebhooks("whsk_" + both).sign("msg_1", TIME, BODY))
                .isEqualTo(signature);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_",
                "whsec_c2hvcnQ=",
                "whsec_not base64",
                "whsk_",
                "whsk_c2hvcnQ=",
                "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "whsec_%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"
            })
    void refusesASecretThatIsNoneWithoutRepeatingIt(String secret) {
        assertThatThrownBy(() -> new StandardWebhooks(secret))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("webhook secret")
                .message()
                .doesNotContain("c2hvcnQ=", "MfKQ9r8", "%%%");
    }
}
