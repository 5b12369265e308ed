package org.jawort.consent;

import static org.jawort.consent.RightsVocabulary.Role.*;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jawort.consent.RightsVocabulary.Role;

/** Finds in words of one language what {@link AskedRights} says. */
final class RightsReader {

    /** How far what shall be done and the data may lie apart. */
    private static final int REACH = 10;

    /** The same of words that say other things as well. */
    private static final int NEAR = 6;

    /** An order to erase is short. */
    private static final int LONGEST_ORDER = 40;

    private static final Set<String> ABBREVIATIONS =
            Set.of(
                    "art", "gem", "abs", "nr", "lit", "bzw", "ggf", "evtl", "inkl", "hr", "fr",
                    "dr");

    private static final Map<String, Right> ARTICLES =
            Map.of(
                    "15", Right.ACCESS,
                    "16", Right.RECTIFY,
                    "17", Right.ERASE,
                    "18", Right.RESTRICT,
                    "20", Right.PORTABILITY,
                    "21", Right.OBJECT);

    /** May stand where all words have to be understood. */
    private static final Set<Role> UNDERSTOOD =
            EnumSet.of(
                    ERASE,
                    ACCESS,
                    INFORMATION,
                    REQUEST,
                    ACCESS_ALONE,
                    PORTABLE,
                    PORTABLE_ALONE,
                    RECTIFY,
                    DATA,
                    OWN_DATA,
                    MINE,
                    PERSONAL,
                    QUALIFIER,
                    LAW,
                    ARTICLE);

    /** In a language that has none of them nothing is asked for. */
    private static final Set<Role> DEEDS =
            EnumSet.of(
                    ERASE,
                    ERASED,
                    ACCESS,
                    INFORMATION,
                    REQUEST,
                    ACCESS_ALONE,
                    PORTABLE,
                    PORTABLE_ALONE,
                    RECTIFY,
                    RESTRICT,
                    RESTRICTION,
                    OBJECT,
                    WHICH,
                    SEND,
                    ARTICLE);

    /**
     * @param sentences of each word its number
     * @param asks whether anything is a question
     */
    record Said(List<String> words, List<Integer> sentences, boolean asks) {

        static Said of(String plain) {
            List<String> words = new ArrayList<>();
            List<Integer> sentences = new ArrayList<>();
            int sentence = 0;
            int start = -1;
            for (int i = 0; i <= plain.length(); i++) {
                char c = i < plain.length() ? plain.charAt(i) : ' ';
                if (Character.isLetterOrDigit(c)) {
                    start = start < 0 ? i : start;
                    continue;
                }
                if (start >= 0) {
                    words.add(plain.substring(start, i));
                    sentences.add(sentence);
                    start = -1;
                }
                if (c == '!'
                        || c == '?'
                        || (c == '.' && !words.isEmpty() && ends(words.getLast()))) {
                    sentence++;
                }
            }
            return new Said(words, sentences, plain.indexOf('?') >= 0 || plain.indexOf('¿') >= 0);
        }

        private static boolean ends(String word) {
            return word.length() > 1
                    && !Character.isDigit(word.charAt(0))
                    && !ABBREVIATIONS.contains(word);
        }

        /** The words of the same sentence that are so near. */
        IntStream around(int word, int reach) {
            return IntStream.rangeClosed(
                            Math.max(0, word - reach), Math.min(words.size() - 1, word + reach))
                    .filter(i -> sentences.get(i).equals(sentences.get(word)));
        }
    }

    private final Said said;
    private final List<Set<Role>> roles;
    private final Set<Integer> denying = new HashSet<>();

    /** Sentences with a word whose meaning is open. */
    private final Set<Integer> open = new HashSet<>();

    final Set<Right> found = EnumSet.noneOf(Right.class);
    final Set<Right> unclear = EnumSet.noneOf(Right.class);

    RightsReader(Said said, Map<String, Set<Role>> vocabulary) {
        this.said = said;
        this.roles =
                said.words().stream().map(word -> vocabulary.getOrDefault(word, Set.of())).toList();
    }

    long known() {
        return each(i -> !roles.get(i).isEmpty()).count();
    }

