package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jawort.rights.PersonalData.Section;
import org.springframework.web.util.HtmlUtils;

/**
 * An answer for people, in German or English: one document without script, image or link to
 * anything outside; every value is escaped. What has a label is told under it, in plain words where
 * the value is one of the hub's.
 */
final class AnswerPage {

    enum Language {
        DE,
        EN;

        /**
         * @param asked lower-case ISO 639-1; whoever speaks neither gets English
         */
        static Language of(String asked) {
            return asked != null && asked.startsWith("de") ? DE : EN;
        }

        Locale locale() {
            return this == DE ? Locale.GERMANY : Locale.UK;
        }
    }

    private static final Map<Language, Properties> WORDS = words();

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{2,60}");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");

    static final String STYLE =
            """
            body{font:11pt/1.45 sans-serif;max-width:52em;margin:2em auto;padding:0 1em;color:#111}
            h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #999}
            table{border-collapse:collapse;width:100%;margin:.6em 0}th,td{text-align:left;vertical-align:top;padding:.15em .6em .15em 0;overflow-wrap:anywhere}
            th{width:14em;font-weight:600}td{white-space:pre-wrap}button{font:inherit;padding:.6em 1.2em}
            """;

    private final Writer html;
    private final Language language;

    AnswerPage(Writer html, Language language) {
        this.html = html;
        this.language = language;
    }

    static String word(Language language, String key) {
        return WORDS.get(language).getProperty(key, key);
    }

    void write(ObjectNode head, List<Section> sections) throws IOException {
        String title =
                word(language, "title." + head.at("/request/type").asText())
                        + " – "
                        + head.at("/controller/name").asText();
        html.write(
                "<!DOCTYPE html>\n<html lang=\""
                        + language.name().toLowerCase(Locale.ROOT)
                        + "\"><head><meta charset=\"utf-8\"><title>"
                        + escape(title)
                        + "</title><style>"
                        + STYLE
                        + "</style></head><body><h1>"
                        + escape(title)
                        + "</h1>\n<p>"
                        + escape(word(language, "intro." + head.at("/request/type").asText()))
                        + "</p>\n");
        for (var part : head.properties()) {
            if (!part.getValue().isValueNode()) {
                heading(part.getKey());
                told(part.getValue());
            }
        }
        for (Section section : sections) {
            heading(section.name());
            int[] rows = {0};
            section.rows()
                    .accept(
                            row -> {
                                rows[0]++;
                                table(row);
                            });
            if (rows[0] == 0) {
                html.write("<p>" + escape(word(language, "nothing")) + "</p>\n");
            }
        }
        html.write("</body></html>\n");
    }

    private void heading(String name) throws IOException {
        html.write("<h2>" + escape(word(language, "section." + name)) + "</h2>\n");
    }

    private void told(JsonNode part) {
        if (part.isArray()) {
            part.forEach(this::told);
        } else {
            table(part);
        }
    }

    private void table(JsonNode row) {
        try {
            html.write("<table>");
            fields("", row);
            html.write("</table>\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void fields(String within, JsonNode node) throws IOException {
        if (node.isObject()) {
            for (var field : node.properties()) {
                String label = word(language, "field." + field.getKey());
                label = label.startsWith("field.") ? field.getKey() : label;
                fields(within.isEmpty() ? label : within + " · " + label, field.getValue());
            }
        } else if (node.isArray()) {
            int n = 0;
            for (JsonNode one : node) {
                fields(node.size() > 1 ? within + " " + ++n : within, one);
            }
        } else if (!node.isNull()) {
            html.write(
                    "<tr><th scope=\"row\">"
                            + escape(within)
                            + "</th><td>"
                            + escape(value(node.asText()))
                            + "</td></tr>\n");
        }
    }

    /** Times and days as people write them, and what the hub's own words mean. */
    private String value(String text) {
        try {
            if (TIME.matcher(text).matches()) {
                return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM)
                        .withLocale(language.locale())
                        .format(Instant.parse(text).atZone(BERLIN));
            }
            if (DAY.matcher(text).matches()) {
                return day(LocalDate.parse(text), language.locale());
            }
        } catch (DateTimeException asItIs) {
            return text;
        }
        return CODE.matcher(text).matches()
                ? WORDS.get(language).getProperty("word." + text, text)
                : text;
    }

    static String day(LocalDate day, Locale locale) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale).format(day);
    }

    static String escape(String text) {
        return HtmlUtils.htmlEscape(text, "UTF-8");
    }

    private static Map<Language, Properties> words() {
        Map<Language, Properties> words = new EnumMap<>(Language.class);
        for (Language language : Language.values()) {
            String file = "/rights/" + language.name().toLowerCase(Locale.ROOT) + ".properties";
            Properties properties = new Properties();
            try (InputStream in = AnswerPage.class.getResourceAsStream(file)) {
                properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
            words.put(language, properties);
        }
        return words;
    }
}
