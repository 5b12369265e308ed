package org.jawort.intake;

import java.nio.charset.StandardCharsets;

/**
 * What a provider hears.
 *
 * @param contentType {@code null} without a body
 */
record WebhookAnswer(int status, String contentType, byte[] body) {

    /** Exchange property of this type. */
    static final String NAME = "jawort.answer";

    static final WebhookAnswer UNAVAILABLE = empty(503);

    /** Twilio's way of not replying to the message. */
    static final WebhookAnswer TWIML = ok("text/xml", "<Response></Response>");

    static final WebhookAnswer OK = ok("text/plain", "OK");
    static final WebhookAnswer EMPTY = empty(200);

    static WebhookAnswer empty(int status) {
        return new WebhookAnswer(status, null, new byte[0]);
    }

    private static WebhookAnswer ok(String contentType, String text) {
        return new WebhookAnswer(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }
}
