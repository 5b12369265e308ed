package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jawort.message.Label;

/**
 * What a tenant files messages under when they are stored. Of several rules about the same label
 * the first that fits decides.
 */
public record LabelRules(List<Rule> rules) {

    public static final LabelRules NONE = new LabelRules(List.of());

    /** How much of a message a pattern is looked for in, and how often it may look at a letter. */
    private static final int LONGEST = 4_096;

    private static final int MOST_STEPS = 200_000;

    /**
     * @param id names it where a label is told of
     * @param value what the label says; {@code null}: what {@code finds} finds
     * @param finds looked for in words, file names and the CRM's reference; its first group, if it
     *     has one, is the value. {@code null} if {@code value} is given
     * @param ofConversation files the conversation, unless it has such a label, and not the message
     */
    public record Rule(
            String id,
            String label,
            String value,
            Pattern finds,
            boolean ofConversation,
            MessageCriteria criteria) {

        /** Equal if written equally: a pattern is equal to nothing but itself. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Rule that && toString().equals(that.toString());
        }

        @Override
        public int hashCode() {
            return toString().hashCode();
        }

        private Optional<Label> of(MessageTraits message) {
            if (!criteria.fits(message)) {
                return Optional.empty();
            }
            try {
                return (finds == null ? Optional.of(value) : found(message))
                        .map(text -> new Label(label, text.strip()));
            } catch (IllegalArgumentException noValue) {
                return Optional.empty();
            }
        }

        private Optional<String> found(MessageTraits message) {
            String said = MessageCriteria.said(message.content());
            String reference = message.reference() == null ? "" : message.reference() + "\n";
            String text = reference + said;
            Matcher matcher =
                    finds.matcher(
                            new Measured(
                                    text.substring(0, Math.min(LONGEST, text.length())),
                                    new int[1]));
            try {
                return matcher.find()
                        ? Optional.ofNullable(matcher.group(Math.min(1, matcher.groupCount())))
                        : Optional.empty();
            } catch (Measured.TooLong | StackOverflowError hostile) {
                return Optional.empty(); // too many steps, or too deep for the stack
            }
        }
    }

    /**
     * @param rule whose
     * @param ofConversation not of the message
     */
    public record Found(String rule, Label label, boolean ofConversation) {}

    /**
     * Text that ends a pattern which goes on for ever over it: whoever writes to a tenant must not
     * be able to stop its pipeline.
     */
    private record Measured(String text, int[] steps) implements CharSequence {

        static final class TooLong extends RuntimeException {
            TooLong() {
                super(null, null, false, false);
            }
        }

        @Override
        public char charAt(int index) {
            if (++steps[0] > MOST_STEPS) {
                throw new TooLong();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public LabelRules {
        rules = List.copyOf(rules);
    }

    static LabelRules parse(String file, YamlDocument document) {
        JsonNode list = document.json().path("labels");
        List<Rule> rules = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode json : list) {
            String at = "/labels/" + rules.size();
            String id = json.get("id").asText();
            if (!ids.add(id)) {
                throw new TenantFileInvalid(
                        file, document.line(at), "label rule id '" + id + "' is used twice");
            }
            rules.add(
                    new Rule(
                            id,
                            json.get("label").asText(),
                            json.path("value").asText(null),
                            pattern(file, document, at, json),
                            json.path("of").asText("message").equals("conversation"),
                            MessageCriteria.parse(json)));
        }
        return rules.isEmpty() ? NONE : new LabelRules(rules);
    }

    private static Pattern pattern(String file, YamlDocument document, String at, JsonNode rule) {
        if (!rule.has("finds")) {
            return null;
        }
        try {
            return Pattern.compile(
                    rule.get("finds").asText(), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        } catch (PatternSyntaxException wrong) {
            throw new TenantFileInvalid(
                    file,
                    document.line(at + "/finds"),
                    "is no regular expression: " + wrong.getDescription());
        }
    }

    /** At most one of each label for the message, and one for its conversation. */
    public List<Found> labels(MessageTraits message) {
        List<Found> found = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Rule rule : rules) {
            String place = rule.ofConversation() + rule.label();
            if (!taken.contains(place)) {
                rule.of(message)
                        .ifPresent(
                                label -> {
                                    taken.add(place);
                                    found.add(new Found(rule.id(), label, rule.ofConversation()));
                                });
            }
        }
        return found;
    }
}
