package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalSettingsTest {

    @Test
    void movesThePublicUrlWithThePort() {
        assertThat(LocalSettings.from(Map.of("PORT", "9000")::get).publicUrl())
                .isEqualTo("http://localhost:9000");
        assertThat(LocalSettings.from(Map.<String, String>of()::get).publicUrl())
                .isEqualTo("http://localhost:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "http", "-1", "80 80"})
    void refusesWhatIsNoPort(String value) {
        assertThatThrownBy(() -> LocalSettings.from(Map.of("PORT", value)::get))
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("PORT")
                .hasMessageContaining(value);
    }

    @Test
    void runsTheClockAheadAsFarAsTheHubs() {
        var settings = LocalSettings.from(Map.of("JAWORT_CLOCK_OFFSET", "P130D")::get);

        assertThat(settings.clock().instant())
                .isCloseTo(Instant.now().plus(Duration.ofDays(130)), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void refusesAClockOffsetThatIsNoDuration() {
        var settings = LocalSettings.from(Map.of("JAWORT_CLOCK_OFFSET", "130 days")::get);

        assertThatThrownBy(settings::clock)
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("130 days");
    }

    @Test
    void prefersCredentialsOfTheEnvironmentToThePublishedOnes() {
        var credentials =
                DemoTenant.credentials(Map.of("TWILIO_TOKEN", "own", "SMOOCH_SECRET", "")::get);

        assertThat(credentials)
                .containsEntry("TWILIO_TOKEN", "own")
                .containsEntry("SMOOCH_SECRET", "sunco_demo_webhook_secret_3b7e");
    }

    @Test
    void makesTheRootKeyOnceForItsOwnerAlone(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("keys/root.key");

        RootKey.ensure(file);
        String first = Files.readString(file);
        RootKey.ensure(file);

        assertThat(Files.readString(file)).isEqualTo(first);
        assertThat(Base64.getDecoder().decode(first)).hasSize(32);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }
}
