package org.jawort.document;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.springframework.web.util.HtmlUtils;

/**
 * A text with headings and tables, to be written as Markdown or as one HTML document without
 * script, image or link to anything outside. Whatever is put in is text: nothing of it is markup.
 */
record Page(String title, List<Block> blocks) {

    sealed interface Block {

        record Heading(int level, String text) implements Block {}

        record Paragraph(String text) implements Block {}

        /**
         * @param head empty if the first column names the rows
         */
        record Table(List<String> head, List<List<String>> rows) implements Block {}
    }

    private static final String STYLE =
            """
            body{font:11pt/1.45 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#111}
            h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #999}h3{font-size:1em}
            table{border-collapse:collapse;width:100%;margin:.6em 0}th,td{text-align:left;vertical-align:top;padding:.2em .6em .2em 0;overflow-wrap:anywhere}
            th{font-weight:600}table.facts th{width:16em}tr{break-inside:avoid}@media print{body{margin:0;max-width:none}}
            """;

    /** Forbids everything but the page's own style. */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'sha256-"
                    + sha256(STYLE)
                    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    String markdown() {
        StringBuilder text = new StringBuilder("# ").append(plain(title)).append("\n");
        for (Block block : blocks) {
            text.append('\n');
            switch (block) {
                case Block.Heading heading ->
                        text.append("#".repeat(heading.level()))
                                .append(' ')
                                .append(plain(heading.text()))
                                .append('\n');
                case Block.Paragraph paragraph -> text.append(plain(paragraph.text())).append('\n');
                case Block.Table table -> markdown(text, table);
            }
        }
        return text.toString();
    }

    private static void markdown(StringBuilder text, Block.Table table) {
        int columns =
                table.head().isEmpty()
                        ? table.rows().isEmpty() ? 0 : table.rows().getFirst().size()
                        : table.head().size();
        row(text, table.head().isEmpty() ? List.of("", "").subList(0, columns) : table.head());
        text.append("|---".repeat(columns)).append("|\n");
        table.rows().forEach(row -> row(text, row));
    }

    private static void row(StringBuilder text, List<String> cells) {
        cells.forEach(cell -> text.append("| ").append(plain(cell)).append(' '));
        text.append("|\n");
    }

    /** One line in which nothing is markup. */
    private static String plain(String text) {
        return text.replaceAll("\\s+", " ").replaceAll("([\\\\`*_{}\\[\\]<>|#])", "\\\\$1");
    }

    String html(String language) {
        StringBuilder html =
                new StringBuilder("<!DOCTYPE html>\n<html lang=\"")
                        .append(language)
                        .append("\"><head><meta charset=\"utf-8\"><title>")
                        .append(escape(title))
                        .append("</title><style>")
                        .append(STYLE)
                        .append("</style></head><body><h1>")
                        .append(escape(title))
                        .append("</h1>\n");
        for (Block block : blocks) {
            switch (block) {
                case Block.Heading heading ->
                        html.append("<h")
                                .append(heading.level())
                                .append('>')
                                .append(escape(heading.text()))
                                .append("</h")
                                .append(heading.level())
                                .append(">\n");
                case Block.Paragraph paragraph ->
                        html.append("<p>").append(escape(paragraph.text())).append("</p>\n");
                case Block.Table table -> html(html, table);
            }
        }
        return html.append("</body></html>\n").toString();
    }

    private static void html(StringBuilder html, Block.Table table) {
        boolean facts = table.head().isEmpty();
        html.append(facts ? "<table class=\"facts\">" : "<table>");
        if (!facts) {
            html.append("<tr>");
            table.head()
                    .forEach(
                            cell ->
                                    html.append("<th scope=\"col\">")
                                            .append(escape(cell))
                                            .append("</th>"));
            html.append("</tr>\n");
        }
        for (List<String> row : table.rows()) {
            html.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                boolean names = facts && i == 0;
                html.append(names ? "<th scope=\"row\">" : "<td>")
                        .append(escape(row.get(i)))
                        .append(names ? "</th>" : "</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</table>\n");
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text, "UTF-8");
    }

    private static String sha256(String style) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(style.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
