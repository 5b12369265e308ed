package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jawort.MigratedDatabase;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("RET-11: archives get a received message in the format it was received in")
class MessageOriginalsIT {

    private static final String RECEIVED = "jawort.message.received.v1";
    private static final String FORM = "Body=Gr%C3%BC%C3%9Fe&From=whatsapp%3A%2B4915100000011";

    private static MigratedDatabase database;

    private final SubjectKeys keys =
            new SubjectKeys(
                    new TenantKeys(
                            RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)));
    private DeliveryStore store;
    private DeliveryRows rows;
    private Destination archive;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void aReceivedMessage() {
        store =
                new DeliveryStore(
                        database.scope(),
                        database.jdbc(),
                        keys,
                        new EventComposer(
                                new ObjectMapper(), (tenant, type) -> "conversation-text@3"),
                        (tenant, messages) -> Map.of(),
                        new LateFiles(
                                database.jdbc(),
                                new Outbox(database.jdbc()),
                                new Tenants(Map.of())));
        rows = new DeliveryRows(database, keys);
        archive =
                new Destination(
                        rows.tenant,
                        "archive",
                        "archive-jsonl",
                        null,
                        List.of("*"),
                        true,
                        null,
                        Map.of());
        original(FORM.getBytes(UTF_8));
    }

    private void original(byte[] bytes) {
        byte[] wrapped =
                HexFormat.of()
                        .parseHex(
                                rows.strings(
                                                "select encode(wrapped, 'hex') from subject_key where subject_id = '"
                                                        + rows.person
                                                        + "'")
                                        .getFirst());
        SubjectKey key = keys.open(rows.tenant, rows.person, wrapped);
        rows.sql(
                "update message set sealed_body = ?, sealed_original = ? where id = ?",
                key.seal("message.body", "{\"content\":{\"type\":\"text\"}}".getBytes(UTF_8)),
                key.seal("message.original", bytes),
                rows.message);
    }

    private void event(String type, String destination, long sequence) {
        rows.about(type, destination, sequence, "pending");
        rows.sql("update event set detail = null where id = ?", rows.event(sequence));
    }

    private Attempt load(Destination destination, long... sequences) {
        List<DeliveryRecord> records =
                Arrays.stream(sequences)
                        .mapToObj(
                                sequence ->
                                        new DeliveryRecord(
                                                rows.tenant,
                                                destination.id(),
                                                rows.conversation,
                                                rows.event(sequence),
                                                0))
                        .toList();
        return DeliverRoute.load(database, store, destination, records, 1 << 20)
                .attempts()
                .getFirst();
    }

    @Test
    void carriesTheFormTheProviderSent() {
        event(RECEIVED, "archive", 1);

        var original = load(archive, 1).event().get().at("/data/original");

        assertThat(original.get("contentType").asText())
                .isEqualTo("application/x-www-form-urlencoded");
        assertThat(original.get("size").asInt()).isEqualTo(FORM.length());
        assertThat(original.get("sha256").asText())
                .isEqualTo("e836bcb725f1721fa84083ad5f74a3bfb7f3dabd414915bad615c427826e6b8f");
        assertThat(original.get("text").asText()).isEqualTo(FORM);
        assertThat(original.has("base64")).isFalse();
    }

    @Test
    void carriesJsonAndWhatIsNoText() {
        event(RECEIVED, "archive", 1);

        original(" {\"text\":\"Grüße\"}".getBytes(UTF_8));
        var json = load(archive, 1).event().get().at("/data/original");
        original(new byte[] {'B', '=', (byte) 0xff});
        var bytes = load(archive, 1).event().get().at("/data/original");

        assertThat(json.get("contentType").asText()).isEqualTo("application/json");
        assertThat(json.get("text").asText()).isEqualTo(" {\"text\":\"Grüße\"}");
        assertThat(bytes.get("base64").asText()).isEqualTo("Qj3/");
        assertThat(bytes.has("text")).isFalse();
    }

    @Test
    @DisplayName("a record that comes twice in a batch is one message all the same")
    void isNotConfusedByARecordThatComesTwice() {
        event(RECEIVED, "archive", 1);

        assertThat(load(archive, 1, 1).event().get().at("/data/original/text").asText())
                .isEqualTo(FORM);
    }

    @Test
    void goesToNobodyElseAndWithNothingElse() {
        event(RECEIVED, "crm", 1);
        event("jawort.message.sent.v1", "archive", 2);

        assertThat(load(rows.crm, 1).event().get().get("data").has("original")).isFalse();
        assertThat(load(archive, 2).event().get().get("data").has("original")).isFalse();
        rows.sql("update message set direction = 'outbound' where id = ?", rows.message);
        event(RECEIVED, "archive", 3);
        assertThat(load(archive, 3).event().get().get("data").has("original")).isFalse();
    }

    @Test
    @DisplayName(
            "without it, once it went with the files it names; not at all, once the key is gone")
    void goesWithoutWhatIsNotKeptAnyMore() {
        event(RECEIVED, "archive", 1);

        rows.sql("update message set sealed_original = null where id = ?", rows.message);
        Attempt without = load(archive, 1);
        original(FORM.getBytes(UTF_8));
        rows.sql("delete from subject_key where subject_id = ?", rows.person);
        Attempt shredded = load(archive, 1);

        assertThat(without.event().get().at("/data/content/type").asText()).isEqualTo("text");
        assertThat(without.event().get().get("data").has("original")).isFalse();
        assertThat(shredded.event()).isNull();
        assertThat(shredded.withheld()).isEqualTo("KEY_DESTROYED");
    }
}
