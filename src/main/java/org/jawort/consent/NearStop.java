package org.jawort.consent;

import static org.jawort.consent.NearStopWords.*;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Guesses whether a message that is no STOP word means one (CON-12). It errs towards yes: a wrong
 * yes holds notifications until a human has looked, a wrong no goes on writing to a person who
 * asked for silence. So "Stop mal kurz" is a near match.
 *
 * <p>Four signs: a stop word stands alone among others; a refusal of messages is spelt out; a
 * consent is said to be withdrawn; a single word is a misspelt stop word. Words are compared whole,
 * which keeps "Bushaltestelle" and "Stoppersocke" out, and within a clause, so that "no" and
 * "messages" in "No quiero llamadas, quiero mensajes" have nothing to do with each other.
 */
final class NearStop {
    /** Beyond this only a consent said to be withdrawn counts; what else is found is chance. */
    private static final int MAX_WORDS = 40;

    /** Of one wish, and of how far its words lie apart. */
    private static final int WISH = 12;

    /** How far a verb that is said of cars as well may lie from the consent. */
    private static final int NEAR = 5;

    private static final Set<String> MISSED = padded(NOT_ARRIVED);
    private static final Set<String> APART = padded(SEPARABLE);

    private final Set<String> listed;
    private final Set<String> stopWords;
    private final Set<String> phrases;

    /**
     * @param stop what is a STOP as a whole message, folded as for {@link #matches}
     */
    NearStop(Collection<String> stop) {
        var telling = new HashSet<>(stop);
        telling.removeAll(OF_OTHER_MEANING);
        listed = Set.copyOf(telling);
        telling.addAll(INFLECTED);
        telling.addAll(PHRASES);
        var byLength =
                telling.stream()
                        .collect(
                                Collectors.partitioningBy(
                                        said -> said.contains(" "),
                                        Collectors.toUnmodifiableSet()));
        stopWords = byLength.get(false);
        phrases = padded(byLength.get(true));
    }

    /**
     * @param clauses what stands between punctuation marks: folded, without accents, letters and
     *     digits with single spaces, none empty
     */
    boolean matches(List<String> clauses) {
        if (clauses.isEmpty()) {
            return false;
        }
        var words = String.join(" ", clauses);
        var tokens = words.split(" ");
        if (withdrawsConsent(tokens, WISH, WITHDRAWING)
                || clauses.stream()
                        .anyMatch(one -> withdrawsConsent(one.split(" "), NEAR, TAKING_BACK))) {
            return true;
        }
        if (tokens.length > MAX_WORDS) {
            return false;
        }
        return says(words, phrases)
                || clauses.stream().anyMatch(this::refuses)
                || (tokens.length == 1 && isMisspelt(words))
                || ALONE.contains(withoutCourtesy(words));
    }

    /** "baja por favor" is "baja": what is polite says nothing else. */
    static String withoutCourtesy(String words) {
        return Stream.of(words.split(" "))
                .filter(word -> !PLEASE.contains(word) && !THANKS.contains(word))
                .collect(Collectors.joining(" "));
    }

    private boolean refuses(String clause) {
        var tokens = clause.split(" ");
        return namesStop(tokens) || stopsDoing(clause) || refusesMessages(clause);
    }

    private boolean namesStop(String[] tokens) {
        // the "de" of "luz de stop"
        var bare = Stream.of(tokens).filter(token -> !token.equals("de")).toList();
        for (int i = 0; i < bare.size(); i++) {
            var word = bare.get(i);
            var isThing =
                    (i > 0 && THING_BEFORE_STOP.contains(bare.get(i - 1)))
                            || (i + 1 < bare.size() && THING_AFTER_STOP.contains(bare.get(i + 1)))
                            || (OF_CARS.contains(word) && bare.stream().anyMatch(CARS::contains));
            if (stopWords.contains(word) && !isThing) {
                return true;
            }
        }
        return false;
    }

    /** "Hören Sie auf mir zu schreiben", but not "hören Sie auf der Aufnahme". */
    private static boolean stopsDoing(String clause) {
        var padded = " " + clause + " ";
        return APART.stream()
                .filter(padded::contains)
                .map(verb -> padded.substring(padded.indexOf(verb) + verb.length()).split(" ")[0])
                .anyMatch(
                        next ->
                                next.isEmpty()
                                        || AFTER_SEPARABLE.contains(next)
                                        || PLEASE.contains(next)
                                        || THANKS.contains(next));
    }

