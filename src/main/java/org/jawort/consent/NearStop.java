package org.jawort.consent;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Guesses whether a message that is no STOP word means one (CON-12). It errs towards yes: a wrong
 * yes holds notifications until a human has looked, a wrong no goes on writing to a person who
 * asked for silence. So "Stop mal kurz" is a near match.
 *
 * <p>Three signs: a stop word stands alone among others; a refusal of messages is spelt out; a
 * single word is a misspelt stop word. Words are compared whole, which keeps "Bushaltestelle" and
 * "Stoppersocke" out.
 */
final class NearStop {
    private static final int MAX_WORDS = 40;

    private static final Set<String> STOP_WORDS =
            Set.of(
                    "stop",
                    "stopp",
                    "stoppen",
                    "stoppt",
                    "unsubscribe",
                    "optout",
                    "abmelden",
                    "abmeldung",
                    "abbestellen",
                    "abbestelle",
                    "austragen",
                    "widerruf",
                    "widerrufe",
                    "widerrufen",
                    "widerspruch",
                    "widerspreche",
                    "desabonner",
                    "desinscrire",
                    "disiscrivimi",
                    "disiscrivermi",
                    "afmelden",
                    "uitschrijven",
                    "wypisz",
                    "wypisac");

    /** Before or after "stop" it is a thing, not a wish. */
    private static final Set<String> STOP_AS_THING =
            Set.of("non", "bus", "tram", "one", "pit", "truck", "next", "over");

    private static final Set<String> NEGATIONS =
            Set.of(
                    "kein",
                    "keine",
                    "keinen",
                    "keinerlei",
                    "nicht",
                    "nie",
                    "nix",
                    "no",
                    "not",
                    "dont",
                    "don",
                    "never",
                    "pas",
                    "plus",
                    "non",
                    "niente",
                    "nessun",
                    "nessuna",
                    "ningun",
                    "ninguna",
                    "geen",
                    "niet",
                    "zadnych",
                    "hic",
                    "istemiyorum");

    private static final Set<String> ANY_MORE =
            Set.of(
                    "mehr",
                    "weiteren",
                    "weitere",
                    "more",
                    "anymore",
                    "further",
                    "plus",
                    "piu",
                    "mas",
                    "meer",
                    "wiecej",
                    "artik",
                    "longer");

    private static final Set<String> MESSAGES =
            Set.of(
                    "nachricht",
                    "nachrichten",
                    "sms",
                    "whatsapp",
                    "whatsapps",
                    "werbung",
                    "newsletter",
                    "infos",
                    "mails",
                    "message",
                    "messages",
                    "texts",
                    "msgs",
                    "ads",
                    "spam",
                    "mensaje",
                    "mensajes",
                    "messaggi",
                    "messaggio",
                    "berichten",
                    "wiadomosci",
                    "mesaj",
                    "mesajlar",
                    "publicidad",
                    "pubblicita",
                    "publicite",
                    "reclame");

    private static final Set<String> WRITING =
            Set.of(
                    "schreiben",
                    "schreibt",
                    "schreib",
                    "schicken",
                    "schickt",
                    "schick",
                    "senden",
                    "sendet",
                    "kontaktieren",
                    "kontaktiert",
                    "anschreiben",
                    "contact",
                    "text",
                    "texting",
                    "write",
                    "writing",
                    "send",
                    "sending",
                    "message",
                    "messaging",
                    "ecrire",
                    "ecrivez",
                    "envoyer",
                    "envoyez",
                    "enviar",
                    "envien",
                    "escribir",
                    "scrivere",
                    "scrivetemi",
                    "mandare",
                    "sturen",
                    "schrijven",
                    "pisac",
                    "piszcie",
                    "yazmayin",
                    "gondermeyin");

