package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a message must be for a rule of a tenant's file to fit: all that is named; {@code null} or
 * empty asks for nothing.
 *
 * @param contentType such as {@code document}
 * @param attachment media type of an attachment, {@code image/*} for all of a kind; in any case,
 *     and whatever parameters a provider adds (RFC 2045, 5.1)
 * @param words of text, caption, label or file name, in any case; one that ends in {@code *} is the
 *     beginning of a word
 * @param reference how the reference begins that the tenant's CRM gave the message; empty: any
 */
public record MessageCriteria(
        String direction,
        String channel,
        String template,
        String contentType,
        String attachment,
        List<String> words,
        String reference,
        Pattern pattern) {

    MessageCriteria(
            String direction,
            String channel,
            String template,
            String contentType,
            String attachment,
            List<String> words,
            String reference) {
        this(
                direction,
                channel,
                template,
                contentType,
                attachment,
                words,
                reference,
                words.isEmpty() ? null : pattern(words));
    }

    static MessageCriteria parse(JsonNode rule) {
        List<String> words = new ArrayList<>();
        rule.path("words").forEach(word -> words.add(word.asText()));
        return new MessageCriteria(
                rule.path("direction").asText(null),
                rule.path("channel").asText(null),
                rule.path("template").asText(null),
                rule.path("contentType").asText(null),
                rule.path("attachment").asText(null),
                List.copyOf(words),
                rule.path("reference").asText(null));
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

    boolean fits(MessageTraits message) {
        String given = message.reference();
        return (direction == null || direction.equals(message.direction()))
                && (channel == null || channel.equals(message.channel()))
                && (template == null || template.equals(message.template()))
                && (contentType == null
                        || contentType.equals(message.content().path("type").asText()))
                && (attachment == null || isAttached(message.content()))
                && (reference == null || given != null && given.startsWith(reference))
                && (pattern == null || pattern.matcher(said(message.content())).find());
    }

    private boolean isAttached(JsonNode content) {
        boolean kind = attachment.endsWith("/*");
        String wanted = bare(kind ? attachment.substring(0, attachment.length() - 1) : attachment);
        for (JsonNode medium : content.path("media")) {
            String type = bare(medium.path("contentType").asText());
            if (kind ? type.startsWith(wanted) : type.equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String bare(String mediaType) {
        int parameters = mediaType.indexOf(';');
        return (parameters < 0 ? mediaType : mediaType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** What stands in a message and in the names of its files, a line each. */
    static String said(JsonNode content) {
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

    /** Equal if written equally: a pattern is equal to nothing but itself. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MessageCriteria that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }
}
