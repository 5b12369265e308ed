package org.jawort.consent;

import java.util.Map;
import java.util.Set;
import org.jawort.message.Channel;

/** The words of CON-13 to CON-15, as they are written; compared after {@link TextFolding}. */
final class WordLists {
    private WordLists() {}

    /** By language of the prompt. */
    static final Map<String, Set<String>> GRANT =
            Map.of(
                    "de", Set.of("ja", "ja bitte", "einverstanden", "ich stimme zu"),
                    "en", Set.of("yes", "i agree", "i consent"),
                    "fr", Set.of("oui", "j'accepte", "j’accepte"),
                    "it", Set.of("si", "sì", "accetto"),
                    "es", Set.of("si", "sí", "acepto"),
                    "nl", Set.of("ja", "akkoord"),
                    "pl", Set.of("tak", "zgadzam się"),
                    "tr", Set.of("evet", "kabul ediyorum"));

    static final Map<String, Set<String>> DENY =
            Map.of(
                    "de", Set.of("nein", "nein danke"),
                    "en", Set.of("no", "no thanks"),
                    "fr", Set.of("non"),
                    "it", Set.of("no"),
                    "es", Set.of("no"),
                    "nl", Set.of("nee"),
                    "pl", Set.of("nie"),
                    "tr", Set.of("hayır"));

    /** By language only to be read; a withdrawal counts in any of them. */
    static final Map<String, Set<String>> STOP =
            Map.of(
                    "de",
                    Set.of(
                            "stop",
                            "stopp",
                            "abmelden",
                            "abbestellen",
                            "austragen",
                            "widerruf",
                            "widerrufen",
                            "widerspruch"),
                    "en",
                    Set.of(
                            "stop",
                            "stop all",
                            "stopall",
                            "unsubscribe",
                            "optout",
                            "opt out",
                            "opt-out",
                            "revoke"),
                    "fr",
                    Set.of("stop", "arret", "arrêt", "desabonner", "désabonner"),
                    "it",
                    Set.of("stop", "disiscrivimi", "annulla iscrizione"),
                    "es",
                    Set.of("stop", "baja", "cancelar suscripcion"),
                    "nl",
                    Set.of("stop", "afmelden", "uitschrijven"),
                    "pl",
                    Set.of("stop", "wypisz", "rezygnuję z wiadomości"),
                    "tr",
                    Set.of("dur", "iptal et", "stop"));

    /**
     * Words at which an SMS provider blocks the person itself, whichever provider carries the
     * number today: the stricter side wins (CON-15), and a person who wrote one of them was told by
     * the provider that it is over.
     */
    private static final Set<String> STOP_SMS = ProviderWords.STOPS;

    private static final Set<String> STOP_APPLE = Set.of("spam", "end");

    static Set<String> stopOn(Channel channel) {
        return switch (channel) {
            case SMS, MMS -> STOP_SMS;
            case APPLE -> STOP_APPLE;
            case WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, VIBER, RCS, LINE, WEB -> Set.of();
        };
    }

    static final Set<String> START = Set.of("start", "unstop", "anmelden", "subscribe");

    static final Set<String> HELP = Set.of("hilfe", "help", "info", "datenschutz");

    /** What a program should not deal with, and the words by which people ask for people. */
    static final Set<String> HUMAN =
            Set.of(
                    "kündigen",
                    "kuendigen",
                    "kündigung",
                    "kuendigung",
                    "löschen",
                    "loeschen",
                    "mensch",
                    "mitarbeiter",
                    "mitarbeiterin",
                    "human",
                    "agent",
                    "conseiller",
                    "operatore",
                    "agente",
                    "medewerker",
                    "konsultant",
                    "temsilci");
}
