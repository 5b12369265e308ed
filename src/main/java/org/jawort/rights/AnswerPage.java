package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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

    static final String STYLE =
            """
            body{font:11pt/1.45 sans-serif;max-width:52em;margin:2em auto;padding:0 1em;color:#111}
            h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #999}
            table{border-collapse:collapse;width:100%;margin:.6em 0}th,td{text-align:left;vertical-align:top;padding:.15em .6em .15em 0;overflow-wrap:anywhere}
            th{width:14em;font-weight:600}th[scope=col]{width:auto}td{white-space:pre-wrap}h3{font-size:1em;margin:1.4em 0 0}.list th,.list td{overflow-wrap:break-word}button{font:inherit;padding:.6em 1.2em}
            """;

    private final Writer html;
    private final Language language;
    private final AnswerWords words;

    AnswerPage(Writer html, Language language) {
        this.html = html;
        this.language = language;
        words = new AnswerWords(language);
    }

    void write(ObjectNode head, List<Section> sections) throws IOException {
        String title =
                words.word("title." + head.at("/request/type").asText())
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
                        + escape(words.word("intro." + head.at("/request/type").asText()))
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
                html.write("<p>" + escape(words.word("nothing")) + "</p>\n");
            }
        }
        html.write("</body></html>\n");
    }

    private void heading(String name) throws IOException {
        html.write("<h2>" + escape(words.word("section." + name)) + "</h2>\n");
    }

    private void told(JsonNode part) {
        if (part.isArray()) {
            part.forEach(this::told);
        } else {
            tables(part);
        }
    }

    /** What is one, then each list in a table of its own. */
    private void tables(JsonNode part) {
        ObjectNode plain = JsonNodeFactory.instance.objectNode();
        part.properties().stream()
                .filter(field -> !isList(field.getValue()))
                .forEach(field -> plain.set(field.getKey(), field.getValue()));
        table(plain);
        part.properties().stream()
                .filter(field -> isList(field.getValue()))
                .forEach(field -> list(field.getKey(), field.getValue()));
    }

    private static boolean isList(JsonNode node) {
        return node.isArray() && node.path(0).isObject();
    }

    private void list(String name, JsonNode rows) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.fieldNames().forEachRemaining(columns::add));
        StringBuilder table =
                new StringBuilder(
                        "<h3>" + escape(words.label(name)) + "</h3>\n<table class=\"list\"><tr>");
        columns.forEach(
                column ->
                        table.append("<th scope=\"col\">" + escape(words.label(column)) + "</th>"));
        for (JsonNode row : rows) {
            table.append("</tr>\n<tr>");
            columns.forEach(
                    column ->
                            table.append(
                                    "<td>" + escape(said(column, row.path(column))) + "</td>"));
        }
        try {
            html.write(table + "</tr></table>\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void table(JsonNode row) {
        try {
            html.write("<table>");
            fields("", "", row);
            html.write("</table>\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * @param field whose value the node is, for a list of its elements
     */
    private void fields(String within, String field, JsonNode node) throws IOException {
        if (node.isObject()) {
            for (var one : node.properties()) {
                String label = words.label(one.getKey());
                fields(
                        within.isEmpty() ? label : within + " · " + label,
                        one.getKey(),
                        one.getValue());
            }
        } else if (node.isArray()) {
            int n = 0;
            for (JsonNode one : node) {
                fields(node.size() > 1 ? within + " " + ++n : within, field, one);
            }
        } else if (!node.isNull()) {
            html.write(
                    "<tr><th scope=\"row\">"
                            + escape(within)
                            + "</th><td>"
                            + escape(said(field, node))
                            + "</td></tr>\n");
        }
    }

    private String said(String field, JsonNode node) {
        return node.isNull()
                ? ""
                : node.isBoolean() ? words.word(node.asText()) : words.value(field, node.asText());
    }

    static String escape(String text) {
        return HtmlUtils.htmlEscape(text, "UTF-8");
    }
}
