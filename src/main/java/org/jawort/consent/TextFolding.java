package org.jawort.consent;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Makes spellings of the same words equal (CON-10): NFKC, invisible characters dropped, white space
 * collapsed and trimmed, lower case with case folding, so that İ, I, ı and i are one letter, and ß
 * is ss. All results are stable under a second folding.
 */
final class TextFolding {
    private static final int PASSES = 8;

    private TextFolding() {}

    /** Punctuation and emoji remain. */
    static String fold(String text) {
        if (isAscii(text)) {
            return visible(text).toLowerCase(Locale.ROOT); // which no second folding changes
        }
        var folded = text;
        for (int pass = 0; pass < PASSES; pass++) {
            var before = folded;
            folded = once(before);
            if (folded.equals(before)) {
                break;
            }
        }
        return folded;
    }

    /**
     * Of a folded text, the form without accents: désabonner and desabonner, rezygnuję and
     * rezygnuje.
     */
    static String withoutAccents(String folded) {
        if (isAscii(folded)) {
            return folded;
        }
        var plain = new StringBuilder();
        Normalizer.normalize(folded, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(
                        c -> {
                            switch (c) {
                                case 'ł' -> plain.append('l');
                                case 'ø' -> plain.append('o');
                                case 'đ' -> plain.append('d');
                                case 'æ' -> plain.append("ae");
                                case 'œ' -> plain.append("oe");
                                default -> plain.appendCodePoint(c);
                            }
                        });
        return plain.toString();
    }

    /**
     * Of a folded text, letters and digits with single spaces.
     *
     * @param apart whether what stands between them separates them, as a space does
     */
    static String lettersOnly(String folded, boolean apart) {
        var letters = new StringBuilder(folded.length());
        for (int i = 0; i < folded.length(); ) {
            int c = folded.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)
                    || Character.getType(c) == Character.NON_SPACING_MARK) {
                letters.appendCodePoint(c);
            } else if ((apart || c == ' ')
                    && !letters.isEmpty()
                    && letters.charAt(letters.length() - 1) != ' ') {
                letters.append(' ');
            }
        }
        return letters.toString().strip();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static String once(String text) {
        var visible = visible(Normalizer.normalize(text, Normalizer.Form.NFKC));
        var lower = visible.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        // upper case first makes ss of ß and i of ı; İ becomes i with a dot above, ς is σ at the
        // end of a word
        var folded = lower.replace("i\u0307", "i").replace('\u03c2', '\u03c3');
        return Normalizer.normalize(folded, Normalizer.Form.NFKC);
    }

    private static String visible(String normal) {
        var visible = new StringBuilder(normal.length());
        var pendingSpace = false;
        for (int i = 0; i < normal.length(); ) {
            int c = normal.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                pendingSpace = true;
            } else if (!isInvisible(c)) {
                if (pendingSpace && !visible.isEmpty()) {
                    visible.append(' ');
                }
                pendingSpace = false;
                visible.appendCodePoint(c);
            }
        }
        return visible.toString();
    }

    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT -> true;
            default ->
                    (c >= 0xFE00 && c <= 0xFE0F)
                            || (c >= 0xE0100 && c <= 0xE01EF)
                            || (c >= 0x180B && c <= 0x180F)
                            || c == 0x034F
                            || c == 0x115F
                            || c == 0x1160
                            || c == 0x2800;
        };
    }
}
