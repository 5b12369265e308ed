package org.jawort.consent;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which rights the words of a message use (CON-14, DSR-1). Words of one language in one sentence:
 * what shall be done, near it the person's own data, in either order, whatever stands between them;
 * or an article of the law. A word alone is enough only if the message says nothing else.
 *
 * <p>Being heard is easy, being obeyed unread is not: an erasure cannot be undone, so that the hub
 * begins one by itself only if the whole message orders it and nothing in it forbids, asks or
 * tells. Everything else is a request that waits for a human, or for the person to say it plainly.
 *
 * @param rights empty if the words use none
 * @param clear whether nobody has to ask what is meant
 * @param language of the words, lower-case ISO 639-1; {@code null} if they do not tell
 */
public record AskedRights(Set<Right> rights, boolean clear, String language) {

    private static final AskedRights NONE = new AskedRights(Set.of(), true, null);

    public AskedRights {
        rights = Set.copyOf(rights);
    }

    /** Of words as they were written. */
    public static AskedRights of(String text) {
        return read(TextFolding.fold(text));
    }

    /**
     * @param folded see {@link TextFolding#fold}
     */
    static AskedRights read(String folded) {
        String plain = TextFolding.withoutAccents(folded);
        if (!isTelling(plain)) {
            return NONE;
        }
        RightsReader.Said said = RightsReader.Said.of(plain);
        Set<Right> rights = EnumSet.noneOf(Right.class);
        Set<Right> unclear = EnumSet.allOf(Right.class);
        String language = null;
        long most = 0;
        for (var vocabulary : RightsVocabulary.ROLES.entrySet()) {
            RightsReader reader = new RightsReader(said, vocabulary.getValue());
            reader.read();
            if (!reader.found.isEmpty()) {
                rights.addAll(reader.found);
                // what is plain in one language is no riddle for being half understood in another
                unclear.removeIf(
                        one -> reader.found.contains(one) && !reader.unclear.contains(one));
                if (reader.known() > most) {
                    most = reader.known();
                    language = vocabulary.getKey();
                }
            }
        }
        unclear.retainAll(rights);
        return rights.isEmpty() ? NONE : new AskedRights(rights, unclear.isEmpty(), language);
    }

    /** The same of words that are a part of what was said. */
    AskedRights inPart() {
        return rights.stream().allMatch(Right::takesNothing)
                ? this
                : new AskedRights(rights, false, language);
    }

    private static boolean isTelling(String plain) {
        int start = -1;
        for (int i = 0; i <= plain.length(); i++) {
            boolean isLetter = i < plain.length() && Character.isLetterOrDigit(plain.charAt(i));
            if (isLetter && start < 0) {
                start = i;
            } else if (!isLetter && start >= 0) {
                if (RightsVocabulary.TELLING.contains(plain.substring(start, i))) {
                    return true;
                }
                start = -1;
            }
        }
        return false;
    }
}
