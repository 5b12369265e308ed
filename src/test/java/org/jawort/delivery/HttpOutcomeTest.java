package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonPointer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.tenant.AnswerRule;
import org.jawort.tenant.DeliveryPolicy;
import org.jawort.tenant.Destination;
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
    @ValueSource(ints = {301, 302, 307, 308, 304, 400, 401, 403, 404, 409, 413, 422})
    void givesUpOnTheRestRedirectsIncluded(int status) {
        assertThatThrownBy(() -> outcome.check(answer(status, null)))
                .isInstanceOfSatisfying(
                        DestinationRefused.class,
                        refused -> assertThat(refused.status()).isEqualTo(status))
                .isNotInstanceOf(DestinationGone.class);
    }

    @Test
    void takesGoneAtItsWord() {
        assertThatThrownBy(() -> outcome.check(answer(410, null)))
                .isInstanceOf(DestinationGone.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | {\"status\":\"error\",\"code\":7} | FINAL",
                "200 | {\"status\":\"busy\"} | RETRY",
                "200 | {\"status\":\"ok\"} | DELIVERED",
                "200 | not JSON | DELIVERED",
                "201 | {\"status\":\"error\",\"code\":7} | DELIVERED",
                "409 | already there | DELIVERED",
                "409 | locked | RETRY",
                "404 | | RETRY",
                "451 | | GONE",
                "503 | | RETRY",
                "410 | | FINAL",
            })
    @DisplayName(
            "R11: the tenant file says what the answers of one destination mean; the first that fits")
    void classifiesAsTheTenantFileSays(int status, String body, AnswerRule.Meaning means)
            throws IOException {
        Exchange answer = answer(status, null);
        answer.setProperty(Deliveries.DESTINATION, destination());
        answer.getMessage()
                .setBody(
                        new ByteArrayInputStream(
                                body == null ? new byte[0] : body.getBytes(UTF_8)));

        assertThat(meaning(answer)).isEqualTo(means);
        assertThat(answer.getMessage().getBody(InputStream.class).readAllBytes())
                .as("left for the steps behind")
                .asString(UTF_8)
                .isEqualTo(body == null ? "" : body);
    }

    @Test
    @DisplayName("R12: an answer that breaks off decides nothing where its words would")
    void triesAgainWhenTheDecidingWordsDidNotCome() {
        Exchange told = answer(201, null);
        Exchange cut = answer(200, null);
        for (Exchange answer : List.of(told, cut)) {
            answer.setProperty(Deliveries.DESTINATION, destination());
            answer.getMessage().setBody(broken());
        }

        assertThat(meaning(told)).isEqualTo(AnswerRule.Meaning.DELIVERED);
        assertThat(meaning(cut)).isEqualTo(AnswerRule.Meaning.RETRY);
    }

    @Test
    @DisplayName(
            "R11: a long answer is judged by its beginning, and by nothing if what decides may stand behind")
    void readsTheBeginningOfALongAnswer() {
        String filling = "\"filling\":\"" + "x".repeat(20_000) + "\"";

        assertThat(meaning(long200("{\"code\":7," + filling + "}")))
                .isEqualTo(AnswerRule.Meaning.FINAL);
        assertThat(meaning(long200("{" + filling + ",\"code\":7}")))
                .as("may mean anything")
                .isEqualTo(AnswerRule.Meaning.RETRY);
        assertThat(meaning(long200("[" + "1,".repeat(20_000) + "1]")))
                .as("it still may come")
                .isEqualTo(AnswerRule.Meaning.RETRY);
    }

    private static Exchange long200(String body) {
        Exchange answer = answer(200, null);
        answer.setProperty(Deliveries.DESTINATION, destination());
        answer.getMessage().setBody(new ByteArrayInputStream(body.getBytes(UTF_8)));
        return answer;
    }

    private AnswerRule.Meaning meaning(Exchange answer) {
        try {
            outcome.check(answer);
            return AnswerRule.Meaning.DELIVERED;
        } catch (DestinationUnavailable later) {
            return AnswerRule.Meaning.RETRY;
        } catch (DestinationGone gone) {
            return AnswerRule.Meaning.GONE;
        } catch (DestinationRefused refused) {
            return AnswerRule.Meaning.FINAL;
        }
    }

    private static InputStream broken() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("reset");
            }
        };
    }

    private static Destination destination() {
        return new Destination(
                        "muster", "crm", "crm-webhook", null, List.of("*"), false, null, Map.of())
                .called(
                        new DeliveryPolicy(
                                Duration.ofSeconds(30),
                                null,
                                Duration.ofDays(5),
                                List.of(
                                        rule(200, "/code", null, null, AnswerRule.Meaning.FINAL),
                                        rule(
                                                200,
                                                "/status",
                                                "busy",
                                                null,
                                                AnswerRule.Meaning.RETRY),
                                        rule(
                                                409,
                                                null,
                                                null,
                                                "already",
                                                AnswerRule.Meaning.DELIVERED),
                                        rule(409, null, null, null, AnswerRule.Meaning.RETRY),
                                        rule(404, null, null, null, AnswerRule.Meaning.RETRY),
                                        rule(410, null, null, null, AnswerRule.Meaning.FINAL),
                                        rule(451, null, null, null, AnswerRule.Meaning.GONE))));
    }

    private static AnswerRule rule(
            int status, String at, String is, String contains, AnswerRule.Meaning means) {
        return new AnswerRule(
                status, status, at == null ? null : JsonPointer.compile(at), is, contains, means);
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
