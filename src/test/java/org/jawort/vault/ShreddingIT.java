package org.jawort.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.conversation.ConversationReader;
import org.jawort.custody.SubjectKeyring;
import org.jawort.local.DemoTenant;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A person's key is destroyed on one node and gone on every node")
class ShreddingIT {

    private static final String TENANT = DemoTenant.ID;
    private static final String OPEN_FOR = "jawort.keys.open-for"; // never longer than 50 s

    @Test
    @DisplayName(
            "SEC-5: nobody reads at once, and when its time is up no node has the key in memory")
    void isGoneFromTheMemoryOfANodeThatNobodyTold() {
        try (HubInTest one = HubInTest.hub().with(OPEN_FOR, "PT5S").start();
                HubInTest two =
                        HubInTest.hub()
                                .database(one.databaseUrl())
                                .with(OPEN_FOR, "PT5S")
                                .start()) {
            writes(one, "SMa", "Guten Tag");
            one.awaitQuiet();
            UUID subject = one.sql().queryForObject("select id from subject", UUID.class);
            assertThat(texts(one)).contains("Guten Tag");
            assertThat(texts(two)).contains("Guten Tag");
            assertThat(held(two)).isEqualTo(1);

            boolean shredded = inTenant(one, () -> keyring(one).shred(TENANT, subject));

            assertThat(shredded).isTrue();
            assertThat(held(one)).isZero();
            assertThat(texts(two)).as("at once").isEmpty();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> held(two) == 0 && held(one) == 0);
            assertThat(inTenant(one, () -> keyring(one).shred(TENANT, subject))).isFalse();
        }
    }

    @Test
    @DisplayName("SEC-3, RET-8: what statute keeps is under a key of its own and outlives the rest")
    void keepsWhatWasRetainedAndNothingElse() {
        try (HubInTest hub = HubInTest.start()) {
            writes(hub, "SMa", "Hiermit bestelle ich den Wagen.");
            writes(hub, "SMb", "Und wie ist das Wetter?");
            hub.awaitQuiet();
            UUID subject = hub.sql().queryForObject("select id from subject", UUID.class);
            UUID letter = message(hub, "Hiermit bestelle ich den Wagen.");
            byte[] before = original(hub, letter);

            int kept = inTenant(hub, () -> keyring(hub).retain(TENANT, subject, List.of(letter)));
            int again = inTenant(hub, () -> keyring(hub).retain(TENANT, subject, List.of(letter)));
            byte[] still = original(hub, letter);
            inTenant(hub, () -> keyring(hub).shred(TENANT, subject));

            assertThat(kept).isEqualTo(1);
            assertThat(again).isZero();
            assertThat(still).as("sealed anew").isNotEqualTo(before);
            assertThat(texts(hub)).containsExactly("Hiermit bestelle ich den Wagen.");
            assertThat(opened(hub, subject, still)).contains("Hiermit+bestelle+ich+den+Wagen.");
            UUID other =
                    hub.sql()
                            .queryForObject(
                                    "select id from message where direction = 'inbound' and id <> ?",
                                    UUID.class,
                                    letter);
            assertThatThrownBy(
                            () ->
                                    inTenant(
                                            hub,
                                            () ->
                                                    keyring(hub)
                                                            .retain(
                                                                    TENANT,
                                                                    subject,
                                                                    List.of(other))))
                    .hasMessageContaining("is destroyed; nothing of it can be kept");

            inTenant(hub, () -> keyring(hub).shredRetained(TENANT, subject));

            assertThat(texts(hub)).isEmpty();
        }
    }

    private static void writes(HubInTest hub, String sid, String words) {
        assertThat(
                        hub.post(
                                        "twilio",
                                        TwilioForm.TYPE,
                                        TwilioForm.text(sid, "+4915100000011", words).bytes())
                                .statusCode())
                .isEqualTo(200);
    }

    /** What people said, as far as it can be read on this node. */
    private static List<String> texts(HubInTest hub) {
        return messages(hub).stream()
                .filter(message -> message.get("direction").asText().equals("inbound"))
                .filter(message -> message.get("content").isObject())
                .map(message -> message.at("/content/text").asText())
                .toList();
    }

    private static UUID message(HubInTest hub, String text) {
        return messages(hub).stream()
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

    private static byte[] original(HubInTest hub, UUID message) {
        return hub.sql()
                .queryForObject(
                        "select sealed_original from message where id = ?", byte[].class, message);
    }

    private static String opened(HubInTest hub, UUID subject, byte[] original) {
        byte[] wrapped =
                hub.sql()
                        .queryForObject(
                                "select wrapped from subject_key where key_group = 'retained'",
                                byte[].class);
        SubjectKey key =
                hub.bean(SubjectKeys.class).open(TENANT, subject, SubjectKeys.RETAINED, wrapped);
        return new String(key.open("message.original", original), UTF_8);
    }

    private static long held(HubInTest hub) {
        return hub.bean(SubjectKeys.class).held();
    }

    private static SubjectKeyring keyring(HubInTest hub) {
        return hub.bean(SubjectKeyring.class);
    }

    private static <T> T inTenant(HubInTest hub, java.util.function.Supplier<T> work) {
        return hub.bean(TenantScope.class).call(TENANT, work);
    }
}
