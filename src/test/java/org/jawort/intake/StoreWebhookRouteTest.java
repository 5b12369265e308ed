package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Where an authentic webhook goes before it is answered")
class StoreWebhookRouteTest {

    private final CamelContext camel = new DefaultCamelContext();
    private final List<String> kafka = new ArrayList<>();
    private final Spool spool = new Spool();
    private boolean kafkaDown;

    /** Stands in for {@link WebhookSpool} and its table. */
    public static final class Spool {
        private final List<String> rows = new ArrayList<>();
        private final List<String> overtaking = new ArrayList<>();
        private boolean open;
        private boolean down;

        public void passIfEmpty() {
            if (open) {
                throw new WebhookSpool.SpoolFirst();
            }
        }

        public void store(Exchange exchange) {
            if (down) {
                throw new IllegalStateException("the database is away");
            }
            rows.add(exchange.getMessage().getBody(String.class));
            open = true;
        }

        public void overtake(Exchange exchange) {
            overtaking.add(exchange.getMessage().getBody(String.class));
        }
    }

    @BeforeEach
    void startTheRoute() throws Exception {
        camel.getRegistry().bind("webhookSpool", spool);
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(
                        ResourceHelper.resolveResource(
                                camel,
                                "file:"
                                        + Path.of("routes/intake/store-webhook.camel.yaml")
                                                .toAbsolutePath()));
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:publish-webhook")
                                .errorHandler(noErrorHandler())
                                .process(
                                        exchange -> {
                                            if (kafkaDown) {
                                                throw new java.util.concurrent.TimeoutException(
                                                        "Kafka is away");
                                            }
                                            kafka.add(exchange.getMessage().getBody(String.class));
                                        });
                    }
                });
        camel.start();
    }

    @AfterEach
    void stopTheRoute() {
        camel.stop();
    }

    @Test
    void goesToKafkaAndNowhereElse() {
        store("one");

        assertThat(kafka).containsExactly("one");
        assertThat(spool.rows).isEmpty();
        assertThat(spool.overtaking).isEmpty();
    }

    @Test
    void waitsInTheSpoolWhileKafkaIsAway() {
        kafkaDown = true;

        store("one");

        assertThat(kafka).isEmpty();
        assertThat(spool.rows).containsExactly("one");
    }

    @Test
    void linesUpBehindEarlierOnesThoughKafkaIsBack() {
        kafkaDown = true;
        store("one");
        kafkaDown = false;

        store("two");

        assertThat(kafka).isEmpty();
        assertThat(spool.rows).containsExactly("one", "two");
    }

    @Test
    void goesToKafkaAfterAllWhenTheSpoolIsAway() {
        spool.open = true;
        spool.down = true;

        store("one");

        assertThat(kafka).containsExactly("one");
        assertThat(spool.overtaking).as("is told").containsExactly("one");
    }

    @Test
    void tellsTheCallerWhenNeitherTakesIt() {
        kafkaDown = true;
        spool.down = true;

        assertThatThrownBy(() -> store("one")).hasRootCauseMessage("the database is away");
        spool.open = true;
        assertThatThrownBy(() -> store("two")).hasRootCauseMessage("Kafka is away");
        assertThat(kafka).isEmpty();
        assertThat(spool.rows).isEmpty();
    }

    private void store(String webhook) {
        try (var route = camel.createProducerTemplate()) {
            route.sendBody("direct:store-webhook", webhook);
        } catch (java.io.IOException notClosed) {
            throw new java.io.UncheckedIOException(notClosed);
        }
    }
}
