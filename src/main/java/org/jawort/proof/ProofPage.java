package org.jawort.proof;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.stream.StreamSupport;
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

    private final Properties words = new Properties();
    private final String language;
    private final StringBuilder html = new StringBuilder(8_192);

    private ProofPage(Language language) {
        this.language = language.name().toLowerCase(java.util.Locale.ROOT);
        try (Reader reader =
                new InputStreamReader(
                        ProofPage.class.getResourceAsStream(
                                "/proof/" + this.language + ".properties"),
                        StandardCharsets.UTF_8)) {
            words.load(reader);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @param proof as {@link ConsentProofs} gives it
     * @return UTF-8
     */
    public static byte[] of(JsonNode proof, Language language) {
        return new ProofPage(language).write(proof).getBytes(StandardCharsets.UTF_8);
    }

    private String write(JsonNode proof) {
        html.append("<!DOCTYPE html>\n<html lang=\"")
                .append(language)
                .append("\"><head><meta charset=\"utf-8\"><title>")
                .append(word("title"))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(word("title"))
                .append("</h1>\n<table>");
        JsonNode controller = proof.at("/pii_controllers/0");
        row("controller", controller.get("party_name"));
        row("controllerAddress", controller.get("party_address"));
        row("contact", controller.get("party_contact"));
        row("record", proof.get("record_id"));
        row("person", proof.get("pii_principal_id"));
        row("channel", proof.get("service"));
        coded("purpose", proof.get("purpose"));
        coded("basis", proof.get("lawful_basis"));
        cell("stateNow", code("state", proof.get("event_state")));
        row("validUntil", proof.get("validity_duration"));
        row("notice", proof.get("privacy_notice"));
        list("data", proof.get("pii_information"));
        list("recipients", proof.get("recipient_third_parties"));
        list("storage", proof.get("storage_locations"));
        row("jurisdiction", proof.get("jurisdiction"));
        row("retention", proof.get("retention_period"));
        list("withdrawal", proof.get("withdrawal_method"));
        row("rights", proof.get("privacy_rights"));
        html.append("</table>\n<h2>").append(word("declarations")).append("</h2>\n");
        proof.get("events").forEach(this::event);
        if (!proof.get("texts").isEmpty()) {
            html.append("<h2>").append(word("texts")).append("</h2>\n");
            proof.get("texts").forEach(this::text);
        }
        html.append("<p>").append(word("chainNote")).append("</p>\n</body></html>\n");
        return html.toString();
    }

    private void event(JsonNode event) {
        JsonNode more = event.get("extension");
        html.append("<section><h3>")
                .append(escaped(more.get("chainIndex")))
                .append(". ")
                .append(code("event", event.get("event_type")))
                .append("</h3>\n<table>");
        coded("state", event.get("event_state"));
        coded("outcome", more.get("outcome"));
        row("reason", more.get("reason"));
        coded("actor", event.get("entity_id"));
        row("declaredAt", event.get("event_time"));
        row("receivedAt", event.get("received_time"));
        row("validUntil", event.get("validity_duration"));
        coded("matchedRule", more.get("matchedRule"));
        row("textVersion", more.get("textVersion"));
        row("language", event.get("language"));
        row("notice", event.get("privacy_notice"));
        row("message", more.get("messageId"));
        evidence(more);
        hash("addressHash", more.get("addressHash"));
        hash("textSha256", more.get("textSha256"));
        hash("commitment", more.get("commitment"));
        hash("prevHash", more.get("prevHash"));
        hash("entryHash", more.get("entryHash"));
        if (!more.get("sound").booleanValue()) {
            html.append("<tr><td colspan=\"2\" class=\"bad\">")
                    .append(word("unsound"))
                    .append("</td></tr>");
        }
        html.append("</table></section>\n");
    }

    private void evidence(JsonNode more) {
        JsonNode evidence = more.get("evidence");
        if (!evidence.isNull()) {
            String shown = evidence.isObject() ? evidence.toPrettyString() : evidence.textValue();
            cell("evidence", "<pre>" + escape(shown) + "</pre>");
        }
        coded("evidenceWithheld", more.get("evidenceWithheld"));
    }

    private void text(JsonNode text) {
        html.append("<section><h3>")
                .append(escaped(text.get("textVersion")))
                .append(" (")
                .append(escaped(text.get("language")))
                .append(")</h3>\n<pre>")
                .append(escaped(text.get(text.get("shown").isNull() ? "words" : "shown")))
                .append("</pre>\n<table>");
        row("validFrom", text.get("validFrom"));
        row("approvedBy", text.get("approvedBy"));
        hash("textSha256", text.get("sha256"));
        html.append("</table></section>\n");
    }

    private void row(String label, JsonNode value) {
        if (value != null && !value.isNull() && !value.isMissingNode()) {
            cell(label, escaped(value));
        }
    }

    /** A value that has a word in the page's language. */
    private void coded(String label, JsonNode value) {
        if (value != null && !value.isNull()) {
            cell(label, code(label, value));
        }
    }

    private void hash(String label, JsonNode value) {
        if (value != null && !value.isNull()) {
            cell(label, "<code>" + escaped(value) + "</code>");
        }
    }

    private void list(String label, JsonNode values) {
        List<String> each = new ArrayList<>();
        StreamSupport.stream(values.spliterator(), false)
                .map(value -> value.has("pii_type") ? value.get("pii_type") : value)
                .forEach(value -> each.add(code(label, value)));
        if (!each.isEmpty()) {
            cell(label, String.join(", ", each));
        }
    }

    private void cell(String label, String escapedHtml) {
        html.append("<tr><th scope=\"row\">")
                .append(word(label))
                .append("</th><td>")
                .append(escapedHtml)
                .append("</td></tr>\n");
    }

    private String code(String label, JsonNode value) {
        String known = words.getProperty(label + "." + value.asText());
        return known == null ? escaped(value) : escape(known) + " (" + escaped(value) + ")";
    }

    private String word(String key) {
        return escape(java.util.Objects.requireNonNull(words.getProperty(key), key));
    }

    private static String escaped(JsonNode value) {
        return escape(value.asText());
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
