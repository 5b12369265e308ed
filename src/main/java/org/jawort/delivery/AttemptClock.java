package org.jawort.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Times an attempt and keeps the beginning of what the destination answered: the body of an HTTP
 * answer, else what the destination's route left in the property {@link #ANSWER}.
 */
final class AttemptClock {

    /**
     * Where a route that speaks something else than HTTP leaves what it was told, as a string or
     * bytes: a version id, the reply to an SMTP command. It is kept sealed.
     */
    static final String ANSWER = "jawort.answer";

    /** How much of an answer is kept, in bytes. */
    static final int KEPT = 1024;

    /** An answer that drips is kept as far as it has come by then. */
    private static final Duration LONGEST_READ = Duration.ofSeconds(2);

    private static final String BEGAN = "jawort.attempt.began";

    private record Began(Instant at, long nanos) {}

    private AttemptClock() {}

    static void begin(Exchange exchange, Instant now) {
        exchange.setProperty(BEGAN, new Began(now, System.nanoTime()));
        exchange.removeProperty(ANSWER);
    }

    /**
     * Reads the answer, which nobody reads after this.
     *
     * @return {@code null} if no attempt was begun
     */
    static Attempt.Made end(Exchange exchange) {
        if (!(exchange.removeProperty(BEGAN) instanceof Began began)) {
            return null;
        }
        Message message = exchange.getMessage();
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        byte[] answer =
                status == null ? body(exchange.getProperty(ANSWER)) : body(message.getBody());
        long millis = Duration.ofNanos(System.nanoTime() - began.nanos()).toMillis();
        return new Attempt.Made(
                began.at(),
                (int) Math.min(millis, Integer.MAX_VALUE),
                status,
                answer == null || answer.length == 0
                        ? null
                        : Arrays.copyOf(answer, Math.min(answer.length, KEPT)));
    }

    private static byte[] body(Object body) {
        return body instanceof InputStream stream
                ? read(stream)
                : body instanceof String text
                        ? bytes(text)
                        : body instanceof byte[] all ? all : null;
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] read(InputStream stream) {
        byte[] kept = new byte[KEPT];
        int length = 0;
        long until = System.nanoTime() + LONGEST_READ.toNanos();
        try {
            while (length < KEPT && System.nanoTime() < until) {
                int more = stream.read(kept, length, KEPT - length);
                if (more < 0) {
                    break;
                }
                length += more;
            }
        } catch (IOException brokenOff) {
            // What came before is what is known; how the attempt ended is decided already.
        }
        return Arrays.copyOf(kept, length);
    }
}
