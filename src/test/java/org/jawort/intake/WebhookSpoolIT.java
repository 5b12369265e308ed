package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.MigratedDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What waits in the spool is taken out in order, piece by piece")
class WebhookSpoolIT {

    private static final int MEGABYTE = 1 << 20;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private MigratedDatabase database;
    private WebhookSpool spool;

    @BeforeEach
    void anEmptySpool() {
        database = MigratedDatabase.create();
        spool =
                new WebhookSpool(
                        database.scope(),
                        database.jdbc(),
                        database.scope(),
                        database.jdbc(),
                        () -> Instant.parse("2026-11-23T10:00:00Z"),
                        List.of("anton"));
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    @Test
    @DisplayName("R27: however much waits, a piece is small, and the largest webhook goes alone")
    void takesSoMuchAtATimeAsMemoryHas() {
        for (int megabytes : List.of(3, 3, 2, 1, 20, 1)) {
            store(megabytes * MEGABYTE);
        }
        Exchange run = new DefaultExchange(camel);

        assertThat(megabytes(run)).containsExactly(3);
        assertThat(megabytes(run)).containsExactly(3, 2, 1);
        assertThat(megabytes(run)).containsExactly(20);
        assertThat(megabytes(run)).containsExactly(1);
        assertThat(megabytes(run)).isEmpty();
    }

    private List<Integer> megabytes(Exchange run) {
        spool.next(run);
        List<?> records = run.getMessage().getBody(List.class);
        spool.remove(run);
        return records.stream()
                .map(record -> ((Message) record).getBody(byte[].class).length / MEGABYTE)
                .toList();
    }

    private void store(int bytes) {
        Exchange webhook = new DefaultExchange(camel);
        webhook.setProperty(WebhookIntake.TENANT, "anton");
        webhook.setProperty(WebhookIntake.ACCOUNT, "wa");
        webhook.getMessage().setBody(new byte[bytes]);
        spool.store(webhook);
    }
}