    private static final List<String> PHRASES =
            List.of(
                    "in ruhe lassen",
                    "lass mich in ruhe",
                    "lasst mich in ruhe",
                    "lassen sie mich in ruhe",
                    "leave me alone",
                    "remove me",
                    "take me off",
                    "unsubscribe me",
                    "opt out",
                    "opt me out",
                    "aus dem verteiler",
                    "melde mich ab",
                    "melden sie mich ab",
                    "melde dich ab",
                    "bestelle ab",
                    "darme de baja",
                    "dame de baja",
                    "laisse moi tranquille",
                    "laissez moi tranquille",
                    "lasciatemi in pace",
                    "laat me met rust",
                    "dajcie mi spokoj",
                    "mesaj atmayin",
                    "mesaj istemiyorum",
                    "yazmayin",
                    "no mas mensajes");

    /**
     * @param words folded, without accents, letters and digits with single spaces
     */
    boolean matches(String words) {
        var tokens = words.split(" ");
        if (words.isEmpty() || tokens.length > MAX_WORDS) {
            return false;
        }
        var padded = " " + words + " ";
        return PHRASES.stream().anyMatch(phrase -> padded.contains(" " + phrase + " "))
                || namesStop(tokens)
                || refusesMessages(tokens)
                || (tokens.length == 1 && isMisspelt(tokens[0]));
    }

    private static boolean namesStop(String[] tokens) {
        for (int i = 0; i < tokens.length; i++) {
            var isThing =
                    (i > 0 && STOP_AS_THING.contains(tokens[i - 1]))
                            || (i + 1 < tokens.length && STOP_AS_THING.contains(tokens[i + 1]));
            if (STOP_WORDS.contains(tokens[i]) && !isThing) {
                return true;
            }
        }
        return false;
    }

    /**
     * A negation, and of "more", "messages" and "write" any two; "kein Problem" has none, "keine
     * Nachricht" alone only one.
     */
    private static boolean refusesMessages(String[] tokens) {
        var signs =
                Stream.of(ANY_MORE, MESSAGES, WRITING)
                        .filter(words -> Arrays.stream(tokens).anyMatch(words::contains))
                        .count();
        var negated = Arrays.stream(tokens).anyMatch(NEGATIONS::contains);
        return (negated && signs >= 2)
                || startsWithAll(tokens, Set.of("keine", "no"), MESSAGES)
                || (negated && isOrderNotToWrite(tokens));
    }

    /** "keine Werbung", "no messages please": little else is said. */
    private static boolean startsWithAll(String[] tokens, Set<String> first, Set<String> second) {
        return tokens.length >= 2
                && tokens.length <= 4
                && Stream.of(0, 1)
                        .anyMatch(
                                i ->
                                        i + 1 < tokens.length
                                                && first.contains(tokens[i])
                                                && second.contains(tokens[i + 1]));
    }

    /** "dont text me", "do not contact me". */
    private static boolean isOrderNotToWrite(String[] tokens) {
        return tokens.length <= 8
                && Arrays.asList(tokens).contains("me")
                && Arrays.stream(tokens).anyMatch(WRITING::contains);
    }

    private static boolean isMisspelt(String token) {
        return STOP_WORDS.stream().anyMatch(word -> isMisspelt(token, word));
    }

    private static boolean isMisspelt(String token, String word) {
        if (token.equals(word)) {
            return true;
        }
        if (word.length() >= 7) {
            return distance(token, word) <= 2;
        }
        // "shop" and "step" are words of their own: here only stretched, shortened or swapped
        // letters count
        return word.equals("stop")
                && (squeeze(token).equals("stop")
                        || token.equals("stp")
                        || (token.length() == 4 && isSwapped(token, word)));
    }

    private static String squeeze(String token) {
        return token.replaceAll("(.)\\1+", "$1");
    }

    private static boolean isSwapped(String token, String word) {
        for (int i = 0; i + 1 < word.length(); i++) {
            var swapped =
                    word.substring(0, i)
                            + word.charAt(i + 1)
                            + word.charAt(i)
                            + word.substring(i + 2);
            if (swapped.equals(token)) {
                return true;
            }
        }
        return false;
    }

    /** Levenshtein distance, 3 meaning more than 2. */
    private static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > 2) {
            return 3;
        }
        var previous = new int[other.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            var row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], previous[j]) + 1, previous[j - 1] + change);
            }
            previous = row;
        }
        return previous[other.length()];
    }
}
