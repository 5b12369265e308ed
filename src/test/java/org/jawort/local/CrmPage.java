package org.jawort.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The demo CRM's events for a person to read. Everything from an event is escaped: its text was
 * written by a stranger.
 */
final class CrmPage {

    static final int SHOWN = 200;

    static final String STYLE =
            """
            body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 95rem; padding: 0 1rem; color: #1d2733 }
            header { display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap }
            h1 { font-size: 1.4rem; margin: 0 } p { color: #5a6876; margin: .3rem 0 1rem }
            table { border-collapse: collapse; width: 100% } caption { text-align: left; color: #5a6876; padding: .3rem 0 }
            th, td { text-align: left; vertical-align: top; padding: .4rem .45rem; border-bottom: 1px solid #dde3e9 }
            th { font-weight: 600; white-space: nowrap } td.time { min-width: 6rem } td.short { white-space: nowrap } td.id { min-width: 8rem; overflow-wrap: anywhere } td.text { min-width: 12rem; max-width: 40rem; overflow-wrap: anywhere; white-space: pre-wrap }
            .valid { color: #17693a } .invalid { color: #a4161a; font-weight: 600 }
            details pre { background: #f3f5f7; padding: .7rem; overflow-x: auto; max-width: 60rem }
            @media (prefers-color-scheme: dark) {
              body { background: #14191f; color: #dfe6ee } th, td { border-color: #2c3642 } details pre { background: #1d242c }
              p, caption { color: #93a1b0 } .valid { color: #6fd39a } .invalid { color: #ff8a8a }
            }
            """;

    /** Refreshes only while nobody reads: an opened detail or selected text would be lost. */
    static final String SCRIPT =
            """
            setInterval(() => {
              const reading = document.querySelector('details[open]') || String(document.getSelection());
              if (!reading && !document.hidden) location.reload();
            }, 3000);
            """;

    private static final ObjectMapper PRETTY =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What of an event without content tells what happened, in this order. */
    private static final List<String> TOLD =
            List.of(
                    "status",
                    "request",
                    "state",
                    "cause",
                    "noticeVersion",
                    "changed",
                    "category",
                    "reason",
                    "rule",
                    "restricted",
                    "dueOn");

    private CrmPage() {}

    /**
     * @param newestFirst at most {@link #SHOWN} events
     * @param total how many are kept in all
     * @param neighbour where the fake providers are; {@code null} if there are none
     */
    static String render(List<CrmEvent> newestFirst, int total, String neighbour) {
        var page = new StringBuilder();
        page.append(
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Demo CRM</title>
                <link rel="stylesheet" href="/style.css">
                <script src="/refresh.js" defer></script>
                </head>
                <body>
                <header><h1>Demo CRM</h1><a href="/crm/events">all events as JSON</a>%s</header>
                <p>What the hub delivered, newest first. The page renews itself every three seconds unless a detail is open.</p>
                """
                        .formatted(leadsTo(neighbour, "what the providers were asked to send")));
        if (newestFirst.isEmpty()) {
            page.append("<p>Nothing yet. Send something: <code>./hub simulate --list</code></p>\n");
        } else {
            page.append(
                    "<table>\n<caption>%d of %d events</caption>\n"
                            .formatted(newestFirst.size(), total));
            page.append(
                            "<thead><tr><th scope=\"col\">Received</th><th scope=\"col\">Type</th><th scope=\"col\">Channel</th>")
                    .append(
                            "<th scope=\"col\">From, to</th><th scope=\"col\">What it says</th><th scope=\"col\">Conversation</th>")
                    .append(
                            "<th scope=\"col\">Consent</th><th scope=\"col\">Signature</th><th scope=\"col\">Answer</th>")
                    .append(
                            "<th scope=\"col\">Sequence</th><th scope=\"col\">Event</th></tr></thead>\n<tbody>\n");
            newestFirst.forEach(event -> row(page, event));
            page.append("</tbody>\n</table>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }

    private static void row(StringBuilder page, CrmEvent event) {
        page.append("<tr>");
        cell(page, "time", time(event.receivedAt()));
        cell(page, "", event.field("/type").replaceAll("^jawort[.]|[.]v[0-9]+$", ""));
        cell(page, "", event.field("/data/channel"));
        cell(page, "", parties(event));
        page.append("<td class=\"text\">").append(escaped(says(event)));
        for (JsonNode medium : event.event().at("/data/content/media")) {
            link(page, medium);
        }
        page.append("</td>");
        cell(page, "short", shortened(event.field("/data/conversationId")));
        cell(
                page,
                "",
                (event.field("/data/consent/decision") + " " + event.field("/data/consent/reason"))
                        .strip());
        cell(page, event.signature(), event.signature());
        cell(page, event.answered() < 300 ? "valid" : "invalid", String.valueOf(event.answered()));
        cell(page, "", event.field("/sequence"));
        page.append("<td><details><summary>raw</summary><pre>")
                .append(escaped(pretty(event)))
                .append("</pre></details></td></tr>\n");
    }

    /** Of UTC, to the second, in two words. */
    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[TZ]", " ").strip();
    }

    /** Who wrote to whom; of what is about a person, their address. */
    private static String parties(CrmEvent event) {
        String from = party(event, "/data/from");
        String to = party(event, "/data/to");
        if (from.isEmpty() && to.isEmpty()) {
            return event.field("/data/address");
        }
        return from + " → " + to;
    }

    private static String party(CrmEvent event, String at) {
        return (event.field(at + "/name") + " " + event.field(at + "/address")).strip();
    }

    /** The words of a message; of any other event what it says happened. */
    private static String says(CrmEvent event) {
        if (event.event().at("/data/content").isObject()) {
            String text = event.field("/data/content/text");
            String template = event.field("/data/content/template/name");
            return text.isEmpty() ? event.field("/data/content/type") : named(template) + text;
        }
        StringBuilder said = new StringBuilder();
        for (String field : TOLD) {
            String value = event.field("/data/" + field);
            said.append(value.isEmpty() ? "" : (said.isEmpty() ? "" : ", ") + value);
        }
        String before = event.field("/data/previousState");
        return before.isEmpty()
                ? said.toString()
                : "%s: %s → %s (%s)"
                        .formatted(
                                event.field("/data/purpose"),
                                before,
                                event.field("/data/state"),
                                event.field("/data/transition"));
    }

    private static String named(String template) {
        return template.isEmpty() ? "" : "[" + template + "] ";
    }

    /** The end of an id, where those of one minute differ. */
    private static String shortened(String id) {
        return id.length() > 8 ? "…" + id.substring(id.length() - 8) : id;
    }

    static String leadsTo(String url, String what) {
        return url == null ? "" : "<a href=\"%s\">%s</a>".formatted(escaped(url), escaped(what));
    }

    private static void link(StringBuilder page, JsonNode medium) {
        String url = medium.path("url").asText("");
        String reason = medium.at("/unavailable/reason").asText("");
        if (url.startsWith("http")) {
            page.append(" <a href=\"")
                    .append(escaped(url))
                    .append("\">")
                    .append(escaped(medium.path("contentType").asText("file")))
                    .append("</a>");
        }
        page.append(escaped(reason.isEmpty() ? "" : " (" + reason + ")"));
    }

    private static void cell(StringBuilder page, String cssClass, String text) {
        page.append("<td class=\"")
                .append(escaped(cssClass))
                .append("\">")
                .append(escaped(text))
                .append("</td>");
    }

    private static String pretty(CrmEvent event) {
        try {
            return PRETTY.writeValueAsString(event.event());
        } catch (JsonProcessingException neverForATree) {
            throw new AssertionError(neverForATree);
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
