package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class AttemptClockTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private void answered(int status, Object body) {
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setBody(body);
    }

    @Test
    void keepsOneKilobyteOfAnAnswerHoweverLongItIs() {
        AttemptClock.begin(exchange, NOW);
        answered(503, new ByteArrayInputStream("x".repeat(5_000_000).getBytes(UTF_8)));

        Attempt.Made made = AttemptClock.end(exchange);

        assertThat(made.beganAt()).isEqualTo(NOW);
        assertThat(made.status()).isEqualTo(503);
        assertThat(made.millis()).isNotNegative();
        assertThat(made.answer()).hasSize(1024);
    }

    @Test
    void keepsWhatCameBeforeTheConnectionBroke() {
        AttemptClock.begin(exchange, NOW);
        InputStream broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("reset");
                    }
                };
        answered(500, new SequenceInputStream(new ByteArrayInputStream(new byte[] {'n'}), broken));

        assertThat(AttemptClock.end(exchange).answer()).isEqualTo(new byte[] {'n'});
    }

    @Test
    void takesAnAnswerFromARouteThatSpeaksSomethingElse() {
        AttemptClock.begin(exchange, NOW);
        exchange.getMessage().setBody("the event itself, which is no answer");
        exchange.setProperty(AttemptClock.ANSWER, "250 2.0.0 Ok: queued");

        Attempt.Made made = AttemptClock.end(exchange);
        AttemptClock.begin(exchange, NOW);
        exchange.setProperty(AttemptClock.ANSWER, new byte[] {'7'});
        Attempt.Made next = AttemptClock.end(exchange);

        assertThat(made.answer()).isEqualTo("250 2.0.0 Ok: queued".getBytes(UTF_8));
        assertThat(made.status()).isNull();
        assertThat(next.answer()).isEqualTo(new byte[] {'7'});
    }

    @Test
    void takesNeitherTheEventNorTheAnswerBeforeForAnAnswer() {
        AttemptClock.begin(exchange, NOW);
        exchange.setProperty(AttemptClock.ANSWER, "of the delivery before");
        AttemptClock.end(exchange);

        AttemptClock.begin(exchange, NOW);
        exchange.getMessage().setBody("the event".getBytes(UTF_8));

        assertThat(AttemptClock.end(exchange).answer()).isNull();
        assertThat(AttemptClock.end(exchange)).as("none begun").isNull();
    }

    @Test
    void saysNothingOfAnAnswerWithoutABody() {
        AttemptClock.begin(exchange, NOW);
        answered(204, InputStream.nullInputStream());

        Attempt.Made made = AttemptClock.end(exchange);

        assertThat(made.answer()).isNull();
        assertThat(made.toString()).contains("204");
    }
}
