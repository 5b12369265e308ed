package org.jawort.bench;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Twilio webhooks as bytes ready for the wire, each with its own MessageSid, sender and signature.
 *
 * @param url where they go, which is also what Twilio signs
 * @param form a recorded webhook, URL-encoded, with the three texts below in it
 * @param senders how many customers write, in turn
 */
record SignedMessages(URI url, String form, String authToken, int senders) {

    private static final String SID = "SM10000001100000011000000110000001";
    private static final String SENDER = "4915100000011";
    private static final String SUBJECT_OF_TEXT = "4711";
    private static final long FIRST_SENDER = 4_915_100_100_000L;

    SignedMessages {
        if (!form.contains(SID) || !form.contains(SENDER)) {
            throw new IllegalArgumentException("the recorded webhook has changed its numbers");
        }
    }

    /** Messages 0 to {@code count} - 1 of a phase, signed before the clock runs. */
    byte[][] requests(int phase, int count) {
        String signed = url + sortedParameters();
        return IntStream.range(0, count)
                .parallel()
                .mapToObj(index -> request(new MessageNumber(phase, index), signed))
                .toArray(byte[][]::new);
    }

    private byte[] request(MessageNumber number, String signed) {
        byte[] body = filled(form, number).getBytes(StandardCharsets.UTF_8);
        byte[] head =
                """
                POST %s HTTP/1.1\r
                Host: %s\r
                Content-Type: application/x-www-form-urlencoded; charset=utf-8\r
                X-Twilio-Signature: %s\r
                Content-Length: %d\r
                \r
                """
                        .formatted(
                                url.getRawPath(),
                                url.getRawAuthority(),
                                signature(filled(signed, number)),
                                body.length)
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    private String filled(String template, MessageNumber number) {
        // 7 919 is prime: neighbours in time are not neighbours in number
        long sender = FIRST_SENDER + number.index() * 7_919L % senders;
        return template.replace(SUBJECT_OF_TEXT, String.valueOf(number.index()))
                .replace(SENDER, String.valueOf(sender))
                .replace(SID, number.sid()); // last: its digits may look like the others
    }

    private String sortedParameters() {
        var sorted = new TreeMap<String, String>();
        for (String pair : form.strip().split("&")) {
            int equals = pair.indexOf('=');
            sorted.put(
                    pair.substring(0, equals),
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        var text = new StringBuilder();
        sorted.forEach((name, value) -> text.append(name).append(value));
        return text.toString();
    }

    private String signature(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(authToken.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            return Base64.getEncoder()
                    .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
