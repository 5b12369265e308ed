package org.jawort.consent;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Keeps out of chats what has no place there (FLT-8): numbers of cards, accounts and identity, and
 * the words a tenant lists. It answers yes or no; what it found is told to nobody and written
 * nowhere.
 */
public final class ContentGuard {

    private final List<Pattern> words;

    /**
     * @param words of which each is looked for as whole words, in any case and with or without
     *     accents; one that ends in {@code *} is looked for as a beginning
     */
    public ContentGuard(Collection<String> words) {
        this.words = words.stream().map(ContentGuard::pattern).toList();
    }

    public boolean isSensitive(String text) {
        if (SensitiveNumbers.isIn(text)) {
            return true;
        }
        String said = words.isEmpty() ? "" : letters(text);
        return words.stream().anyMatch(word -> word.matcher(said).find());
    }

    private static Pattern pattern(String word) {
        boolean isBeginning = word.endsWith("*");
        String said = letters(isBeginning ? word.substring(0, word.length() - 1) : word);
        return Pattern.compile("(?:^| )" + Pattern.quote(said) + (isBeginning ? "" : "(?: |$)"));
    }

    private static String letters(String text) {
        return TextFolding.lettersOnly(TextFolding.withoutAccents(TextFolding.fold(text)), true);
    }

    /** Not the words either: they say what the tenant's customers suffer from. */
    @Override
    public String toString() {
        return "ContentGuard[" + words.size() + " words]";
    }
}
