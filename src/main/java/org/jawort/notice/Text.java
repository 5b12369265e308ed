package org.jawort.notice;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jawort.tenant.TextKind;
import org.jawort.tenant.TextVersion;
import org.jawort.tenant.TextVersion.Change;

/**
 * One version of a text in one language, as a person is shown it but for what its placeholders
 * stand for.
 *
 * @param purpose what a prompt asks for, by name; {@code null} for other kinds
 */
public record Text(
        String id,
        int version,
        String language,
        TextKind kind,
        String purpose,
        boolean embedsNotice,
        String author,
        String approvedBy,
        LocalDate validFrom,
        Change change,
        String noticeUrl,
        String words) {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    static Text of(TextVersion text, String language) {
        return new Text(
                text.id(),
                text.version(),
                language,
                text.kind(),
                text.purpose(),
                text.embedsNotice(),
                text.author(),
                text.approvedBy(),
                text.validFrom(),
                text.change(),
                text.noticeUrl(),
                text.texts().get(language));
    }

    /** {@code prompt-v3}, as records and the API name it. */
    public String reference() {
        return id + "-v" + version;
    }

    /** SHA-256 of the words as UTF-8, placeholders not filled in. */
    public byte[] sha256() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(words.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Whether a paragraph of its own opens with the right to object (GDPR Art. 21(4): clearly, and
     * apart from other information).
     */
    boolean saysRightToObject() {
        String stem = Wording.objection(language);
        String[] paragraphs = words.split("\\n\\s*\\n");
        return paragraphs.length > 1
                && Arrays.stream(paragraphs)
                        .map(paragraph -> paragraph.strip().toLowerCase(Locale.ROOT))
                        .map(paragraph -> paragraph.substring(0, Math.min(30, paragraph.length())))
                        .anyMatch(opening -> opening.contains(stem));
    }

    /**
     * @throws IllegalArgumentException for a placeholder without a value; nobody is shown a hole
     */
    String filled(Map<String, String> values) {
        return PLACEHOLDER
                .matcher(words)
                .replaceAll(
                        found -> {
                            String value = values.get(found.group(1));
                            if (value == null) {
                                throw new IllegalArgumentException(
                                        "text "
                                                + reference()
                                                + " needs a value for {"
                                                + found.group(1)
                                                + "}");
                            }
                            return Matcher.quoteReplacement(value);
                        });
    }
}
