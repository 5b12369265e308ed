package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Masks what a copy would tell of other people (GDPR Art. 15(4), 20(4)): cards of contacts, and
 * telephone numbers and e-mail addresses in texts, unless they are the person's own or the
 * business's. Names in the running text stay: no program can tell whose they are.
 */
final class ThirdParties {

    static final String MASK = "[…]";

    private static final Pattern EMAIL =
            Pattern.compile("[\\p{L}\\p{N}._%+-]{1,64}@[\\p{L}\\p{N}.-]{1,190}\\.[\\p{L}]{2,24}");

    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\p{L}\\p{N}+])(?:\\+|00|0)[1-9][\\d /().-]{5,20}\\d(?!\\p{N})");

    /** Fields that hold ids, links and hashes, which a pattern would only damage. */
    private static final Set<String> AS_IS =
            Set.of("type", "id", "url", "providerUrl", "providerMediaId", "payload", "sha256");

    private final Set<String> own = new HashSet<>();

    /**
     * @param addresses of the person and of the business
     */
    ThirdParties(Iterable<String> addresses) {
        addresses.forEach(address -> own.add(plain(address)));
    }

    /** A copy without what is other people's. */
    JsonNode masked(JsonNode content) {
        return switch (content) {
            case ObjectNode object -> {
                ObjectNode copy = JsonNodeFactory.instance.objectNode();
                object.properties()
                        .forEach(
                                field ->
                                        copy.set(
                                                field.getKey(),
                                                field.getKey().equals("contacts")
                                                        ? cards(field.getValue())
                                                        : AS_IS.contains(field.getKey())
                                                                ? field.getValue()
                                                                : masked(field.getValue())));
                yield copy;
            }
            case ArrayNode array -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode();
                array.forEach(one -> copy.add(masked(one)));
                yield copy;
            }
            case TextNode text -> TextNode.valueOf(masked(text.textValue()));
            default -> content;
        };
    }

    String masked(String text) {
        Predicate<String> others = found -> !own.contains(plain(found));
        String once = replaced(EMAIL, text, others);
        return replaced(NUMBER, once, others);
    }

    private static String replaced(Pattern pattern, String text, Predicate<String> others) {
        return pattern.matcher(text)
                .replaceAll(
                        found ->
                                others.test(found.group())
                                        ? MASK
                                        : java.util.regex.Matcher.quoteReplacement(found.group()));
    }

    /** How many there were is the person's to know. */
    private static ArrayNode cards(JsonNode contacts) {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        contacts.forEach(one -> copy.addObject().put("name", MASK));
        return copy;
    }

    /**
     * Numbers by their digits without a leading 0 or country prefix of Germany, rest in lower case.
     */
    private static String plain(String address) {
        if (address.indexOf('@') >= 0) {
            return address.toLowerCase(Locale.ROOT);
        }
        String digits = address.replaceAll("\\D", "");
        return digits.isEmpty()
                ? address.toLowerCase(Locale.ROOT)
                : digits.replaceFirst("^(?:0049|49|0)", "");
    }
}
