package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.MigratedDatabase;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

@DisplayName("What waits in the spool is taken out in order, piece by piece")
class WebhookSpoolIT {

    private static final int MEGABYTE = 1 << 20;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
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
                        () -> now,
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
            store(new byte[megabytes * MEGABYTE]);
        }
        Exchange run = new DefaultExchange(camel);

        assertThat(megabytes(run)).containsExactly(3);
        assertThat(megabytes(run)).containsExactly(3, 2, 1);
        assertThat(megabytes(run)).containsExactly(20);
        assertThat(megabytes(run)).containsExactly(1);
        assertThat(megabytes(run)).isEmpty();
    }

    @Test
    @DisplayName("R4, SEC-3: what left the spool late opens for as long as the topic keeps it")
    void keepsTheKeyOfWhatTheTopicHasGot() {
        SealingKeys keys = keys();
        WebhookSeal seal = new WebhookSeal(keys);
        byte[] sealed = seal.seal("anton", "wa", webhook(null, new byte[1]));
        store(sealed);

        now = now.plus(Duration.ofDays(10));
        Exchange run = new DefaultExchange(camel);
        spool.next(run);
        assertThat(spool.remove(run)).isEqualTo(1);
        now = now.plus(Duration.ofHours(72));
        keys.rotate(List.of("anton"));
        assertThat(seal.open("anton", "wa", sealed).body()).hasSize(1);
        now = now.plus(Duration.ofDays(2));
        keys.rotate(List.of("anton"));

        assertThatThrownBy(() -> seal.open("anton", "wa", sealed))
                .isInstanceOf(WebhookSeal.WebhookUnsealable.class);
    }

    @Test
    @DisplayName("what names a person is deleted wherever it lies, piece by piece")
    void deletesPieceByPiece() {
        WebhookSeal seal = new WebhookSeal(keys());
        for (int megabytes : List.of(3, 3, 3, 20)) {
            store(seal.seal("anton", "wa", webhook("of others", new byte[megabytes * MEGABYTE])));
        }
        database.scope()
                .run(
                        "anton",
                        () ->
                                database.jdbc()
                                        .update(
                                                """
                                                insert into webhook_spool (tenant, account, sealed, created_at)
                                                select 'anton', 'wa', case when n % 300 = 1 then ?::bytea else 'damaged' end, now()
                                                  from generate_series(1, 1000) n""",
                                                (Object)
                                                        seal.seal(
                                                                "anton",
                                                                "wa",
                                                                webhook("hers", new byte[1]))));
        List<Integer> pieces = new ArrayList<>();

        int deleted =
                database.scope()
                        .call(
                                "anton",
                                () ->
                                        new SpooledWebhooks(counting(pieces), seal)
                                                .delete(
                                                        "anton",
                                                        one -> "hers".equals(one.rawQuery())));

        assertThat(deleted).isEqualTo(4);
        assertThat(pieces).containsExactly(2, 1, 1, 500, 500, 0);
        assertThat(
                        database.scope()
                                .<Integer>call(
                                        "anton",
                                        () ->
                                                database.jdbc()
                                                        .queryForObject(
                                                                "select count(*) from webhook_spool",
                                                                Integer.class)))
                .isEqualTo(1000);
    }

    /** Keeps how many rows each query brought into memory. */
    private JdbcTemplate counting(List<Integer> pieces) {
        return new JdbcTemplate(database.pool()) {
            @Override
            public <T> T execute(ConnectionCallback<T> action) {
                T result = super.execute(action);
                if (result instanceof List<?> rows) {
                    pieces.add(rows.size());
                }
                return result;
            }
        };
    }

    private SealingKeys keys() {
        return new SealingKeys(
                database.scope(),
                database.jdbc(),
                new TenantKeys(RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)),
                () -> now,
                Duration.ofHours(72));
    }

    private WebhookRequest webhook(String query, byte[] body) {
        return new WebhookRequest("POST", null, query, "text/plain", Map.of(), body, now);
    }

    private List<Integer> megabytes(Exchange run) {
        spool.next(run);
        List<?> records = run.getMessage().getBody(List.class);
        spool.remove(run);
        return records.stream()
                .map(record -> ((Message) record).getBody(byte[].class).length / MEGABYTE)
                .toList();
    }

    private void store(byte[] sealed) {
        Exchange webhook = new DefaultExchange(camel);
        webhook.setProperty(WebhookIntake.TENANT, "anton");
        webhook.setProperty(WebhookIntake.ACCOUNT, "wa");
        webhook.getMessage().setBody(sealed);
        spool.store(webhook);
    }
}
