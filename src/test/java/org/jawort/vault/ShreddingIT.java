package org.jawort.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.conversation.ConversationReader;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeProvider;
import org.jawort.retention.Erasure;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@DisplayName("A person's key is destroyed on one node and gone on every node")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShreddingIT {

    private static final String TENANT = DemoTenant.ID;
    private static final String OPEN_FOR = "jawort.keys.open-for"; // never longer than 50 s

    private FakeProvider twilio;
    private HubInTest one;
    private HubInTest two;

    @BeforeAll
    void start() {
        twilio =
                new FakeProvider(0, DemoTenant.sending(name -> null), InstantSource.system())
                        .start();
        one =
                HubInTest.hub()
                        .with("TWILIO_API_URL", twilio.url("twilio"))
                        .with(OPEN_FOR, "PT10S")
                        .start();
        two =
                HubInTest.hub()
                        .with("TWILIO_API_URL", twilio.url("twilio"))
                        .with(OPEN_FOR, "PT10S")
                        .database(one.databaseUrl())
                        .start();
    }

    @AfterAll
    void stop() {
        two.close();
        one.close();
        twilio.close();
    }

    @Test
    @DisplayName(
            "SEC-5: nobody reads at once, and when its time is up no node has the key in memory")
    void isGoneFromTheMemoryOfANodeThatNobodyTold() {
        UUID subject = writes("+4915100000011", "Guten Tag");
        assertThat(texts(one)).contains("Guten Tag");
        assertThat(texts(two)).contains("Guten Tag");
        assertThat(held(two)).isPositive();

        one.bean(Erasure.class).erase(TENANT, subject, UUID.randomUUID());
        await().until(() -> keys(subject).isEmpty()); // it may wait for what is on its way

        assertThat(texts(one)).as("at once").doesNotContain("Guten Tag");
        assertThat(texts(two)).as("at once").doesNotContain("Guten Tag");
        await().until(() -> held(two) == 0 && held(one) == 0);
    }

    @Test
    @DisplayName("SEC-3, RET-8: what statute keeps is under a key of its own and outlives the rest")
    void keepsWhatWasRetainedAndNothingElse() {
        UUID subject = writes("+4915100000012", "Hiermit bestelle ich den Wagen.");
        UUID letter = message("Hiermit bestelle ich den Wagen.");
        writes("+4915100000012", "Und wie ist das Wetter?");
        one.sql().update("update message set category = 'COMMERCIAL_LETTER' where id = ?", letter);
        byte[] before = original("message", letter);

        one.bean(Erasure.class).erase(TENANT, subject, UUID.randomUUID());

        await().untilAsserted(
                        () -> assertThat(keys(subject)).containsExactly(SubjectKeys.RETAINED));
        byte[] kept = original("retained_message", letter);
        assertThat(kept).as("sealed anew").isNotEqualTo(before);
        assertThat(opened(subject, kept)).contains("Hiermit+bestelle+ich+den+Wagen.");
        assertThat(texts(one)).doesNotContain("Hiermit bestelle ich den Wagen.");
        assertThat(one.sql().queryForList("select id from retained_message", UUID.class))
                .containsExactly(letter);

        one.sql()
                .update(
                        "update retained_message set kept_until = ?, received_at = received_at - interval '10 years' where id = ?",
                        Timestamp.from(one.clock.instant().minusSeconds(60)),
                        letter);
        one.camel()
                .createProducerTemplate()
                .requestBodyAndHeader("direct:retention-run", TENANT, "dryRun", false);

        assertThat(keys(subject)).as("opens nothing any more").isEmpty();
    }

    /** The writer. */
    private UUID writes(String number, String words) {
        String sid = "SM" + UUID.randomUUID().toString().replace("-", "");
        assertThat(
                        one.post(
                                        "twilio",
                                        TwilioForm.TYPE,
                                        TwilioForm.text(sid, number, words).bytes())
                                .statusCode())
                .isEqualTo(200);
        one.awaitQuiet();
        return one.sql()
                .queryForObject(
                        "select subject_id from message where direction = 'inbound' order by id desc limit 1",
                        UUID.class);
    }

    /** What people said, as far as it can be read on a node. */
    private static List<String> texts(HubInTest hub) {
        return messages(hub).stream()
                .filter(message -> message.get("direction").asText().equals("inbound"))
                .filter(message -> message.get("content").isObject())
                .map(message -> message.at("/content/text").asText())
                .toList();
    }

    private UUID message(String text) {
        return messages(one).stream()
                .filter(message -> message.at("/content/text").asText().equals(text))
                .map(message -> UUID.fromString(message.get("messageId").asText()))
                .findFirst()
                .orElseThrow();
    }

    private static List<ObjectNode> messages(HubInTest hub) {
        return inTenant(
                hub,
                () -> {
                    ConversationReader reader = hub.bean(ConversationReader.class);
                    return reader.conversations(TENANT, null, 10).stream()
                            .flatMap(
                                    conversation ->
                                            reader
                                                    .messages(TENANT, conversation.id(), null, 100)
                                                    .stream())
                            .toList();
                });
    }

    /** The groups of the keys the store has of a person. */
    private List<String> keys(UUID subject) {
        return one.sql()
                .queryForList(
                        "select key_group from subject_key where subject_id = ?",
                        String.class,
                        subject);
    }

    private byte[] original(String table, UUID message) {
        return one.sql()
                .queryForObject(
                        "select sealed_original from " + table + " where id = ?",
                        byte[].class,
                        message);
    }

    private String opened(UUID subject, byte[] original) {
        byte[] wrapped =
                one.sql()
                        .queryForObject(
                                "select wrapped from subject_key where key_group = 'retained' and subject_id = ?",
                                byte[].class,
                                subject);
        SubjectKey key =
                one.bean(SubjectKeys.class).open(TENANT, subject, SubjectKeys.RETAINED, wrapped);
        return new String(key.open("message.original", original), UTF_8);
    }

    private static long held(HubInTest hub) {
        return hub.bean(SubjectKeys.class).held();
    }

    private static <T> T inTenant(HubInTest hub, Supplier<T> work) {
        return hub.bean(TenantScope.class).call(TENANT, work);
    }
}