    /**
     * A negation, and of "more", "messages" and "write" any two; "kein Problem" has none, "keine
     * Nachricht" alone only one.
     */
    private static boolean refusesMessages(String clause) {
        // the "t" of "don't" and the "de" of "pas de publicité"
        var words =
                Stream.of(clause.split(" "))
                        .filter(word -> !word.equals("t") && !word.equals("de"))
                        .toList();
        if (words.stream().noneMatch(NEGATIONS::contains)) {
            return false;
        }
        var signs =
                Stream.of(ANY_MORE, MESSAGES, WRITING)
                        .filter(sign -> words.stream().anyMatch(sign::contains))
                        .count();
        return signs >= 2
                || isOrderNotToWrite(words)
                || isOrderNotToMessage(words)
                || (words.size() <= WISH
                        && (follows(words, ADVERTISING)
                                || (words.stream().noneMatch(DEAR::contains)
                                        && (wantsNoMessages(words)
                                                || saysNoMessages(clause, words)))));
    }

    /** "Ich möchte keine Nachrichten", "I don't want your messages", "ich will SMS nicht". */
    private static boolean wantsNoMessages(List<String> words) {
        // English has a "will" that wants nothing
        var isWill = words.contains("ich");
        return words.stream().anyMatch(MESSAGES::contains)
                && IntStream.range(0, words.size())
                        .filter(
                                i ->
                                        WANTING.contains(words.get(i))
                                                || (isWill && words.get(i).equals("will")))
                        .anyMatch(i -> NEGATIONS.contains(words.getLast()) || isNegated(words, i));
    }

    /** "mochte bitte keine", "not really want", but not "quiero mensajes no". */
    private static boolean isNegated(List<String> words, int verb) {
        return words.subList(Math.max(0, verb - 2), verb).stream().anyMatch(NEGATIONS::contains)
                || words.subList(verb + 1, Math.min(words.size(), verb + 3)).stream()
                        .takeWhile(word -> !MESSAGES.contains(word))
                        .anyMatch(NEGATIONS::contains);
    }

    /**
     * "keine Nachrichten", unless they are missed; of a channel only as a wish or if nothing else
     * is said, for who has no WhatsApp refuses nothing.
     */
    private static boolean saysNoMessages(String clause, List<String> words) {
        var isWish = words.size() == 2 || words.stream().anyMatch(PLEASE::contains);
        return !says(clause, MISSED)
                && (follows(words, TEXTS) || (isWish && follows(words, CHANNELS)));
    }

    private static boolean follows(List<String> words, Set<String> named) {
        return IntStream.range(1, words.size())
                .anyMatch(i -> NONE_OF.contains(words.get(i - 1)) && named.contains(words.get(i)));
    }

    /** "Ich ziehe meine Einwilligung zurück", wherever it stands in a letter. */
    private static boolean withdrawsConsent(String[] tokens, int reach, Set<String> verbs) {
        var all = List.of(tokens);
        return IntStream.range(0, tokens.length)
                .filter(
                        i ->
                                CONSENT.contains(tokens[i])
                                        || (i > 0
                                                && MINE.contains(tokens[i - 1])
                                                && CONSENT_IF_MINE.contains(tokens[i])))
                .mapToObj(
                        i ->
                                all.subList(
                                        Math.max(0, i - reach),
                                        Math.min(all.size(), i + reach + 1)))
                .map(Set::copyOf)
                .anyMatch(around -> verbs.stream().anyMatch(words -> saysAll(around, words)));
    }

    /**
     * @param words with single spaces; they need not stand together, as those of "ziehe … zurück"
     */
    private static boolean saysAll(Set<String> said, String words) {
        return said.containsAll(Arrays.asList(words.split(" ")));
    }

    /**
     * One of the phrases, its words together.
     *
     * @param phrases as {@link #padded} makes them, once for all messages
     */
    static boolean says(String words, Set<String> phrases) {
        var said = " " + words + " ";
        return phrases.stream().anyMatch(said::contains);
    }

    /** For {@link #says}. */
    static Set<String> padded(Set<String> phrases) {
        return phrases.stream()
                .map(phrase -> " " + phrase + " ")
                .collect(Collectors.toUnmodifiableSet());
    }

    /** "dont text me", "do not contact me". */
    private static boolean isOrderNotToWrite(List<String> words) {
        return words.size() <= 8
                && words.contains("me")
                && words.stream().anyMatch(WRITING::contains);
    }

    /** "don't ever message us": the verb, not the message of "did not get the message". */
    private static boolean isOrderNotToMessage(List<String> words) {
        int verb = words.indexOf("message");
        int before = verb - 1;
        while (before > 0 && BEFORE_VERB.contains(words.get(before))) {
            before--;
        }
        return before >= 0
                && NOT_TO.contains(words.get(before))
                && !words.contains("did")
                && !words.contains("why");
    }

    private boolean isMisspelt(String token) {
        return !NOT_MISSPELT.contains(token)
                && listed.stream().anyMatch(word -> isMisspelt(token, word));
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
