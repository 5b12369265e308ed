package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jawort.message.Category;

/**
 * How a tenant tells commercial letters and vouchers from other messages (RET-7). The first rule
 * that fits decides.
 */
public record CategoryRules(List<Rule> rules) {

    /** Everything stays {@link Category#UNKNOWN} until somebody says what it is. */
    public static final CategoryRules NONE = new CategoryRules(List.of());

    /**
     * A rule fits a message that meets all it names; {@code null} or empty asks for nothing.
     *
     * @param id names it in answers
     * @param contentType such as {@code document}
     * @param attachment media type of an attachment, {@code image/*} for all of a kind
     * @param words of text, caption, label or file name, in any case; one that ends in {@code *} is
     *     the beginning of a word
     * @param reference how the reference begins that the tenant's CRM gave the message; empty: any
     */
    public record Rule(
            String id,
            Category category,
            String direction,
            String contentType,
            String attachment,
            List<String> words,
            String reference,
            Pattern pattern) {

        Rule(
                String id,
                Category category,
                String direction,
                String contentType,
                String attachment,
                List<String> words,
                String reference) {
            this(
                    id,
                    category,
                    direction,
                    contentType,
                    attachment,
                    words,
                    reference,
                    words.isEmpty() ? null : pattern(words));
        }

        private static Pattern pattern(List<String> words) {
            List<String> one = new ArrayList<>();
            for (String word : words) {
                boolean begins = word.endsWith("*");
                String literal = begins ? word.substring(0, word.length() - 1) : word;
                one.add(Pattern.quote(folded(literal)) + (begins ? "" : "(?![\\p{L}\\p{N}])"));
            }
            return Pattern.compile(
                    "(?<![\\p{L}\\p{N}])(?:" + String.join("|", one) + ")",
                    Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        }

        private boolean fits(String way, JsonNode content, String given) {
            return (direction == null || direction.equals(way))
                    && (contentType == null || contentType.equals(content.path("type").asText()))
                    && (attachment == null || isAttached(content))
                    && (reference == null || given != null && given.startsWith(reference))
                    && (pattern == null || pattern.matcher(said(content)).find());
        }

        private boolean isAttached(JsonNode content) {
            String wanted =
                    attachment.endsWith("/*")
                            ? attachment.substring(0, attachment.length() - 1)
                            : attachment;
            for (JsonNode medium : content.path("media")) {
                String type = medium.path("contentType").asText();
                if (attachment.endsWith("/*") ? type.startsWith(wanted) : type.equals(wanted)) {
                    return true;
                }
            }
            return false;
        }

        /** Equal if written equally: a pattern is equal to nothing but itself. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Rule that && toString().equals(that.toString());
        }

        @Override
        public int hashCode() {
            return toString().hashCode();
        }
    }

    /**
     * @param rule which decided; {@code null} if none fits
     */
    public record Classified(Category category, String rule) {}

    private static final Classified UNKNOWN = new Classified(Category.UNKNOWN, null);

    public CategoryRules {
        rules = List.copyOf(rules);
    }

    /**
     * @param direction {@code inbound} or {@code outbound}
     * @param content of the message as an event has it
     * @param reference the tenant's own id of it, {@code null} if it gave none
     */
    public Classified classify(String direction, JsonNode content, String reference) {
        for (Rule rule : rules) {
            if (rule.fits(direction, content, reference)) {
                return new Classified(rule.category(), rule.id());
            }
        }
        return UNKNOWN;
    }

    private static String said(JsonNode content) {
        StringBuilder words = new StringBuilder();
        for (String at : List.of("/text", "/button/text", "/list/title", "/list/description")) {
            words.append(content.at(at).asText("")).append('\n');
        }
        for (JsonNode medium : content.path("media")) {
            words.append(medium.path("name").asText("")).append('\n');
        }
        return folded(words.toString());
    }

    private static String folded(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC);
    }
}
