package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message written in advance: its purpose is the template's, never the caller's (CON-4).
 *
 * @param purpose by the name of the hub's purposes
 * @param category of the channel: {@code UTILITY}, {@code AUTHENTICATION} or {@code MARKETING}
 * @param languages by language tag as the providers write it, such as {@code de} or {@code en_US}
 */
public record Template(String id, String purpose, String category, Map<String, Variant> languages) {

    private static final Pattern PLACE = Pattern.compile("\\{([1-9][0-9]?)}");

    /**
     * @param text with {@code {1}}, {@code {2}} … for its parameters: what the person reads, and
     *     what is sent where a channel has no templates
     * @param buttons what the quick-reply buttons that it is registered with answer, in their
     *     order; empty if it has none, or none the hub is to know of
     * @param providers what the template is called over there, by provider
     */
    public record Variant(String text, List<Button> buttons, Map<String, Registered> providers) {

        /** How many parameters the text has places for. */
        public int places() {
            Matcher place = PLACE.matcher(text);
            int highest = 0;
            while (place.find()) {
                highest = Math.max(highest, Integer.parseInt(place.group(1)));
            }
            return highest;
        }

        /**
         * The text with its parameters.
         *
         * @param parameters at least as many as {@link #places}
         */
        public String rendered(List<String> parameters) {
            return PLACE.matcher(text)
                    .replaceAll(
                            place ->
                                    Matcher.quoteReplacement(
                                            parameters.get(Integer.parseInt(place.group(1)) - 1)));
        }
    }

    /** What pressing a button of a prompt says. */
    public enum Button {
        GRANT,
        DECLINE
    }

    /** Each {@code null} if the provider does not use it. */
    public record Registered(String name, String providerId, String namespace) {}

    /** {@code null} if this provider does not have it in this language. */
    public Registered registered(String language, String provider) {
        Variant variant = languages.get(language);
        return variant == null ? null : variant.providers().get(provider);
    }

    static Template parse(JsonNode json) {
        Map<String, Variant> languages = new LinkedHashMap<>();
        json.get("languages")
                .properties()
                .forEach(
                        language -> {
                            Map<String, Registered> providers = new LinkedHashMap<>();
                            language.getValue()
                                    .path("providers")
                                    .properties()
                                    .forEach(
                                            one ->
                                                    providers.put(
                                                            one.getKey(),
                                                            new Registered(
                                                                    text(one.getValue(), "name"),
                                                                    text(
                                                                            one.getValue(),
                                                                            "providerId"),
                                                                    text(
                                                                            one.getValue(),
                                                                            "namespace"))));
                            languages.put(
                                    language.getKey(),
                                    new Variant(
                                            language.getValue().get("text").asText(),
                                            buttons(language.getValue().path("buttons")),
                                            providers));
                        });
        return new Template(
                json.get("id").asText(),
                json.get("purpose").asText(),
                json.path("category").asText("UTILITY"),
                languages);
    }

    private static List<Button> buttons(JsonNode json) {
        List<Button> buttons = new ArrayList<>();
        json.forEach(one -> buttons.add(Button.valueOf(one.asText().toUpperCase(Locale.ROOT))));
        return List.copyOf(buttons);
    }

    /** What the environment leaves empty is not there. */
    private static String text(JsonNode json, String field) {
        String text = json.path(field).asText("");
        return text.isEmpty() ? null : text;
    }
}
