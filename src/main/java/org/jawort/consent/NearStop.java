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
 * which keeps "Bushaltestelle" and "Stoppersocke" out.
 */
final class NearStop {
    /** Beyond this only a consent said to be withdrawn counts; what else is found is chance. */
    private static final int MAX_WORDS = 40;

    /** Of one wish, and of how far its words lie apart. */
    private static final int WISH = 12;

    private final Set<String> stopWords;
    private final Set<String> phrases;

    /**
     * @param stop what is a STOP as a whole message, folded as for {@link #matches}
     */
    NearStop(Collection<String> stop) {
        var telling = new HashSet<>(stop);
        telling.removeAll(OF_OTHER_MEANING);
        telling.addAll(INFLECTED);
        telling.addAll(PHRASES);
        var byLength =
                telling.stream()
                        .collect(
                                Collectors.partitioningBy(
                                        said -> said.contains(" "),
                                        Collectors.toUnmodifiableSet()));
        stopWords = byLength.get(false);
        phrases = byLength.get(true);
    }

    /**
     * @param words folded, without accents, letters and digits with single spaces
     */
    boolean matches(String words) {
        var tokens = words.split(" ");
        if (words.isEmpty()) {
            return false;
        }
        if (withdrawsConsent(tokens)) {
            return true;
        }
        if (tokens.length > MAX_WORDS) {
            return false;
        }
        var padded = " " + words + " ";
        return phrases.stream().anyMatch(phrase -> padded.contains(" " + phrase + " "))
                || namesStop(tokens)
                || refusesMessages(tokens)
                || (tokens.length == 1 && isMisspelt(tokens[0]))
                || ALONE.contains(withoutCourtesy(words));
    }

    /** "baja por favor" is "baja": what is polite says nothing else. */
    static String withoutCourtesy(String words) {
        return Stream.of(words.split(" "))
                .filter(word -> !COURTESY.contains(word))
                .collect(Collectors.joining(" "));
    }

    private boolean namesStop(String[] tokens) {
        for (int i = 0; i < tokens.length; i++) {
            var isThing =
                    (i > 0 && STOP_AS_THING.contains(tokens[i - 1]))
                            || (i + 1 < tokens.length && STOP_AS_THING.contains(tokens[i + 1]));
            if (stopWords.contains(tokens[i]) && !isThing) {
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
                || (negated && isOrderNotToWrite(tokens))
                || (negated && tokens.length <= WISH && wantsNoMessages(tokens));
    }

    /** "keine Werbung", "I don't want your messages", but not "ich habe keine SMS bekommen". */
    private static boolean wantsNoMessages(String[] tokens) {
        var said = Set.copyOf(Arrays.asList(tokens));
        if (NOT_ARRIVED.stream().anyMatch(words -> saysAll(said, words))) {
            return false;
        }
        return saysNoMessages(tokens)
                || (WANTING.stream().anyMatch(words -> saysAll(said, words))
                        && said.stream().anyMatch(MESSAGES::contains));
    }

    /** One directly before the other, but for the "de" of "pas de publicité". */
    private static boolean saysNoMessages(String[] tokens) {
        var bare = Stream.of(tokens).filter(token -> !token.equals("de")).toList();
        return IntStream.range(1, bare.size())
                .anyMatch(i -> NONE_OF.contains(bare.get(i - 1)) && MESSAGES.contains(bare.get(i)));
    }

    /** "Ich ziehe meine Einwilligung zurück", wherever it stands in a letter. */
    private static boolean withdrawsConsent(String[] tokens) {
        var all = List.of(tokens);
        return IntStream.range(0, tokens.length)
                .filter(i -> CONSENT.contains(tokens[i]))
                .mapToObj(i -> all.subList(Math.max(0, i - WISH), Math.min(all.size(), i + WISH)))
                .map(Set::copyOf)
                .anyMatch(around -> WITHDRAWING.stream().anyMatch(words -> saysAll(around, words)));
    }

    /**
     * @param words with single spaces; they need not stand together, as those of "ziehe … zurück"
     */
    private static boolean saysAll(Set<String> said, String words) {
        return said.containsAll(Arrays.asList(words.split(" ")));
    }

    /** "dont text me", "do not contact me". */
    private static boolean isOrderNotToWrite(String[] tokens) {
        return tokens.length <= 8
                && Arrays.asList(tokens).contains("me")
                && Arrays.stream(tokens).anyMatch(WRITING::contains);
    }

    private boolean isMisspelt(String token) {
        return stopWords.stream().anyMatch(word -> isMisspelt(token, word));
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
