package org.jawort.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jawort.MigratedDatabase;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

class QuarantinedWebhooksIT {

    private static final int MEGABYTE = 1 << 20;
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final TenantKeys keys =
            new TenantKeys(RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null));

    @Test
    @DisplayName("what names a person is deleted wherever it lies, piece by piece")
    void deletesPieceByPiece() {
        List<Quarantine.Item> items = new ArrayList<>();
        for (int megabytes : List.of(3, 3, 3, 20)) {
            items.add(item(packed("of others", megabytes * MEGABYTE)));
        }
        IntStream.rangeClosed(1, 1000)
                .forEach(n -> items.add(item(n % 300 == 1 ? packed("hers", 1) : new byte[1])));
        List<Integer> pieces = new ArrayList<>();
        try (var database = MigratedDatabase.create()) {
            database.scope()
                    .run("anton", () -> new Quarantine(database.jdbc(), keys).add(items, NOW));

            List<UUID> deleted =
                    database.scope()
                            .call(
                                    "anton",
                                    () ->
                                            new QuarantinedWebhooks(
                                                            counting(database, pieces),
                                                            keys,
                                                            () -> NOW)
                                                    .delete(
                                                            "anton",
                                                            one -> "hers".equals(one.rawQuery())));

            assertThat(deleted).hasSize(4).doesNotHaveDuplicates();
            assertThat(pieces).containsExactly(2, 1, 1, 500, 500, 0);
            assertThat(left(database)).hasSize(1000).doesNotContainAnyElementsOf(deleted);
        }
    }

    private static List<UUID> left(MigratedDatabase database) {
        return database.scope()
                .call(
                        "anton",
                        () ->
                                database.jdbc()
                                        .queryForList("select id from quarantine", UUID.class));
    }

    /** Keeps how many rows each query brought into memory. */
    private static JdbcTemplate counting(MigratedDatabase database, List<Integer> pieces) {
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

    private static byte[] packed(String query, int bytes) {
        return WebhookSeal.pack(
                new WebhookRequest(
                        "POST", null, query, "text/plain", Map.of(), new byte[bytes], NOW));
    }

    private static Quarantine.Item item(byte[] webhook) {
        return new Quarantine.Item(
                "anton",
                "wa",
                "twilio",
                "MAPPING_FAILED",
                null,
                null,
                webhook,
                NOW,
                UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
    }
}
