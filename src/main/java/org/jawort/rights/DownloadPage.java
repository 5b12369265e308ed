package org.jawort.rights;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
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
     * @param controller {@code null} where nobody may learn whose the link was
     */
    static void write(
            Writer html,
            AnswerPage.Language language,
            String controller,
            RequestDownloads.State state)
            throws IOException {
        String title = AnswerPage.word(language, "download.title");
        String name = controller == null ? "" : " – " + controller;
        html.write(
                "<!DOCTYPE html>\n<html lang=\""
                        + language.name().toLowerCase(Locale.ROOT)
                        + "\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\"><meta name=\"viewport\" content=\"width=device-width\"><title>"
                        + AnswerPage.escape(title + name)
                        + "</title><style>"
                        + AnswerPage.STYLE
                        + "</style></head><body><h1>"
                        + AnswerPage.escape(title + name)
                        + "</h1>\n<p>"
                        + AnswerPage.escape(AnswerPage.word(language, "download." + state))
                        + "</p>\n");
        if (state == RequestDownloads.State.READY) {
            html.write(
                    "<form method=\"post\"><button>"
                            + AnswerPage.escape(AnswerPage.word(language, "download.button"))
                            + "</button></form>\n");
        }
        html.write("</body></html>\n");
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
