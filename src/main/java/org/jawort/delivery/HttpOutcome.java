package org.jawort.delivery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.tenant.AnswerRule;
import org.jawort.tenant.AnswerRule.Meaning;
import org.jawort.tenant.Destination;

/**
 * What an HTTP answer means for a delivery: what the tenant file says of the destination, else 2xx
 * delivered; 408, 425, 429 and 5xx may pass; 410 the destination is gone for good; anything else is
 * final. A redirect is never followed, because that would hand a signature or credentials to
 * another host. Registered as {@code httpOutcome}.
 */
public final class HttpOutcome {

    private static final Set<Integer> RETRYABLE = Set.of(408, 425, 429);
    private static final int GONE = 410;
    private static final int LONGEST_ANSWER = 16 * 1024;

    private final InstantSource clock;

    public HttpOutcome(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Leaves the body to be read by the steps that follow.
     *
     * @throws DestinationUnavailable if it is worth trying again
     * @throws DestinationGone if nothing needs to be tried at this destination
     * @throws DestinationRefused if not
     */
    public void check(Exchange exchange) {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        Answer answer = read(message);
        switch (meaning(exchange, status, answer)) {
            case DELIVERED -> {}
            case RETRY ->
                    throw new DestinationUnavailable(
                            "HTTP " + status,
                            status,
                            RetryAfter.parse(
                                    message.getHeader("Retry-After", String.class),
                                    clock.instant()));
            case FINAL -> throw new DestinationRefused("HTTP " + status, status);
            case GONE -> throw new DestinationGone("HTTP " + status, status);
        }
    }

    private static Meaning meaning(Exchange exchange, int status, Answer answer) {
        Destination destination = exchange.getProperty(Deliveries.DESTINATION, Destination.class);
        if (destination != null) {
            for (AnswerRule rule : destination.delivery().answers()) {
                if (!rule.covers(status)) {
                    continue;
                }
                if (rule.asksForBody() && !answer.complete()) {
                    throw new DestinationUnavailable("answer cut off", status, null);
                }
                Optional<Boolean> fits = rule.fits(answer.bytes(), answer.isAll());
                if (fits.isEmpty()) {
                    throw new DestinationUnavailable("answer too long to judge", status, null);
                }
                if (fits.get()) {
                    return rule.means();
                }
            }
        }
        if (status >= 200 && status < 300) {
            return Meaning.DELIVERED;
        }
        if (status == GONE) {
            return Meaning.GONE;
        }
        return status >= 500 || RETRYABLE.contains(status) ? Meaning.RETRY : Meaning.FINAL;
    }

    /**
     * @param complete whether reading ended at the end of the answer or at its {@value
     *     #LONGEST_ANSWER}th byte, and not because the connection broke
     */
    private record Answer(byte[] bytes, boolean complete) {

        boolean isAll() {
            return bytes.length < LONGEST_ANSWER;
        }
    }

    private static Answer read(Message message) {
        if (!(message.getBody() instanceof InputStream stream)) {
            return new Answer(bytes(message.getBody()), true);
        }
        byte[] begun = new byte[LONGEST_ANSWER];
        int length = 0;
        boolean complete = true;
        try {
            for (int read = 0; read >= 0 && length < begun.length; length += Math.max(read, 0)) {
                read = stream.read(begun, length, begun.length - length);
            }
        } catch (IOException broken) {
            complete = false; // the status has come, and may say enough
        }
        byte[] bytes = Arrays.copyOf(begun, length);
        message.setBody(
                length < begun.length
                        ? new ByteArrayInputStream(bytes)
                        : new SequenceInputStream(new ByteArrayInputStream(bytes), stream));
        return new Answer(bytes, complete);
    }

    private static byte[] bytes(Object body) {
        return body instanceof byte[] bytes
                ? bytes
                : body instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
    }
}
