package org.jawort.consent;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.message.Channel;

/**
 * Reads the words of a message. Granting and declining are strict, withdrawing is lenient (CON-11,
 * CON-12); of several readings withdrawal comes first, then a data request, then an answer to the
 * prompt.
 *
 * <p>Immutable. A tenant's words are added to the lists; none can be taken away (CON-13).
 */
public final class Keywords {
    /** Longer texts hold no keyword (CON-10). */
    private static final int MAX_CODE_POINTS = 40;

    /** No channel carries longer texts. */
    private static final int MAX_READ = 8_000;

    /** The dot of "3. Mai" or "1.5" is none. */
    private static final Pattern CLAUSE_END = Pattern.compile("(?<!\\d)\\.|[,;:!?]");

    public static final Keywords DEFAULT = new Keywords(Additions.NONE);

    /**
     * Words a tenant adds.
     *
     * @param grant by language, likewise {@code deny}
     * @param stop counts in any language and on any channel, for example {@code cancel}
     */
    public record Additions(
            Map<String, Set<String>> grant, Map<String, Set<String>> deny, Set<String> stop) {
        public static final Additions NONE = new Additions(Map.of(), Map.of(), Set.of());
    }

    private final Map<String, Set<String>> grant;
    private final Map<String, Set<String>> deny;
    private final Set<String> stop;
    private final Map<Channel, Set<String>> stopOnChannel;
    private final Set<String> start = keys(WordLists.START);
    private final Set<String> help = keys(WordLists.HELP);
    private final Set<String> human = keys(WordLists.HUMAN);
    private final NearStop nearStop;

    /**
     * @throws IllegalArgumentException if an added word is empty, longer than 40 code points, or
     *     grants or declines although it stops
     */
    public Keywords(Additions additions) {
        stop =
                lenientKeys(
                        Stream.concat(
                                        WordLists.STOP.values().stream().flatMap(Set::stream),
                                        additions.stop().stream())
                                .toList());
        stopOnChannel =
                Stream.of(Channel.values())
                        .collect(
                                Collectors.toMap(
                                        channel -> channel,
                                        channel -> lenientKeys(WordLists.stopOn(channel))));
        grant = merged(WordLists.GRANT, additions.grant());
        deny = merged(WordLists.DENY, additions.deny());
        nearStop = new NearStop(stop);
        Stream.of(grant, deny)
                .flatMap(words -> words.values().stream())
                .flatMap(Set::stream)
                .filter(word -> stop.contains(lenient(word)))
                .findAny()
                .ifPresent(
                        word -> {
                            throw new IllegalArgumentException(
                                    "a STOP word cannot answer a prompt");
                        });
    }

    /** CON-10, public for those who show or compare words; null becomes the empty text. */
    public static String normalise(String text) {
        return text == null ? "" : TextFolding.fold(text);
    }

    /**
     * Reads a message a person typed. The caller passes text only: no caption, edit, forward,
     * reaction or group message.
     *
     * @param promptLanguage of the only prompt open for this address; null if none or more than one
     *     is, then nothing grants
     */
    public Reading read(String text, Channel channel, String promptLanguage) {
        if (text == null || text.length() > MAX_READ) {
            return new Reading.None();
        }
        var folded = TextFolding.fold(text);
        if (folded.isEmpty()) {
            return new Reading.None();
        }
        var isShort = folded.codePointCount(0, folded.length()) <= MAX_CODE_POINTS;
        if (isShort && isStop(folded, channel)) {
            return new Reading.Stop();
        }
        var words = lenient(folded);
        var asked = AskedRights.read(folded);
        if (!asked.rights().isEmpty()) {
            return new Reading.DataRequest(asked.clear(), nearStop.matches(clauses(folded)));
        }
        if (isShort) {
            var answer = strict(folded);
            if (promptLanguage != null && !answer.isEmpty()) {
                var language = promptLanguage.toLowerCase(Locale.ROOT);
                if (grant.getOrDefault(language, Set.of()).contains(answer)) {
                    return new Reading.Grant();
                }
                if (deny.getOrDefault(language, Set.of()).contains(answer)) {
                    return new Reading.Deny();
                }
            }
            if (start.contains(words)) {
                return new Reading.Start();
            }
            if (help.contains(words)) {
                return new Reading.Help();
            }
            if (human.contains(words)) {
                return new Reading.HumanNeeded();
            }
        }
        return nearStop.matches(clauses(folded))
                        || isStopWords(NearStop.withoutCourtesy(words), channel)
                ? new Reading.PossibleWithdrawal()
                : new Reading.None();
    }

    private boolean isStop(String folded, Channel channel) {
        var spaced = lenient(folded);
        var joined = TextFolding.withoutAccents(TextFolding.lettersOnly(folded, false));
        return isStopWords(spaced, channel)
                || isStopWords(joined, channel)
                || (isSpelt(spaced) && isStopWords(spaced.replace(" ", ""), channel));
    }

    private boolean isStopWords(String words, Channel channel) {
        return isListedStop(words, channel)
                // "stop stop stop"
                || (!words.isEmpty()
                        && Stream.of(words.split(" ")).distinct().count() == 1
                        && isListedStop(words.split(" ")[0], channel));
    }

    private boolean isListedStop(String words, Channel channel) {
        return stop.contains(words) || stopOnChannel.get(channel).contains(words);
    }

    /** "s t o p", also as it remains of "s.t.o.p". */
    private static boolean isSpelt(String words) {
        return words.length() > 1
                && Stream.of(words.split(" "))
                        .allMatch(word -> word.codePointCount(0, word.length()) == 1);
    }

    /**
     * Only trailing full stop and exclamation marks go; an ellipsis is hesitation, and nobody
     * agrees by hesitating.
     */
    private static String strict(String folded) {
        if (folded.contains("..")) {
            return "";
        }
        int end = folded.length();
        while (end > 0 && ".! ".indexOf(folded.charAt(end - 1)) >= 0) {
            end--;
        }
        return TextFolding.withoutAccents(folded.substring(0, end));
    }

    private static String lenient(String folded) {
        return TextFolding.withoutAccents(TextFolding.lettersOnly(folded, true));
    }

    /** What stands between punctuation marks. */
    private static List<String> clauses(String folded) {
        return CLAUSE_END
                .splitAsStream(folded)
                .map(Keywords::lenient)
                .filter(clause -> !clause.isEmpty())
                .toList();
    }

    private static Map<String, Set<String>> merged(
            Map<String, Set<String>> defaults, Map<String, Set<String>> added) {
        return Stream.of(defaults.keySet(), added.keySet())
                .flatMap(Set::stream)
                .distinct()
                .collect(
                        Collectors.toUnmodifiableMap(
                                language -> language,
                                language -> {
                                    var words =
                                            new HashSet<>(
                                                    defaults.getOrDefault(language, Set.of()));
                                    words.addAll(added.getOrDefault(language, Set.of()));
                                    return keys(words);
                                }));
    }

    private static Set<String> keys(Collection<String> words) {
        return words.stream()
                .map(Keywords::checked)
                .map(TextFolding::withoutAccents)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Set<String> lenientKeys(Collection<String> words) {
        return words.stream()
                .map(Keywords::checked)
                .map(Keywords::lenient)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String checked(String word) {
        var folded = TextFolding.fold(word);
        if (lenient(folded).isEmpty()
                || folded.codePointCount(0, folded.length()) > MAX_CODE_POINTS) {
            throw new IllegalArgumentException("a keyword has 1 to 40 characters");
        }
        return folded;
    }
}
