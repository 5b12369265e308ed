package org.jawort.rights;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.MessageFormat;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * The page behind a link to an answer. The button posts to the page's own address; nothing on it
 * comes from elsewhere.
 */
public final class DownloadPage {

    /** Forbids everything but the page's own style and button. */
    public static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'sha256-"
                    + sha256(AnswerPage.STYLE)
                    + "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private DownloadPage() {}

    /**
     * A link that gives something says so in the language of its request. One that does not says it
     * in all languages: even that would tell whether there was a request.
     *
     * @param controller {@code null} where nobody may learn whose the link was
     * @param until when the link ends; {@code null} where nobody may learn it
     */
    static void write(
            Writer html,
            AnswerPage.Language language,
            String controller,
            RequestDownloads.State state,
            Instant until)
            throws IOException {
        boolean isGone = state == RequestDownloads.State.GONE;
        AnswerPage.Language first = isGone ? AnswerPage.Language.DE : language;
        AnswerWords words = new AnswerWords(first);
        String name = controller == null ? "" : " – " + controller;
        String title = AnswerPage.escape(words.word("download.title") + name);
        html.write(
                "<!DOCTYPE html>\n<html lang=\""
                        + tag(first)
                        + "\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\"><meta name=\"viewport\" content=\"width=device-width\"><title>"
                        + title
                        + "</title><style>"
                        + AnswerPage.STYLE
                        + "</style></head><body><h1>"
                        + title
                        + "</h1>\n");
        for (AnswerPage.Language said :
                isGone ? List.of(AnswerPage.Language.values()) : List.of(first)) {
            html.write(
                    "<p lang=\"" + tag(said) + "\">" + AnswerPage.escape(says(said, state, until)));
            html.write("</p>\n");
        }
        if (state == RequestDownloads.State.READY) {
            html.write(
                    "<form method=\"post\"><button>"
                            + AnswerPage.escape(words.word("download.button"))
                            + "</button></form>\n");
        }
        html.write("</body></html>\n");
    }

    private static String says(
            AnswerPage.Language language, RequestDownloads.State state, Instant until) {
        AnswerWords words = new AnswerWords(language);
        String said = words.word("download." + state);
        return until == null
                ? said
                : MessageFormat.format(said, words.value("until", until.toString()));
    }

    private static String tag(AnswerPage.Language language) {
        return language.name().toLowerCase(Locale.ROOT);
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
