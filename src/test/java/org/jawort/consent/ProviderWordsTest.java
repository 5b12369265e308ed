package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderWordsTest {

    /** As the providers' pages list them, written out once more. */
    @ParameterizedTest(name = "CON-15 {0} {1}")
    @CsvSource({
        "twilio, START, START YES UNSTOP",
        "messagebird, START, start begin resume revert unstop",
        "vonage, START, start unstop",
        "smooch, START, start unstop",
    })
    void knowsTheWordsOfEachProvider(String provider, ProviderPreference meaning, String words) {
        for (var word : words.split(" ")) {
            for (var written :
                    List.of(
                            word,
                            word.toUpperCase(Locale.ROOT),
                            word.toLowerCase(Locale.ROOT),
                            " " + word + "\n")) {
                assertThat(ProviderWords.read(provider, Channel.SMS, written))
                        .as(written)
                        .isEqualTo(meaning);
            }
        }
    }

    @ParameterizedTest
    @DisplayName(
            "T10, CON-15: in another spelling a word is no word of the provider, which has lifted"
                    + " nothing then")
    @ValueSource(
            strings = {
                "START!",
                "Start.",
                "s t a r t",
                "START START",
                "please start",
                "st\u200Bart",
                "ＳＴＡＲＴ",
                "„start“",
                "Anmelden",
                "stopp",
                "STOP",
                "STOP ALL",
                "opt out",
                "HELP",
                "INFO",
                ""
            })
    void takesNoOtherSpellingForAWord(String text) {
        assertThat(ProviderWords.read("twilio", Channel.SMS, text)).isNull();
    }

    @ParameterizedTest
    @DisplayName("T10, CON-15: no provider acts on words elsewhere than on SMS")
    @EnumSource(
            value = Channel.class,
            names = {"SMS", "MMS"},
            mode = EnumSource.Mode.EXCLUDE)
    void readsNoWordOnOtherChannels(Channel channel) {
        for (var word : Set.of("START", "STOP", "unstop")) {
            for (var provider : Set.of("twilio", "messagebird", "vonage", "smooch")) {
                assertThat(ProviderWords.read(provider, channel, word)).isNull();
            }
        }
    }

    @Test
    @DisplayName("T10, CON-15: one provider's word is not another's")
    void keepsTheProvidersApart() {
        assertThat(ProviderWords.read("messagebird", Channel.SMS, "YES")).isNull();
        assertThat(ProviderWords.read("twilio", Channel.SMS, "resume")).isNull();
        assertThat(ProviderWords.read("vonage", Channel.SMS, "STOP")).isNull();
    }

    @Test
    @DisplayName("CON-15: whatever a provider blocks at is a STOP for us, the stricter side")
    void blocksAtNothingThatWeDoNotHear() {
        for (var word : ProviderWords.STOPS) {
            assertThat(Keywords.DEFAULT.read(word, Channel.SMS, null))
                    .as(word)
                    .isEqualTo(new Reading.Stop());
        }
    }
}
