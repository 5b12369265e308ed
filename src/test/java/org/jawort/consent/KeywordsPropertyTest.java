package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jawort.message.Channel;

class KeywordsPropertyTest {

    @Property
    @Label("CON-10: normalising twice is normalising once")
    void normalisesIdempotently(@ForAll("texts") String text) {
        var once = Keywords.normalise(text);

        assertThat(Keywords.normalise(once)).isEqualTo(once);
    }

    @Property
    @Label("CON-10: plain text is normalised as any other, for all that it goes a shorter way")
    void normalisesPlainTextAsAnyOther(@ForAll("plain") String text) {
        var plain = Keywords.normalise(text);

        assertThat(Keywords.normalise("é " + text)).isEqualTo(("é " + plain).strip());
    }

    @Property
    @Label("CON-10: invisible characters and case change no reading")
    void readsTheSameThroughNoise(
            @ForAll("keywords") String word, @ForAll("noise") String noise, @ForAll boolean upper) {
        var noisy = new StringBuilder(noise);
        word.codePoints().forEach(c -> noisy.appendCodePoint(c).append(noise));
        var written = upper ? noisy.toString().toUpperCase(Locale.ROOT) : noisy.toString();

        assertThat(read(written, "tr")).isEqualTo(read(word, "tr"));
    }

    @Property
    @Label("CON-11: no text grants that is not a word of the list")
    void grantsOnNothingElse(@ForAll String text) {
        assertThat(read(text, "de")).isNotEqualTo(new Reading.Grant());
    }

    @Provide
    Arbitrary<String> plain() {
        return Arbitraries.strings().withCharRange('\0', '\u007F').ofMaxLength(40);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(30),
                Arbitraries.strings()
                        .withChars(
                                "aAiIİıßẞſΣςéÉ\u0301\u0307\u0323\u034F\u200B\u200D\uFE0F ﬁŉǅ\u00A0\u1E9E\u0345ΐ"
                                        .toCharArray())
                        .ofMaxLength(12));
    }

    @Provide
    Arbitrary<String> keywords() {
        return Arbitraries.of(
                "evet",
                "hayır",
                "iptal et",
                "stop",
                "désabonner",
                "rezygnuję z wiadomości",
                "start",
                "auskunft");
    }

    @Provide
    Arbitrary<String> noise() {
        return Arbitraries.of(
                "", "\u200B", "\u200D\uFE0F", "\u202A", "\u0000", "\u2060\u00AD", "\uDB40\uDD00");
    }

    private static Reading read(String text, String language) {
        return Keywords.DEFAULT.read(text, Channel.WHATSAPP, language);
    }
}
