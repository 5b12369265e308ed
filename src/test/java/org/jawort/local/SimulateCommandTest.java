package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulateCommandTest {

    @Test
    void takesOptionsAnywhereAndAnAccountNamedLikeTheProvider() {
        var command =
                SimulateCommand.parse(
                        List.of(
                                "twilio",
                                "--fresh",
                                "sms-text",
                                "--text",
                                "--list me",
                                "--repeat",
                                "3"));

        assertThat(command)
                .isEqualTo(
                        new SimulateCommand(
                                "twilio", "sms-text", "twilio", "--list me", null, true, 3, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "twilio",
                "twilio a b",
                "twilio a --text",
                "twilio a --repeat 0",
                "twilio a --repeat 1000001",
                "twilio a --repeat x",
                "twilio a --frehs"
            })
    void refusesWhatItDoesNotUnderstand(String arguments) {
        assertThatThrownBy(() -> SimulateCommand.parse(List.of(arguments.split(" "))))
                .isInstanceOf(SimulateCommand.NotUnderstood.class);
    }
}
