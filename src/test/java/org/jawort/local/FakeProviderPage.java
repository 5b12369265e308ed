package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the fake providers got, for a person to read; everything in it is escaped. */
final class FakeProviderPage {

    private static final int SHOWN = 200;

    /** Where the four providers' requests have words for a person. */
    private static final Set<String> WORDS =
            Set.of("Body", "ContentVariables", "body", "text", "caption", "title", "default");

    private static final Pattern LINK = Pattern.compile("https?://[^\\s\"<>]*[^\\s\"<>.,;:!?)]");

    private FakeProviderPage() {}

    /**
     * @param told by message id, what the provider told the hub last, and its answer
     * @param neighbour where the demo CRM is; {@code null} if there is none
     */
    static String render(List<FakeMessage> messages, Map<String, String> told, String neighbour) {
        var page = new StringBuilder();
        page.append(
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Fake providers</title>
                <link rel="stylesheet" href="/style.css">
                <script src="/refresh.js" defer></script>
                </head>
                <body>
                <header><h1>Fake providers</h1><a href="/sent">all messages as JSON</a>%s</header>
                <p>What the hub asked Twilio, MessageBird, Vonage and Smooch to send, newest first. Nobody gets any of it.</p>
                """
                        .formatted(CrmPage.leadsTo(neighbour, "what the CRM received")));
        if (messages.isEmpty()) {
            page.append("<p>Nothing yet.</p>\n");
        } else {
            page.append(
                    "<table>\n<caption>%d of %d messages</caption>\n<thead><tr>"
                            .formatted(Math.min(SHOWN, messages.size()), messages.size()));
            for (String column :
                    List.of(
                            "Received",
                            "Provider",
                            "Channel",
                            "From, to",
                            "Message",
                            "Answer",
                            "Told the hub",
                            "Id",
                            "Request")) {
                page.append("<th scope=\"col\">%s</th>".formatted(column));
            }
            page.append("</tr></thead>\n<tbody>\n");
            messages.reversed().stream().limit(SHOWN).forEach(message -> row(page, message, told));
            page.append("</tbody>\n</table>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }

    private static void row(StringBuilder page, FakeMessage message, Map<String, String> told) {
        boolean taken = message.taken() != null;
        page.append("<tr>");
        cell(page, "time", CrmPage.time(message.receivedAt()));
        cell(page, "", message.provider());
        cell(page, "", taken ? String.valueOf(message.taken().channel()) : "");
        cell(page, "", taken ? parties(message.taken()) : "");
        page.append("<td class=\"text\">").append(linked(words(message.request()))).append("</td>");
        cell(
                page,
                taken ? "valid" : "invalid",
                message.answered() == 0 ? "none" : String.valueOf(message.answered()));
        cell(page, "", taken ? told.getOrDefault(message.id(), "") : "");
        cell(page, "id", taken ? message.taken().id() : "");
        page.append("<td><details><summary>raw</summary><pre>")
                .append(CrmPage.escaped(message.path() + "\n" + message.request().toPrettyString()))
                .append("</pre></details></td></tr>\n");
    }

    private static String parties(FakeAnswer.Taken taken) {
        String from = taken.from() == null ? "" : taken.from();
        String to = taken.to() == null ? "conversation " + taken.conversationId() : taken.to();
        return from + " → " + to;
    }

    /** What the person would read, as far as the request says it: of a template its parameters. */
    private static String words(JsonNode request) {
        Set<String> words = new LinkedHashSet<>();
        collect(request, words);
        return String.join("\n", words);
    }

    private static void collect(JsonNode node, Set<String> words) {
        node.properties()
                .forEach(
                        field -> {
                            if (field.getValue().isTextual() && WORDS.contains(field.getKey())) {
                                words.add(field.getValue().asText());
                            }
                        });
        node.forEach(part -> collect(part, words));
    }

    /** Escaped, with links that can be clicked. */
    private static String linked(String text) {
        StringBuilder html = new StringBuilder();
        Matcher link = LINK.matcher(text);
        int end = 0;
        while (link.find()) {
            String url = CrmPage.escaped(link.group());
            html.append(CrmPage.escaped(text.substring(end, link.start())))
                    .append("<a href=\"%s\" rel=\"noreferrer\">%s</a>".formatted(url, url));
            end = link.end();
        }
        return html.append(CrmPage.escaped(text.substring(end))).toString();
    }

    private static void cell(StringBuilder page, String cssClass, String text) {
        page.append("<td class=\"%s\">%s</td>".formatted(cssClass, CrmPage.escaped(text)));
    }
}