    void read() {
        if (each(i -> roles.get(i).stream().anyMatch(DEEDS::contains)).findAny().isEmpty()) {
            return;
        }
        each(i -> RightsVocabulary.NEGATIONS.contains(word(i)))
                .forEach(i -> denying.add(said.sentences().get(i)));
        each(i -> !isUnderstood(i)).forEach(i -> open.add(said.sentences().get(i)));
        access();
        near(Right.PORTABILITY, REACH, i -> is(i, PORTABLE), i -> isOwn(i) || is(i, LAW));
        near(
                Right.PORTABILITY,
                2,
                i -> is(i, PORTABLE) && !word(i).equals("ubertragung"),
                i -> is(i, DATA));
        each(i -> is(i, PORTABLE_ALONE)).forEach(i -> heard(Right.PORTABILITY, i));
        near(Right.RECTIFY, REACH, i -> is(i, RECTIFY) && !isSaidOf(i), this::isOwn);
        near(
                Right.RESTRICT,
                NEAR,
                i -> is(i, RESTRICT) || is(i, RESTRICTION),
                i -> is(i, PROCESSING) && hasOwn(i));
        near(
                Right.RESTRICT,
                3,
                i -> is(i, RESTRICTION),
                i -> RightsVocabulary.OF_THE_LAW.contains(word(i)));
        near(Right.OBJECT, NEAR, i -> is(i, OBJECT), i -> is(i, PROCESSING) && hasOwn(i));
        articles();
        erasure();
    }

    private void access() {
        near(
                Right.ACCESS,
                REACH,
                i -> is(i, ACCESS) || is(i, INFORMATION),
                i -> isOwn(i) || is(i, LAW) || (is(i, DETAILS) && isDescribed(i)));
        each(i -> is(i, ACCESS_ALONE)).forEach(i -> heard(Right.ACCESS, i));
        near(
                Right.ACCESS,
                3,
                i -> is(i, INFORMATION),
                i ->
                        is(i, ARTICLE)
                                && (nextOf(i) == Right.ACCESS || follows(i, RightsVocabulary.BY)));
        near(
                Right.ACCESS,
                REACH,
                i -> is(i, WHICH) && !isAround(i, NEED),
                i -> (is(i, DATA) || is(i, DETAILS) || is(i, STORED)) && isAboutMe(i));
        near(
                Right.ACCESS,
                REACH,
                i -> is(i, SEND) && isAround(i, ME) && isAround(i, ALL),
                this::isOwn);
        if (open.isEmpty()) {
            each(i -> is(i, INFORMATION)).forEach(i -> heard(Right.ACCESS, i));
            near(Right.ACCESS, 1, i -> is(i, REQUEST), i -> is(i, ACCESS) || is(i, LAW));
        }
        each(i -> is(i, REQUEST) && i > 1 && is(i - 1, ACCESS) && word(i - 2).equals("subject"))
                .forEach(i -> heard(Right.ACCESS, i));
    }

    private void articles() {
        each(i -> is(i, ARTICLE) && nextOf(i) != null)
                .filter(i -> isAround(i, LAW))
                .forEach(
                        i -> {
                            found.add(nextOf(i));
                            if (nextOf(i) == Right.ERASE || isDoubted(nextOf(i), i)) {
                                unclear.add(nextOf(i));
                            }
                        });
    }

    private Right nextOf(int article) {
        return article + 1 < said.words().size()
                ? ARTICLES.get(said.words().get(article + 1))
                : null;
    }

    private void erasure() {
        IntPredicate verb = i -> is(i, ERASE) || is(i, ERASED);
        IntPredicate what =
                i ->
                        isOwn(i)
                                || (is(i, DETAILS) || is(i, ACCOUNT)) && isDescribed(i)
                                || is(i, LAW)
                                || (is(i, DATA)
                                        && (!open.contains(said.sentences().get(i))
                                                || i > 0 && is(i - 1, ALL)
                                                || is(i, ERASE)
                                                || is(i, ERASED)));
        boolean isHeard = each(verb).anyMatch(i -> said.around(i, REACH).anyMatch(what));
        if (isHeard) {
            found.add(Right.ERASE);
            unclear.remove(Right.ERASE); // of an article, if it is ordered as well
            if (!isOrder()) {
                unclear.add(Right.ERASE);
            }
        }
    }

