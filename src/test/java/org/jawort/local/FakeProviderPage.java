package org.jawort.local;

import java.util.List;

/** What the fake providers got, for a person to read; everything in it is escaped. */
final class FakeProviderPage {

    private static final int SHOWN = 200;

    private FakeProviderPage() {}

    static String render(List<FakeMessage> messages) {
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
                <header><h1>Fake providers</h1><a href="/sent">all messages as JSON</a></header>
                <p>What the hub asked Twilio, MessageBird, Vonage and Smooch to send, newest first. Nobody gets any of it.</p>
                """);
        if (messages.isEmpty()) {
            page.append("<p>Nothing yet.</p>\n");
        } else {
            page.append(
                    "<table>\n<caption>%d of %d messages</caption>\n"
                            .formatted(Math.min(SHOWN, messages.size()), messages.size()));
            page.append(
                            "<thead><tr><th scope=\"col\">Received</th><th scope=\"col\">Provider</th><th scope=\"col\">To</th>")
                    .append(
                            "<th scope=\"col\">Answer</th><th scope=\"col\">Id</th><th scope=\"col\">Request</th></tr></thead>\n<tbody>\n");
            messages.reversed().stream().limit(SHOWN).forEach(message -> row(page, message));
            page.append("</tbody>\n</table>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }

    private static void row(StringBuilder page, FakeMessage message) {
        boolean taken = message.taken() != null;
        String to =
                !taken
                        ? ""
                        : message.taken().to() == null
                                ? "conversation " + message.taken().conversationId()
                                : message.taken().to();
        page.append("<tr>");
        cell(page, "", message.receivedAt().toString());
        cell(page, "", message.provider());
        cell(page, "", to);
        cell(
                page,
                taken ? "valid" : "invalid",
                message.answered() == 0 ? "none" : String.valueOf(message.answered()));
        cell(page, "", taken ? message.taken().id() : "");
        page.append("<td><details><summary>raw</summary><pre>")
                .append(CrmPage.escaped(message.path() + "\n" + message.request().toPrettyString()))
                .append("</pre></details></td></tr>\n");
    }

    private static void cell(StringBuilder page, String cssClass, String text) {
        page.append("<td class=\"%s\">%s</td>".formatted(cssClass, CrmPage.escaped(text)));
    }
}
