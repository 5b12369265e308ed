package org.jawort.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jawort.HubInTest;
import org.jawort.MigratedDatabase;
import org.jawort.TwilioForm;
import org.jawort.intake.WebhookSeal.WebhookUnsealable;
import org.jawort.local.DemoTenant;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.WebhookDocument;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.TransactionException;

@DisplayName("What waits in Kafka opens while its day's key is there, and never again afterwards")
class WebhookSealIT {

    private static final List<String> TENANTS = List.of("anton", "berta");
    private static final Duration TOPIC_KEEPS = Duration.ofHours(72);
    private static final LocalDate DAY = LocalDate.parse("2026-11-23");

    private MigratedDatabase database;
    private Instant now = Instant.parse("2026-11-23T23:59:59Z");
    private SealingKeys keys;
    private WebhookSeal seal;

    @BeforeEach
    void anEmptyDatabase() {
        database = MigratedDatabase.create();
        keys = node();
        seal = new WebhookSeal(keys);
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    @Test
    void opensOnAnyNodeWhatOneHasSealed() {
        byte[] sealed = sealed("Guten Tag");

        WebhookRequest opened = new WebhookSeal(node()).open("anton", "wa", sealed);

        assertThat(opened.body()).isEqualTo("Guten Tag".getBytes(UTF_8));
        assertThat(opened.receivedAt()).isEqualTo(now);
        assertThat(new String(sealed, UTF_8)).doesNotContain("Guten Tag");
    }

    @Test
    @DisplayName("R15: a repeated webhook is known by its own name where its body has none")
    void keepsWhatARepeatedWebhookIsKnownBy() {
        byte[] revoked =
                """
                {"type": "preference.revoked", "timestamp": "2026-11-03T08:15:00Z",
                 "data": {"channel": "sms", "handle": "+4915200000019", "coverage": "all"}}"""
                        .getBytes(UTF_8);
        WebhookRequest sent =
                new WebhookRequest(
                        "POST",
                        "https://hub.example/webhooks/messagebird/anton/wa",
                        null,
                        "application/json",
                        Map.of(
                                "webhook-id", "msg_1",
                                "i-twilio-idempotency-token", "token",
                                "webhook-signature", "v1,secret"),
                        revoked,
                        now);

        WebhookRequest opened = seal.open("anton", "wa", seal.seal("anton", "wa", sent));

        assertThat(opened.headers())
                .containsOnly(
                        Map.entry("webhook-id", "msg_1"),
                        Map.entry("i-twilio-idempotency-token", "token"));
        assertThat(
                        new Mappings(Path.of("mappings"))
                                .map(
                                        "messagebird",
                                        WebhookDocument.of(
                                                "messagebird",
                                                "anton",
                                                "wa",
                                                List.of(),
                                                opened.method(),
                                                opened.contentType(),
                                                opened.rawQuery(),
                                                opened.headers(),
                                                opened.body(),
                                                opened.receivedAt()))
                                .entries())
                .extracting(entry -> entry.path("eventId").asText())
                .containsExactly("msg_1");
    }

    @Test
    @DisplayName("a hub of this version reads what one without that name has written, and keeps")
    void readsWhatEndsWithTheBody() {
        byte[] packed = WebhookSeal.pack(text("Guten Tag"));
        byte[] before = Arrays.copyOf(packed, packed.length - Integer.BYTES);

        assertThat(WebhookSeal.unpack(before).body()).isEqualTo("Guten Tag".getBytes(UTF_8));
        assertThat(WebhookSeal.unpack(before).headers()).isEmpty();
    }

    @Test
    @DisplayName("S21: a record moved to another tenant or account does not open")
    void isBoundToTenantAndAccount() {
        byte[] sealed = sealed("Guten Tag");

        assertThatThrownBy(() -> seal.open("anton", "sms", sealed))
                .isInstanceOf(WebhookUnsealable.class);
        assertThatThrownBy(() -> seal.open("berta", "wa", sealed))
                .isInstanceOf(WebhookUnsealable.class);
    }

    @Test
    void doesNotOpenWhatIsNoneOfItsRecords() {
        byte[] sealed = sealed("Guten Tag");
        byte[] flipped = sealed.clone();
        flipped[flipped.length - 1] ^= 1;
        byte[] otherVersion = sealed.clone();
        otherVersion[0] = 2;
        byte[] otherDay = sealed.clone();
        otherDay[4]--;

        for (byte[] record :
                new byte[][] {
                    null,
                    {},
                    {1},
                    {1, 0, 0, 0, 0},
                    {1, -1, -1, -1, -1, 0},
                    {1, 127, -1, -1, -1, 0},
                    {1, -128, 0, 0, 0, 0},
                    {1, 0, 1, 0, 0, 0},
                    flipped,
                    otherVersion,
                    otherDay
                }) {
            assertThatThrownBy(() -> seal.open("anton", "wa", record))
                    .isInstanceOf(WebhookUnsealable.class);
        }
        assertThat(keptDays("anton")).containsExactly(DAY);
    }

    @Test
    @DisplayName(
            "SEC-3: a key is there for as long as the topic keeps what it sealed, and then gone")
    void destroysAKeyOnceWhatItSealedHasLeftTheTopic() {
        byte[] sealed = sealed("Guten Tag");
        keys.rotate(TENANTS);

        now = now.plus(TOPIC_KEEPS);
        keys.rotate(TENANTS);
        assertThat(new WebhookSeal(node()).open("anton", "wa", sealed).body()).isNotEmpty();
        now = now.plus(Duration.ofDays(2));
        keys.rotate(TENANTS);

        assertThat(keptDays("anton")).doesNotContain(DAY).contains(keys.today());
        assertThatThrownBy(() -> seal.open("anton", "wa", sealed)) // the node that had it in memory
                .isInstanceOf(WebhookUnsealable.class);
        assertThatThrownBy(() -> new WebhookSeal(node()).open("anton", "wa", sealed))
                .isInstanceOf(WebhookUnsealable.class);
        assertThat(keptDays("anton")).as("a key made anew").doesNotContain(DAY);
    }

    @Test
    void keepsTheKeyOfAWebhookThatStillWaitsInTheSpool() {
        byte[] sealed = sealed("Guten Tag");
        database.scope()
                .run(
                        "anton",
                        () ->
                                database.jdbc()
                                        .update(
                                                "insert into webhook_spool (tenant, account, sealed, created_at) values ('anton', 'wa', ?, ?)",
                                                sealed,
                                                now.atOffset(ZoneOffset.UTC)));
        sealed("berta", "Guten Tag");

        now = now.plus(Duration.ofDays(10));
        keys.rotate(TENANTS);

        assertThat(keptDays("anton")).contains(DAY);
        assertThat(keptDays("berta")).doesNotContain(DAY);
        assertThat(new WebhookSeal(node()).open("anton", "wa", sealed).body()).isNotEmpty();
    }

    @Test
    @DisplayName("R5: with the database away nothing is called unsealable: the batch comes again")
    void doesNotTakeAnOutageForADestroyedKey() {
        byte[] sealed = sealed("Guten Tag");
        SealingKeys another = node();

        database.close();

        assertThatThrownBy(() -> new WebhookSeal(another).open("anton", "wa", sealed))
                .isInstanceOf(TransactionException.class);
        assertThat(seal.open("anton", "wa", sealed).body()).isNotEmpty();
    }

    @Test
    @DisplayName(
            "R9: a record whose key was destroyed is in quarantine once, and those behind it go on")
    void quarantinesWhatCannotBeOpenedAndGoesOn() throws Exception {
        try (HubInTest hub = HubInTest.start()) {
            hub.camel().getRouteController().stopRoute("normalize");
            LocalDate day = LocalDate.ofInstant(hub.clock.instant(), ZoneOffset.UTC);
            accepted(hub, "SMdestroyed");
            // on a busy machine it may lie in the spool, which keeps the key of its day
            HubInTest.await()
                    .until(
                            () ->
                                    hub.sql()
                                                    .queryForObject(
                                                            "select count(*) from webhook_spool",
                                                            Integer.class)
                                            == 0);
            hub.clock.advance(Duration.ofDays(6));
            hub.bean(SealingKeys.class).rotate(List.of(DemoTenant.ID));
            accepted(hub, "SMbehind");

            hub.camel().getRouteController().startRoute("normalize");
            hub.awaitQuiet();
            hub.camel().getRouteController().stopRoute("normalize");
            hub.camel().getRouteController().startRoute("normalize");
            accepted(hub, "SMlater");
            hub.awaitQuiet();

            var sql = hub.sql(DemoTenant.ID);
            assertThat(
                            sql.queryForObject(
                                    "select count(*) from sealing_key where day <= ?",
                                    Integer.class,
                                    day))
                    .isZero();
            assertThat(
                            sql.queryForList(
                                    "select account || ' ' || reason || ' ' || state from quarantine",
                                    String.class))
                    .containsExactly("twilio UNSEALABLE held");
            assertThat(
                            sql.queryForObject(
                                    "select count(*) from message where direction = 'inbound'",
                                    Integer.class))
                    .isEqualTo(2);
        }
    }

    private static void accepted(HubInTest hub, String sid) {
        assertThat(
                        hub.post(
                                        "twilio",
                                        TwilioForm.TYPE,
                                        TwilioForm.text(sid, "+4915100000011", "Guten Tag").bytes())
                                .statusCode())
                .isEqualTo(200);
    }

    private SealingKeys node() {
        return new SealingKeys(
                database.scope(),
                database.jdbc(),
                new TenantKeys(RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)),
                () -> now,
                TOPIC_KEEPS);
    }

    private byte[] sealed(String body) {
        return sealed("anton", body);
    }

    private byte[] sealed(String tenant, String body) {
        return seal.seal(tenant, "wa", text(body));
    }

    private WebhookRequest text(String body) {
        return new WebhookRequest(
                "POST", null, null, "text/plain", Map.of(), body.getBytes(UTF_8), now);
    }

    private List<LocalDate> keptDays(String tenant) {
        return database.scope()
                .call(
                        tenant,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select day from sealing_key order by day",
                                                LocalDate.class));
    }
}
