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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_",
                "whsec_c2hvcnQ=",
                "whsec_not base64",
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
