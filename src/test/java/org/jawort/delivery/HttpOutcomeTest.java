package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("R11: what an HTTP answer means")
class HttpOutcomeTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private final HttpOutcome outcome = new HttpOutcome(() -> NOW);

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void takesEveryTwoHundredAsDelivered(int status) {
        assertThatCode(() -> outcome.check(answer(status, null))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 599})
    void triesAgainWhatMayPass(int status) {
        assertThatThrownBy(() -> outcome.check(answer(status, null)))
                .isInstanceOfSatisfying(
                        DestinationUnavailable.class,
                        later -> {
                            assertThat(later.status()).isEqualTo(status);
                            assertThat(later.retryAfter()).isNull();
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308, 304, 400, 401, 403, 404, 409, 410, 413, 422})
    void givesUpOnTheRestRedirectsIncluded(int status) {
        assertThatThrownBy(() -> outcome.check(answer(status, null)))
                .isInstanceOfSatisfying(
                        DestinationRefused.class,
                        refused -> assertThat(refused.status()).isEqualTo(status));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30 | PT30S",
                " 0 | PT0S",
                "Mon, 23 Nov 2026 10:05:00 GMT | PT5M",
                "Mon, 23 Nov 2026 09:00:00 GMT | PT0S",
                "999999999 | PT277777H46M39S"
            })
    @DisplayName("RFC 9110 10.2.3: seconds or a date")
    void readsHowLongToWait(String header, Duration wait) {
        assertThat(unavailable(header).retryAfter()).isEqualTo(wait);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "soon",
                "-5",
                "1.5",
                "99999999999999999999",
                "Mon, 99 Nov 2026 10:05:00 GMT",
                ""
            })
    void readsAnythingElseAsNothing(String header) {
        assertThat(unavailable(header).retryAfter()).isNull();
    }

    @Test
    void tellsTheStatusAndNoWordOfTheAnswer() {
        Exchange answer = answer(422, null);
        answer.getMessage().setBody("Erika Mustermann is unknown");

        assertThatThrownBy(() -> outcome.check(answer)).hasMessage("HTTP 422");
    }

    private DestinationUnavailable unavailable(String retryAfter) {
        return catchThrowableOfType(
                DestinationUnavailable.class, () -> outcome.check(answer(503, retryAfter)));
    }

    private static Exchange answer(int status, String retryAfter) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        if (retryAfter != null) {
            exchange.getMessage().setHeader("Retry-After", retryAfter);
        }
        return exchange;
    }
}
