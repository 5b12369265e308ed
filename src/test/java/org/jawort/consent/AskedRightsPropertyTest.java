package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class AskedRightsPropertyTest {

    @Property
    @Label("DSR-7: whoever forbids it, wherever the word stands, is not erased unread")
    void neverErasesAtANegation(
            @ForAll("orders") String order,
            @ForAll("negations") String negation,
            @ForAll @IntRange(max = 100) int place) {
        List<String> words = new ArrayList<>(List.of(order.split(" ")));
        words.add(place % (words.size() + 1), negation);

        assertIsNoOrder(String.join(" ", words));
    }

    @Property
    @Label("DSR-7: whoever asks is not erased unread")
    void neverErasesAtAQuestion(@ForAll("orders") String order, @ForAll("before") String before) {
        assertIsNoOrder(order + "?");
        assertIsNoOrder(before + " " + order);
    }

    @Property
    @Label("DSR-1, DSR-7: an order to erase among other sentences is heard and waits for a human")
    void hearsAnOrderAmongOtherSentences(
            @ForAll("orders") String order, @ForAll("sentences") String sentence) {
        for (String text : List.of(sentence + " " + order, order + ". " + sentence)) {
            AskedRights asked = AskedRights.of(text);

            assertThat(asked.rights()).as(text).contains(Right.ERASE);
            assertThat(asked.clear()).as(text).isFalse();
        }
    }

    @Property
    @Label(
            "CON-10, CON-14: case, spelling without umlauts, punctuation and courtesy change no reading")
    void readsTheSameHoweverItIsWritten(
            @ForAll("requests") String text,
            @ForAll boolean upper,
            @ForAll boolean typed,
            @ForAll("courtesy") String courtesy,
            @ForAll("ends") String end) {
        String written =
                typed && "de".equals(AskedRights.of(text).language())
                        ? text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
                        : text;
        written = upper ? written.toUpperCase(Locale.ROOT) : written;
        written = courtesy + written.replace(" ", "  ").replace(",", " , ") + end;

        AskedRights asked = AskedRights.of(written);

        assertThat(asked.rights()).as(written).isEqualTo(AskedRights.of(text).rights());
        assertThat(asked.clear()).as(written).isEqualTo(AskedRights.of(text).clear());
    }

    private static void assertIsNoOrder(String text) {
        AskedRights asked = AskedRights.of(text);

        assertThat(asked.clear() && asked.rights().contains(Right.ERASE)).as(text).isFalse();
    }

    @Provide
    Arbitrary<String> orders() {
        return Arbitraries.of(
                AskedRightsTest.CLEAR
                        .lines()
                        .filter(line -> line.contains("| ERASE |"))
                        .map(AskedRightsPropertyTest::text)
                        .toList());
    }

    @Provide
    Arbitrary<String> requests() {
        return Arbitraries.of(
                (AskedRightsTest.CLEAR + AskedRightsTest.UNCLEAR)
                        .lines()
                        .map(AskedRightsPropertyTest::text)
                        .toList());
    }

    private static String text(String line) {
        return line.split(" \\| ")[0];
    }

    @Provide
    Arbitrary<String> negations() {
        return Arbitraries.of(
                "nicht",
                "NICHT",
                "nie",
                "niemals",
                "kein",
                "keine",
                "nein",
                "ohne",
                "not",
                "don't",
                "never",
                "no",
                "without",
                "pas",
                "ne",
                "jamais",
                "non",
                "mai",
                "senza",
                "nunca",
                "sin",
                "niet",
                "nooit",
                "geen",
                "nee",
                "bez",
                "nigdy",
                "değil",
                "asla",
                "hiç",
                "keinesfalls",
                "doch",
                "undo",
                "stop",
                "später",
                "later");
    }

    @Provide
    Arbitrary<String> before() {
        return Arbitraries.of(
                "wie kann ich",
                "haben Sie",
                "wann",
                "warum",
                "falls",
                "how can I",
                "did you",
                "why",
                "when",
                "if",
                "comment",
                "pourquoi",
                "si",
                "come posso",
                "cuándo",
                "hoe kan ik",
                "jak",
                "nasıl",
                "wenn",
                "bevor Sie",
                "before you",
                "I did not ask you to",
                "ich soll");
    }

    @Provide
    Arbitrary<String> sentences() {
        return Arbitraries.of(
                "Der Wagen fährt wieder.",
                "Ist die Rechnung schon da?",
                "I sold the car last week!",
                "La voiture est prête.");
    }

    @Provide
    Arbitrary<String> courtesy() {
        return Arbitraries.of("", "Hallo, ", "Guten Tag! ", "Please: ", "🙏 ", "\u200B");
    }

    @Provide
    Arbitrary<String> ends() {
        return Arbitraries.of("", "!", "!!!", ".", " 😡", " …", " Danke", " thanks!");
    }
}
