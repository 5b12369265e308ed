package org.jawort.delivery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * What an HTTP answer means for a delivery. 2xx delivered; 408, 425, 429 and 5xx may pass; anything else, redirects included, is
 * final, because a redirect followed with a signature or credentials would hand them to another host. Registered as {@code
 * httpOutcome}.
 */
public final class HttpOutcome {

    private static final Set<Integer> RETRYABLE = Set.of(408, 425, 429);

    private final InstantSource clock;

    public HttpOutcome(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * @throws DestinationUnavailable if it is worth trying again
     * @throws DestinationRefused if not
     */
    public void check(Exchange exchange) {
        int status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        if (status >= 200 && status < 300) {
            return;
        }
        if (status >= 500 || RETRYABLE.contains(status)) {
            throw new DestinationUnavailable(
                    "HTTP " + status, status, retryAfter(exchange.getMessage().getHeader("Retry-After", String.class)));
        }
        throw new DestinationRefused("HTTP " + status, status);
    }

    /** RFC 9110 section 10.2.3: seconds or a date; anything else is as if it were not there. */
    private Duration retryAfter(String header) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        if (value.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Duration wait = Duration.between(
                    clock.instant(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException neither) {
            return null;
        }
    }
}
