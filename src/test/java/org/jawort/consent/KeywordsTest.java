package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeywordsTest {

    private static final Keywords KEYWORDS = Keywords.DEFAULT;

    /** CON-13, written out once more: the lists are law, not whatever the code holds. */
    private static final String TABLE =
            """
            de | ja, ja bitte, einverstanden, ich stimme zu | nein, nein danke | stop, stopp, abmelden, abbestellen, austragen, widerruf, widerrufen, widerspruch
            en | yes, i agree, i consent | no, no thanks | stop, stop all, stopall, unsubscribe, optout, opt out, opt-out, revoke
            fr | oui, j'accepte | non | stop, arret, arrêt, desabonner, désabonner
            it | si, sì, accetto | no | stop, disiscrivimi, annulla iscrizione
            es | si, sí, acepto | no | stop, baja, cancelar suscripcion
            nl | ja, akkoord | nee | stop, afmelden, uitschrijven
            pl | tak, zgadzam się | nie | stop, wypisz, rezygnuję z wiadomości
            tr | evet, kabul ediyorum | hayır | dur, iptal et, stop
            """;

    static Stream<Arguments> answers() {
        return TABLE.lines()
                .map(line -> line.split(" \\| "))
                .flatMap(
                        cells ->
                                Stream.concat(
                                        Stream.of(cells[1].split(", "))
                                                .map(
                                                        w ->
                                                                Arguments.of(
                                                                        cells[0],
                                                                        w,
                                                                        new Reading.Grant())),
                                        Stream.of(cells[2].split(", "))
                                                .map(
                                                        w ->
                                                                Arguments.of(
                                                                        cells[0],
                                                                        w,
                                                                        new Reading.Deny()))));
    }

    static Stream<String> stopWords() {
        return TABLE.lines().flatMap(line -> Stream.of(line.split(" \\| ")[3].split(", ")));
    }

    @ParameterizedTest(name = "CON-13 {0} {1}")
    @MethodSource("answers")
    void readsEveryAnswerOfTheList(String language, String word, Reading reading) {
        assertThat(read(word, language)).isEqualTo(reading);
        assertThat(read(word.toUpperCase(Locale.ROOT) + "!", language)).isEqualTo(reading);
        assertThat(read(word + ".", language)).isEqualTo(reading);
    }

    @ParameterizedTest(name = "CON-11 {1} without a prompt")
    @MethodSource("answers")
    void readsNoAnswerWithoutAPrompt(String language, String word, Reading reading) {
        assertThat(read(word, null)).isEqualTo(new Reading.None());
    }

    @ParameterizedTest(name = "CON-13 {0}")
    @MethodSource("stopWords")
    void stopsInAnyLanguageWhateverSurroundsTheWord(String word) {
        for (var written :
                Set.of(
                        word,
                        word.toUpperCase(Locale.ROOT),
                        "„" + word + "“!!",
                        "🛑 " + word + " 🙏")) {
            assertThat(read(written, "de")).as(written).isEqualTo(new Reading.Stop());
            assertThat(read(written, null)).as(written).isEqualTo(new Reading.Stop());
        }
    }

    @ParameterizedTest
    @DisplayName("CON-11: nothing but the word grants")
    @ValueSource(
            strings = {
                "Ja?",
                "Ja, aber nur per SMS",
                "Ja ...",
                "Ja…",
                "👍",
                "ok",
                "Ja 👍",
                "(ja)",
                "ja ja",
                "yes",
                "oui",
                "tak",
                "jawohl",
                "j a",
                "nein?",
                "nee"
            })
    void neitherGrantsNorDeclinesOtherwise(String text) {
        assertThat(read(text, "de")).isEqualTo(new Reading.None());
    }

    @Test
    @DisplayName("CON-11: the language is the prompt's: tak is thanks in Danish")
    void readsAnswersInThePromptsLanguageOnly() {
        assertThat(read("Tak", "pl")).isEqualTo(new Reading.Grant());
        assertThat(read("Tak", "da")).isEqualTo(new Reading.None());
        assertThat(read("No", "it")).isEqualTo(new Reading.Deny());
        assertThat(read("No", "de")).isEqualTo(new Reading.None());
    }

    @ParameterizedTest
    @DisplayName("CON-10: Turkish I, sharp s, full width, zero width, bidi")
    @CsvSource({
        "HAYIR, tr",
        "hayir, tr",
        "Hayır, tr",
        "ＮＥＩＮ, de",
        "n\u200Bein, de",
        "\u202Enein\u202C, de",
        "'  nein\u00A0 danke ', de",
        "NI\u0307E, pl"
    })
    void declinesInEverySpelling(String text, String language) {
        assertThat(read(text, language)).isEqualTo(new Reading.Deny());
    }

    @Test
    @DisplayName("CON-10: case folding")
    void foldsTurkishIAndSharpS() {
        assertThat(Keywords.normalise("İPTAL ET")).isEqualTo("iptal et");
        assertThat(Keywords.normalise("Straße")).isEqualTo(Keywords.normalise("STRASSE"));
        assertThat(Keywords.normalise("ΟΔΟΣ")).isEqualTo(Keywords.normalise("οδος"));
        assertThat(read("İPTAL ET", null)).isEqualTo(new Reading.Stop());
    }

    @Test
    @DisplayName("CON-10: 40 code points and no more")
    void readsNoKeywordInALongText() {
        assertThat(read("stop" + "!".repeat(36), null)).isEqualTo(new Reading.Stop());
        assertThat(read("stop" + "!".repeat(37), null)).isEqualTo(new Reading.PossibleWithdrawal());
        assertThat(read("stop" + "\u200B".repeat(60), null)).isEqualTo(new Reading.Stop());
    }

    @ParameterizedTest
    @DisplayName("CON-12: whole message, leniently")
    @ValueSource(
            strings = {
                "S.T.O.P",
                "s t o p",
                "STOP STOP STOP",
                "*Stopp*",
                "opt_out",
                "#stop",
                "st\u00ADop",
                "Stop\n\n"
            })
    void stopsInOddSpellings(String text) {
        assertThat(read(text, null)).isEqualTo(new Reading.Stop());
    }

    @ParameterizedTest
    @DisplayName("CON-12: near matches")
    @ValueSource(
            strings = {
                "bitte keine Nachrichten mehr",
                "stop it",
                "Stop mal kurz",
                "Bitte stoppen",
                "Ich möchte mich abmelden",
                "Schicken Sie mir bitte keine Werbung mehr!",
                "nicht mehr schreiben",
                "please don't text me",
                "Leave me alone",
                "Lasst mich in Ruhe",
                "unsubcribe",
                "abmeldne",
                "stoppp",
                "sotp",
                "No more messages please",
                "Ik wil geen berichten meer",
                "Ne plus m'envoyer de messages",
                "Proszę nie pisać więcej wiadomości",
                "No quiero más mensajes",
                "artık mesaj istemiyorum",
                "keine Werbung",
                "hiermit widerrufe ich",
                "I withdraw my consent",
                "I revoke my consent",
                "revoke please",
                "Ich ziehe meine Einwilligung zurück",
                "Meine Zustimmung nehme ich hiermit zurück.",
                "Je retire mon consentement",
                "Retiro mi consentimiento",
                "Revoco il consenso",
                "Ik trek mijn toestemming in",
                "Wycofuję zgodę",
                "Onayımı geri alıyorum",
                "Ich möchte keine Werbung",
                "Bitte keine SMS an mich",
                "Ich will diese Nachrichten nicht",
                "I don't want your messages",
                "Je ne veux pas vos messages",
                "Pas de publicité s'il vous plaît, merci",
                "No quiero publicidad",
                "Geen reclame alstublieft",
                "Arrêtez",
                "arrêt svp",
                "Arrêtez de m'écrire",
                "baja por favor",
                "dur lütfen",
                "Lütfen dur!",
                "rezygnuję",
                "Hören Sie auf mir zu schreiben",
                "stop all of it please",
                "Ich bin nicht mehr einverstanden",
                "Do not message this number",
                "Please don't message again",
                "Please do not message us",
                "Never again message me",
                "Don't ever message me",
                "Keine Werbung, ich bekomme schon genug",
                "Pas de pub, j'ai déjà une voiture",
                "Non voglio pubblicità, ho già detto",
                "I don't want your ads, I have a car",
                "I did not ask for your newsletter",
                "Stop non merci",
                "Stop, non mi interessa",
                "Stop, non scrivetemi",
                "Non, stop!",
                "Ich möchte keine Nachrichten bekommen",
                "Ich möchte bitte keine Infos",
                "I still don't want your messages",
                "Ich will diese SMS nicht",
                "keine SMS",
                "Revoco la autorización",
                "Reklam istemiyorum",
                "Je retire mon autorisation",
                "I take my consent back",
                "Hören Sie auf!",
                "Ich melde mich ab, bitte",
                "Hiermit melde ich mich ab. Melde mich ab vom Verteiler",
                "Ich habe das Auto bekommen, ich möchte mich abmelden"
            })
    void holdsAtANearMatch(String text) {
        assertThat(read(text, null)).isEqualTo(new Reading.PossibleWithdrawal());
    }

    @ParameterizedTest
    @DisplayName("CON-12: not near")
    @ValueSource(
            strings = {
                "Wo ist die Bushaltestelle?",
                "Stoppersocke",
                "kein Problem",
                "Nein, das passt nicht mehr",
                "shop",
                "Step",
                "Gibt es einen Nonstop-Flug?",
                "non-stop",
                "Ich komme nicht",
                "Wann ist mein Termin?",
                "no problem",
                "I stopped by yesterday",
                "Wo ist der Bus Stop?",
                "Haben Sie noch mehr davon?",
                "Wann kommt der Bus, ich will nicht warten",
                "stop by tomorrow?",
                "Ich habe keine SMS bekommen",
                "Warum bekomme ich keine Nachricht?",
                "I did not get the message",
                "Je n'ai pas reçu de message",
                "No he recibido el mensaje",
                "Ich schicke Ihnen die Einwilligung morgen zurück",
                "Do you need my consent?",
                "Où est l'arrêt de bus ?",
                "C'est trop dur",
                "Estoy de baja hasta el lunes",
                "Cancelar",
                "Randevumu iptal et",
                "Quiero cancelar mi cita",
                "Rezygnuję z wizyty we wtorek",
                "Ich möchte nicht warten",
                "I do not want the red one",
                "bitte",
                "Danke!",
                "Leider noch keine Nachricht von der Werkstatt",
                "Noch keine Infos zum Liefertermin?",
                "Bisher keine SMS erhalten",
                "Still no message from the workshop",
                "I have no message from you",
                "Ich brauche den Wagen und habe noch keine Nachricht",
                "Ich will keine Nachricht verpassen",
                "Why don't you message me?",
                "Ich habe kein WhatsApp, bitte per SMS",
                "No, WhatsApp is fine for me",
                "Ich möchte per WhatsApp informiert werden, nicht per Anruf",
                "No quiero llamadas, quiero mensajes",
                "Chcę wiadomości SMS, nie telefon",
                "Je veux un message, pas un appel",
                "D'accord, je viens retirer la voiture demain",
                "¿Puedo retirar el permiso de circulación mañana?",
                "Mando autorización para que mi mujer pueda retirar el coche",
                "Serve un'autorizzazione per ritirare l'auto?",
                "Randevumu iptal ediyorum, işten izin alamadım",
                "Zgoda, odwołuję wizytę w piątek",
                "I give my consent. I will take the car back on Monday",
                "Hören Sie auf der Aufnahme das Klappern?",
                "Arrêtez d'attendre ma réponse, je prends la voiture",
                "Ich melde mich ab 14 Uhr",
                "Ich möchte mein altes Auto abmelden",
                "Können Sie die Abmeldung des Fahrzeugs übernehmen?",
                "Die Start-Stopp-Automatik funktioniert nicht",
                "Le feu stop ne marche pas",
                "La luz de stop no funciona",
                "Światło stop nie działa",
                "Stop lambası yanmıyor",
                "Lo stop destro è rotto",
                "Anmeldung",
                "Ummeldung",
                "Bestellen",
                "Zapisać",
                "Ummelden"
            })
    void takesAnOrdinaryMessageAsOne(String text) {
        assertThat(read(text, null)).isEqualTo(new Reading.None());
    }

    @Test
    @DisplayName("CON-12: a consent withdrawn in the middle of a letter")
    void holdsAtAWithdrawalInALetter() {
        var letter = "Guten Tag, ich war im Sommer bei Ihnen. ".repeat(20);

        assertThat(read(letter + "Ich ziehe meine Einwilligung zurück. " + letter, "de"))
                .isEqualTo(new Reading.PossibleWithdrawal());
        assertThat(read("Meine Einwilligung liegt bei. " + letter + "Ziehe ich zurück?", "de"))
                .isEqualTo(new Reading.None());
    }

    @Test
    @DisplayName("CON-12, CON-14: a STOP word of one channel, said politely, is near there only")
    void holdsAtAPoliteWordOfTheChannel() {
        assertThat(KEYWORDS.read("please cancel", Channel.SMS, null))
                .isEqualTo(new Reading.PossibleWithdrawal());
        assertThat(KEYWORDS.read("please cancel", Channel.WHATSAPP, null))
                .isEqualTo(new Reading.None());
    }

    static Stream<String> dataRequests() {
        return Stream.of(
                "delete my data",
                "erase my data",
                "delete my personal data",
                "delete all my data",
                "copy of my data",
                "access to my data",
                "meine daten löschen",
                "meine daten loeschen",
                "alle daten löschen",
                "lösche meine daten",
                "lösch meine daten",
                "löscht meine daten",
                "löschen sie meine daten",
                "löschung meiner daten",
                "loeschung meiner daten",
                "auskunft über meine daten",
                "auskunft ueber meine daten",
                "auskunft nach art",
                "auskunft gemäß art",
                "kopie meiner daten",
                "berichtigung meiner daten",
                "meine daten berichtigen",
                "berichtigen sie meine daten",
                "einschränkung der verarbeitung",
                "verarbeitung meiner daten einschränken",
                "datenübertragbarkeit",
                "correct my data",
                "rectify my data",
                "restrict the processing of my data",
                "data portability",
                "supprimer mes données",
                "supprimez mes données",
                "cancellare i miei dati",
                "cancellate i miei dati",
                "borrar mis datos",
                "eliminar mis datos",
                "mijn gegevens verwijderen",
                "verwijder mijn gegevens",
                "usuń moje dane",
                "usunąć moje dane",
                "verilerimi sil",
                "verilerimi silin",
                "Bitte löschen Sie meine Daten");
    }

    @ParameterizedTest(name = "CON-14, CON-12 {0}")
    @MethodSource("dataRequests")
    void readsADataRequestAtTheEndOfALongLetter(String phrase) {
        var letter = "Guten Tag, ich war im Sommer bei Ihnen. ".repeat(75) + phrase + ".";

        assertThat(letter).hasSizeGreaterThan(3_000);
        assertThat(read(letter, "de")).isInstanceOf(Reading.DataRequest.class);
    }

    @ParameterizedTest(name = "CON-14 {0}")
    @ValueSource(strings = {"start", "Unstop", "ANMELDEN", "subscribe!"})
    void readsStart(String text) {
        assertThat(read(text, "de")).isEqualTo(new Reading.Start());
    }

    @ParameterizedTest(name = "CON-14 {0}")
    @ValueSource(strings = {"Hilfe", "help?", "INFO", "Datenschutz"})
    void readsHelp(String text) {
        assertThat(read(text, "de")).isEqualTo(new Reading.Help());
    }

    @ParameterizedTest(name = "CON-14 {0}")
    @ValueSource(
            strings = {
                "Auskunft",
                "Daten löschen",
                "daten loeschen!",
                "delete my data",
                "Bitte löschen Sie meine Daten umgehend.",
                "I want you to delete all my data now, and I mean every single copy of it"
            })
    void readsADataRequestAndNoOptOut(String text) {
        assertThat(read(text, "de")).isInstanceOf(Reading.DataRequest.class);
    }

    @ParameterizedTest(name = "CON-14 {0}")
    @ValueSource(strings = {"kündigen", "KÜNDIGEN", "kundigen", "löschen"})
    void leavesAmbiguousWordsToAHuman(String text) {
        assertThat(read(text, "de")).isEqualTo(new Reading.HumanNeeded());
    }

    @ParameterizedTest(name = "CON-14, CON-15 {0}")
    @ValueSource(strings = {"end", "cancel", "QUIT", "Halt!", "detener", "ОСТАНОВИТЬ", "zatrzymaj"})
    void stopsAtProviderWordsOnSmsOnly(String text) {
        assertThat(KEYWORDS.read(text, Channel.SMS, null)).isEqualTo(new Reading.Stop());
        assertThat(KEYWORDS.read(text, Channel.MMS, null)).isEqualTo(new Reading.Stop());
        assertThat(KEYWORDS.read(text, Channel.WHATSAPP, null)).isEqualTo(new Reading.None());
    }

    @Test
    @DisplayName("CON-14: Apple's words")
    void stopsAtApplesWords() {
        for (var word : Set.of("unsubscribe", "spam", "stop", "end")) {
            assertThat(KEYWORDS.read(word, Channel.APPLE, null)).isEqualTo(new Reading.Stop());
        }
    }

    @Test
    @DisplayName("CON-13: a tenant adds words and takes none away")
    void addsATenantsWords() {
        var tenant =
                new Keywords(
                        new Keywords.Additions(
                                Map.of("de", Set.of("Jo")),
                                Map.of("da", Set.of("nej")),
                                Set.of("Cancel")));

        assertThat(tenant.read("jo", Channel.WEB, "de")).isEqualTo(new Reading.Grant());
        assertThat(tenant.read("Ja", Channel.WEB, "de")).isEqualTo(new Reading.Grant());
        assertThat(tenant.read("nej", Channel.WEB, "da")).isEqualTo(new Reading.Deny());
        assertThat(tenant.read("cancel", Channel.WEB, null)).isEqualTo(new Reading.Stop());
        assertThat(tenant.read("stopp", Channel.WEB, null)).isEqualTo(new Reading.Stop());
        assertThat(tenant.read("I want to cancel this", Channel.WEB, null))
                .isEqualTo(new Reading.PossibleWithdrawal());
        assertThatThrownBy(
                        () ->
                                new Keywords(
                                        new Keywords.Additions(
                                                Map.of("de", Set.of("stopp")), Map.of(), Set.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Reading read(String text, String language) {
        return KEYWORDS.read(text, Channel.WHATSAPP, language);
    }
}
