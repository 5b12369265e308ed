package org.jawort.proof;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jawort.proof.ProofOutline.Outline;
import org.jawort.proof.ProofOutline.Row;
import org.jawort.proof.ProofOutline.Section;
import org.springframework.web.util.HtmlUtils;

/**
 * A proof as a page to print, in German or English. One document without script, image or link to
 * anything outside; every value is escaped.
 */
public final class ProofPage {

    private static final String STYLE =
            """
            body{font:11pt/1.45 sans-serif;max-width:48em;margin:2em auto;padding:0 1em;color:#111}
            h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #999}
            table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.2em .6em .2em 0}
            th{width:14em;font-weight:600}code,pre{font-family:monospace;font-size:.85em;overflow-wrap:anywhere;white-space:pre-wrap}
            section{break-inside:avoid}.bad{font-weight:700;color:#a00}@media print{body{margin:0;max-width:none}}
            """;

    /** Forbids everything but the page's own style. */
    public static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'sha256-"
                    + sha256(STYLE)
                    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public enum Language {
        DE,
        EN
    }

    private final StringBuilder html = new StringBuilder(8_192);

    private ProofPage() {}

    /**
     * @param proof as {@link ConsentProofs} gives it
     * @return UTF-8
     */
    public static byte[] of(JsonNode proof, Language language) {
        return new ProofPage()
                .write(ProofOutline.of(proof, language))
                .getBytes(StandardCharsets.UTF_8);
    }

    private String write(Outline outline) {
        html.append("<!DOCTYPE html>\n<html lang=\"")
                .append(outline.language())
                .append("\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(outline.title()))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(escape(outline.title()))
                .append("</h1>\n<table>");
        outline.head().forEach(this::row);
        html.append("</table>\n");
        sections(outline.declarationsTitle(), outline.declarations());
        if (!outline.texts().isEmpty()) {
            sections(outline.textsTitle(), outline.texts());
        }
        html.append("<p>").append(escape(outline.note())).append("</p>\n</body></html>\n");
        return html.toString();
    }

    private void sections(String title, List<Section> sections) {
        html.append("<h2>").append(escape(title)).append("</h2>\n");
        sections.forEach(this::section);
    }

    private void section(Section section) {
        html.append("<section><h3>").append(escape(section.heading())).append("</h3>\n");
        if (section.words() != null) {
            html.append("<pre>").append(escape(section.words())).append("</pre>\n");
        }
        html.append("<table>");
        section.rows().forEach(this::row);
        if (section.warning() != null) {
            html.append("<tr><td colspan=\"2\" class=\"bad\">")
                    .append(escape(section.warning()))
                    .append("</td></tr>");
        }
        html.append("</table></section>\n");
    }

    private void row(Row row) {
        String value = escape(row.value());
        html.append("<tr><th scope=\"row\">")
                .append(escape(row.label()))
                .append("</th><td>")
                .append(
                        switch (row.kind()) {
                            case WORDS -> value;
                            case HASH -> "<code>" + value + "</code>";
                            case LINES -> "<pre>" + value + "</pre>";
                        })
                .append("</td></tr>\n");
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
