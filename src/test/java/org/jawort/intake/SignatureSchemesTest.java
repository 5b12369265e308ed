package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jawort.intake.SignatureFixture.account;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureSchemesTest {

    private final SignatureSchemes schemes = new SignatureSchemes();

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "sinch", "Twilio", "twilio "})
    void saysWhichProvidersItKnows(String provider) {
        assertThatThrownBy(() -> schemes.of(account(provider, null, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "account main of autohaus-muster: provider '%s' is not one of twilio, messagebird, vonage, smooch",
                        provider);
    }

    @Test
    void choosesTheGenerationOfMessageBirdByTheAccountAlone() {
        assertThat(schemes.of(account("messagebird", null, Map.of())))
                .isEqualTo(MessageBirdSignature.CLASSIC);
        assertThat(schemes.of(account("messagebird", "classic", Map.of())))
                .isEqualTo(MessageBirdSignature.CLASSIC);
        assertThat(schemes.of(account("messagebird", "channels", Map.of())))
                .isEqualTo(MessageBirdSignature.CHANNELS);
        assertThat(schemes.of(account("messagebird", "platform", Map.of())))
                .isEqualTo(MessageBirdSignature.PLATFORM);
        assertThatThrownBy(() -> schemes.of(account("messagebird", "gen2", Map.of())))
                .hasMessage(
                        "account main of autohaus-muster: api 'gen2' is not one of classic, channels, platform");
    }

    @ParameterizedTest
    @CsvSource({
        "smsSignature, MD5HASH",
        "smsSignature, none",
        "smsSignature, ''",
        "jwtWindow, 25h",
        "jwtWindow, ''",
        "jwtWindow, PT0S",
        "jwtWindow, -PT5M",
        "jwtWindow, P366D",
        "jwtWindow, PT999999999999H"
    })
    void refusesASettingOfVonageItCannotRead(String name, String value) {
        var account =
                account(
                        "vonage",
                        null,
                        Map.of("signatureSecret", List.of("geheim")),
                        Map.of(name, value));

        assertThatThrownBy(() -> schemes.of(account))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "account main of autohaus-muster: " + name + " '" + value + "' is not ")
                .hasMessageNotContaining("geheim");
    }
}