    /** All of it is an order to erase the person's data. */
    private boolean isOrder() {
        if (!open.isEmpty() || said.asks() || said.words().size() > LONGEST_ORDER) {
            return false;
        }
        boolean isOwn =
                each(this::isOwn).findAny().isPresent()
                        || each(i -> is(i, LAW)).findAny().isPresent();
        return each(i -> is(i, ERASE)).findAny().isPresent()
                && each(i -> is(i, ERASE)).noneMatch(i -> follows(i, RightsVocabulary.SUBJECTS))
                && each(i -> RightsVocabulary.WISHES.contains(word(i)))
                        .noneMatch(i -> follows(i, RightsVocabulary.OTHERS))
                && (isOwn || isBare());
    }

    /** "Daten löschen bitte": said without "my" nothing else may be said. */
    private boolean isBare() {
        return each(i ->
                        !is(i, ERASE)
                                && !is(i, DATA)
                                && !is(i, ALL)
                                && !RightsVocabulary.COURTESY.contains(word(i)))
                .findAny()
                .isEmpty();
    }

    private boolean isUnderstood(int i) {
        return RightsVocabulary.PLAIN.contains(word(i))
                || (word(i).length() <= 2 && Character.isDigit(word(i).charAt(0)))
                || roles.get(i).stream().anyMatch(UNDERSTOOD::contains);
    }

    private void near(Right right, int reach, IntPredicate deed, IntPredicate what) {
        each(deed).filter(i -> said.around(i, reach).anyMatch(what)).forEach(i -> heard(right, i));
    }

    private void heard(Right right, int at) {
        found.add(right);
        if (isDoubted(right, at)) {
            unclear.add(right);
        }
    }

    private boolean isDoubted(Right right, int at) {
        return (!right.takesNothing() && said.asks())
                || denying.contains(said.sentences().get(at))
                || right == Right.RESTRICT && saysMore(at);
    }

    /** A restriction stops all that is sent, so that nothing else may be said with it. */
    private boolean saysMore(int at) {
        return said.around(at, said.words().size())
                .anyMatch(
                        i ->
                                !isUnderstood(i)
                                        && !is(i, RESTRICT)
                                        && !is(i, RESTRICTION)
                                        && !is(i, PROCESSING)
                                        && !word(i).equals("ein")); // "schränken Sie … ein"
    }

    /** "My data is correct". */
    private boolean isSaidOf(int i) {
        return word(i).equals("correct")
                && i > 0
                && Set.of("is", "are", "be", "all", "not").contains(word(i - 1));
    }

    private boolean isOwn(int i) {
        return is(i, OWN_DATA) || (is(i, DATA) && (isDescribed(i) || isAboutMe(i)));
    }

    /** "my", "my personal", "personal" before it, or "personal" behind it. */
    private boolean isDescribed(int i) {
        int sentence = said.sentences().get(i);
        for (int j = i - 1; j >= 0 && said.sentences().get(j) == sentence; j--) {
            if (is(j, MINE) || is(j, PERSONAL)) {
                return true;
            }
            if (!is(j, QUALIFIER)) {
                break;
            }
        }
        return i + 1 < roles.size() && is(i + 1, PERSONAL);
    }

    private boolean isAboutMe(int i) {
        return said.around(i, REACH)
                .filter(j -> j + 1 < roles.size())
                .anyMatch(j -> RightsVocabulary.ABOUT_ME.contains(word(j) + " " + word(j + 1)));
    }

    private boolean hasOwn(int i) {
        return said.around(i, REACH).anyMatch(this::isOwn);
    }

    private boolean isAround(int i, Role role) {
        return said.around(i, REACH).anyMatch(j -> is(j, role));
    }

    private boolean follows(int i, Set<String> words) {
        return i > 0 && words.contains(word(i - 1));
    }

    private IntStream each(IntPredicate which) {
        return IntStream.range(0, roles.size()).filter(which);
    }

    private boolean is(int i, Role role) {
        return roles.get(i).contains(role);
    }

    private String word(int i) {
        return said.words().get(i);
    }
}
