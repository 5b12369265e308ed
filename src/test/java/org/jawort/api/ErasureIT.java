package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jawort.HomeFolder;
import org.jawort.Person;
import org.jawort.consent.CanonicalJson;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeAnswer;
import org.jawort.local.FakeErasure;
import org.jawort.local.SignedWebhook;
import org.jawort.proof.ConsentProofs;
import org.jawort.retention.Erasure;
import org.jawort.store.TenantScope;
import org.jawort.vault.Undecipherable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The erasure of one person through the whole hub, to the fake providers and back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErasureIT {

    private static final Map<String, String> NONE = Map.of();
    private static final String OFFICER = "officer-test-key-0123456789abcdef";

    /** Where a random id of the person may stand when all is done, and why. */
    private static final Set<String> EVIDENCE =
            Set.of(
                    "consent_event", // the ledger of declarations, and what proves it for its
                    // period
                    "consent_salt",
                    "restricted_proof",
                    "retained_evidence",
                    "retained_message", // what law keeps
                    "retained_party", // and by what its person finds it
                    "erasure_run",
                    "erasure_task",
                    "erasure_call");

    private SpeakingHub at;

    @BeforeAll
    void start() {
        at =
                SpeakingHub.start(
                        HomeFolder.copy()
                                .apiKey("officer", OFFICER, ", restricted: true")
                                .change(
                                        "  deliveryMetadata: P90D\n",
                                        """
                                          deliveryMetadata: P90D
                                          rules:
                                            - { id: offers, version: 1, dataType: commercial-letter, period: P10Y, criteria: { purpose: NOTIFICATION }, basis: "contract of the tenant", owner: desk, validFrom: 2026-01-01 }
                                        """)
                                .path());
    }

    @AfterAll
    void stop() {
        at.close();
    }

    @Test
    @DisplayName(
            "RET-16, RET-8: no registered table holds anything of the person, but for the letter that law keeps, out of"
                    + " everybody's sight")
    void leavesNothingButWhatLawKeeps() {
        String number = "+4915200700001";
        String other = "+4915200700002";
        String record = at.captureOnTheWeb(number);
        at.awaitState(record, "PENDING");
        writes("twilio", number, 1);
        writes("twilio", other, 2);
        SignedWebhook again = writes("vonage", number, 3);
        writesWhatNobodyCanRead(number);
        at.quiet();
        at.hub.crmBehaves("{\"status\":422}");
        writes("messagebird", number, 4);
        await().until(() -> rows("delivery where state = 'dead'") > 0);
        at.hub.crmBehaves("{}");
        String subject = at.subject(record);
        at.quiet();
        // the dead one may be what tells of a notice
        await().until(() -> messages(subject).size() == 3);
        String scheduled = schedules(number);
        UUID letter = messages(subject).getFirst();
        at.hub
                .sql()
                .update("update message set category = 'COMMERCIAL_LETTER' where id = ?", letter);
        at.hub
                .sql()
                .update(
                        "insert into last_activity (tenant, subject_id, last_active_at) values (?, ?::uuid, now())",
                        DemoTenant.ID,
                        subject);
        Set<String> ids = idsOf(subject);
        assertThat(tablesNaming(ids))
                .contains(
                        "message",
                        "event",
                        "delivery",
                        "provider_event",
                        "outbound",
                        "idempotent_request");
        assertThat(rows("quarantine")).isEqualTo(1);
        long others = rows("message where subject_id <> '" + subject + "'");

        UUID request = UUID.randomUUID();
        UUID run = erase(subject, request);
        await().until(() -> !view(run).get("status").textValue().equals("RUNNING"));

        assertThat(tablesNaming(ids))
                .isSubsetOf(EVIDENCE.toArray(String[]::new))
                .contains("retained_message", "consent_event");
        assertThat(rows("quarantine")).isZero();
        assertThat(rows("message where subject_id <> '" + subject + "'")).isEqualTo(others);
        assertThat(
                        rows(
                                "subject_key where subject_id = '"
                                        + subject
                                        + "' and key_group = 'ordinary'"))
                .isZero();
        assertThat(view(run).at("/kept/0/messageId").textValue()).isEqualTo(letter.toString());
        assertThat(view(run).at("/kept/0/because").textValue())
                .contains("kept until 31.12.")
                .contains("HGB §257");
        for (String message : List.of(letter.toString(), scheduled)) {
            assertThat(at.api.call("getMessage", Map.of("id", message), "", "").statusCode())
                    .isEqualTo(404);
        }
        assertThat(withheldEvidence(record)).isEmpty();

        assertThat(at.hub.send(again).statusCode()).isEqualTo(200);
        at.quiet();
        assertThat(rows("message where subject_id <> '" + subject + "'"))
                .as("a copy of the webhook brings nobody back")
                .isEqualTo(others);
        assertThat(erase(subject, request)).isEqualTo(run);
        assertThat(at.api.call("getRetained", Map.of("id", letter.toString()), "", "").statusCode())
                .isEqualTo(403);
        assertThat(asOfficer("/retained-messages").get("items").findValuesAsText("messageId"))
                .contains(letter.toString());
        assertThat(asOfficer("/retained-messages/" + letter).at("/body/content/text").textValue())
                .startsWith("Frage ");
        letterIsOver(letter);
        assertThat(
                        rows(
                                "event where type = 'jawort.subject.erased.v1' and subject_id = '"
                                        + subject
                                        + "'"))
                .isEqualTo(1);
    }

    private JsonNode asOfficer(String path) {
        return ApiClient.json(
                at.hub.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                at.hub.url()
                                                        + "/api/v1/tenants/"
                                                        + DemoTenant.ID
                                                        + path))
                                .header("Authorization", "Bearer " + OFFICER)
                                .build()));
    }

    /** RET-8: at the end of its period the letter goes by itself. */
    private void letterIsOver(UUID letter) {
        at.hub
                .sql()
                .update(
                        "update retained_message set kept_until = ?, received_at = received_at - interval '10 years' where id = ?",
                        java.sql.Timestamp.from(at.hub.clock.instant().minusSeconds(60)),
                        letter);
        at.hub
                .camel()
                .createProducerTemplate()
                .requestBodyAndHeader("direct:retention-run", DemoTenant.ID, "dryRun", false);
        assertThat(rows("retained_message where id = '" + letter + "'")).isZero();
    }

    @Test
    @DisplayName(
            "RET-14: each recipient is asked in its own way, Vonage not before an hour, Smooch until it is done; who cannot"
                    + " erase is an exception")
    void asksEveryRecipientToEraseToo() {
        String number = "+4915200700003";
        for (String provider : List.of("twilio", "vonage", "messagebird", "smooch")) {
            writes(provider, number, 10);
            at.quiet(); // the first one informs
        }
        String subject = subjectOf(number);
        int before = at.fake.erasures().size();

        UUID run = erase(subject, UUID.randomUUID());
        await().untilAsserted(
                        () -> {
                            assertThat(status(run, "crm")).isEqualTo("DONE");
                            assertThat(status(run, "archive")).isEqualTo("DONE");
                            assertThat(status(run, "provider:twilio")).isEqualTo("DONE");
                        });

        assertThat(status(run, "provider:vonage")).isEqualTo("RETRY");
        assertThat(view(run).get("status").textValue()).isEqualTo("PROPAGATING");
        assertThat(asked(before, "vonage")).isEmpty();
        assertThat(erasedAt("crm", subject)).hasSize(1);
        assertThat(erasedAt("archive", subject)).hasSize(1);

        at.hub.clock.advance(Duration.ofMinutes(61));
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        assertThat(status(run, "provider:vonage")).isEqualTo("EXPIRES_AT");
        assertThat(status(run, "provider:smooch")).isEqualTo("DONE");
        assertThat(view(run).get("exceptions"))
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.get("recipient").textValue())
                                    .isEqualTo("provider:messagebird");
                            assertThat(one.get("status").textValue()).isEqualTo("NOT_SUPPORTED");
                        });
        assertThat(asked(before, "twilio"))
                .allMatch(one -> one.method().equals("DELETE") && one.answered() == 204)
                .hasSizeGreaterThanOrEqualTo(1);
        assertThat(asked(before, "vonage"))
                .allMatch(one -> one.request().get("product").textValue().equals("messages"));
        assertThat(asked(before, "smooch").stream().filter(one -> one.path().contains("/users/")))
                .extracting(FakeErasure::answered)
                .startsWith(200)
                .endsWith(404);
        assertThat(asked(before, "messagebird"))
                .as("its contact, name and number, though not the conversation")
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.method()).isEqualTo("DELETE");
                            assertThat(one.path()).matches("/contacts/[0-9a-f]{32}");
                            assertThat(one.answered()).isEqualTo(204);
                        });
        assertThat(rows("erasure_call where sealed is not null and run = '" + run + "'")).isZero();
        assertThat(rows("erasure_run where wrapped_key is not null and id = '" + run + "'"))
                .isZero();
        assertThat(
                        rows(
                                "deletion_journal j join erasure_run r on r.id = j.run and j.actor = 'request:' || r.request where r.id = '"
                                        + run
                                        + "'"))
                .as("RET-13: who had it done")
                .isEqualTo(rows("deletion_journal where run = '" + run + "'"))
                .isPositive();
        assertThat(rows("subject where id = '" + subject + "'")).as("nothing is kept").isZero();
    }

    @Test
    @DisplayName(
            "RET-14: a message that never gets into a final state is redacted at least; what is left expires")
    void redactsWhereOnlyThatWorks() {
        String number = "+4915200700004";
        writes("twilio", number, 20);
        at.quiet();
        String subject = subjectOf(number);
        int before = at.fake.erasures().size();
        ObjectNode notFinal = ApiClient.object("{\"code\":20009,\"status\":409}");
        at.fake.refuseErasures("twilio", FakeAnswer.refused(409, notFinal));

        UUID run = erase(subject, UUID.randomUUID());
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofMinutes(3));
                            return rows(
                                            "erasure_call where step = 'redact' and run = '"
                                                    + run
                                                    + "'")
                                    > 0;
                        });
        at.fake.refuseErasures("twilio", null);
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofHours(1));
                            return view(run).get("finishedAt").isTextual();
                        });

        assertThat(status(run, "provider:twilio")).isEqualTo("EXPIRES_AT");
        assertThat(asked(before, "twilio"))
                .anyMatch(one -> one.method().equals("POST") && one.answered() == 200);
    }

    @Test
    @DisplayName(
            "RET-13: what waits for a row of the person keeps nobody from the journal: a nightly run that has the row is"
                    + " about to write there")
    void writesItsEvidenceOnceItHasAllRows() throws Exception {
        String number = "+4915200700035";
        writes("twilio", number, 50);
        at.quiet();
        String subject = subjectOf(number);
        at.hub.crmBehaves("{\"status\":503}");
        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("deletedAt").isTextual());
        at.hub
                .sql()
                .update(
                        "insert into event (tenant, id, type, subject_id, created_at)"
                                + " values (?, gen_random_uuid(), 'jawort.message.received.v1', ?::uuid, now())",
                        DemoTenant.ID,
                        subject); // by a batch that had loaded the person before

        try (Connection other = at.hub.sql().getDataSource().getConnection()) {
            var nightly = new JdbcTemplate(new SingleConnectionDataSource(other, true));
            other.setAutoCommit(false);
            nightly.queryForList("select from subject where id = ?::uuid for update", subject);
            String its = nightly.queryForObject("select pg_current_xact_id()::text", String.class);
            at.hub.crmBehaves("{}");
            await().until(
                            () -> {
                                at.hub.clock.advance(Duration.ofMinutes(1));
                                return rows(
                                                "pg_locks where not granted and transactionid::text = '"
                                                        + its
                                                        + "'")
                                        > 0;
                            });

            // whoever else writes evidence does so for a moment
            await().until(
                            () ->
                                    nightly.queryForObject(
                                            "select pg_try_advisory_xact_lock(hashtextextended('deletion_journal ' || ?, 0))",
                                            Boolean.class,
                                            DemoTenant.ID));
            other.rollback();
            other.setAutoCommit(true);
        }
        await().until(() -> view(run).get("finishedAt").isTextual());
        assertThat(
                        rows(
                                "event where type = 'jawort.message.received.v1' and subject_id = '"
                                        + subject
                                        + "'"))
                .isZero();
    }

    @Test
    @DisplayName(
            "RET-14: a run that is broken off goes on by itself where it stopped; a recipient that is down hides no other")
    void goesOnAfterAnInterruption() {
        String number = "+4915200700005";
        writes("twilio", number, 30);
        at.quiet();
        String subject = subjectOf(number);
        at.hub.crmBehaves("{\"status\":503}");
        at.hub
                .sql()
                .execute(
                        "create trigger interrupted before delete on message for each row when (old.subject_id = '"
                                + subject
                                + "') execute function "
                                + interrupting());

        UUID run = eraseInterrupted(subject, UUID.randomUUID());
        await().until(() -> view(run).get("shreddedAt").isTextual());
        assertThat(view(run).get("deletedAt").isNull()).isTrue();
        assertThat(messages(subject)).isNotEmpty();
        at.hub.sql().execute("drop trigger interrupted on message");

        await().untilAsserted(() -> assertThat(messages(subject)).isEmpty());
        await().untilAsserted(() -> assertThat(status(run, "archive")).isEqualTo("DONE"));
        assertThat(status(run, "crm")).isEqualTo("RETRY");
        at.hub.crmBehaves("{}");
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofMinutes(1));
                            return view(run).get("finishedAt").isTextual();
                        });
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED");
    }

    @Test
    @DisplayName(
            "RET-8, RET-16: a letter that was changed in the store is named, and hinders neither the erasure nor another letter")
    void erasesAlthoughALetterCannotBeRead() {
        String number = "+4915200700009";
        writes("twilio", number, 70);
        writes("twilio", number, 71);
        at.quiet();
        String subject = subjectOf(number);
        List<UUID> letters = messages(subject);
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER' where subject_id = ?::uuid and direction = 'inbound'",
                        subject);
        at.hub
                .sql()
                .update(
                        "update message set sealed_body = set_byte(sealed_body, 40, get_byte(sealed_body, 40) # 1) where id = ?",
                        letters.getFirst());

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        assertThat(view(run).get("exceptions")).hasSize(1);
        assertThat(view(run).at("/exceptions/0/recipient").textValue()).isEqualTo("hub:retained");
        assertThat(view(run).at("/exceptions/0/reason").textValue()).isEqualTo("UNREADABLE");
        assertThat(view(run).get("kept")).hasSize(1);
        assertThat(view(run).at("/kept/0/messageId").textValue())
                .isEqualTo(letters.getLast().toString());
        assertThat(messages(subject)).isEmpty();
        assertThat(
                        rows(
                                "subject_key where subject_id = '"
                                        + subject
                                        + "' and key_group = 'ordinary'"))
                .isZero();
    }

    @Test
    @DisplayName(
            "RET-14, RET-16: a person whose key was changed in the store is erased and the destinations are told; what needs"
                    + " the key is named for somebody to do")
    void erasesAlthoughTheKeyCannotBeRead() {
        String number = "+4915200700014";
        writes("twilio", number, 120);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        spoilKey(subject);

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        assertThat(view(run).get("exceptions").findValuesAsText("recipient"))
                .containsExactlyInAnyOrder("hub:retained", "provider:twilio");
        assertThat(view(run).get("exceptions").findValuesAsText("reason"))
                .containsOnly("UNREADABLE");
        assertThat(status(run, "crm")).isEqualTo("DONE");
        assertThat(erasedAt("crm", subject)).hasSize(1);
        assertThat(messages(subject)).isEmpty();
        assertThat(rows("subject_key where subject_id = '" + subject + "'")).isZero();
    }

    @Test
    @DisplayName(
            "RET-5, RET-8, RET-10: of somebody of whom something is to be kept nothing is destroyed as long as their key cannot be"
                    + " read; once it is restored the erasure goes on")
    void waitsForTheKeyOfWhatIsToBeKept() {
        String number = "+4915200700016";
        writes("twilio", number, 140);
        writes("twilio", number, 141);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        List<UUID> written = messages(subject);
        at.hub
                .sql()
                .update("update message set category = 'VOUCHER' where id = ?", written.getLast());
        UUID request = UUID.randomUUID();
        spoilKey(subject);

        assertThatThrownBy(() -> erase(subject, request)).isInstanceOf(Undecipherable.class);

        UUID run = runOf(request);
        double failures = failures();
        at.hub.clock.advance(Duration.ofMinutes(6));
        await().until(() -> failures() > failures);
        assertThat(messages(subject)).isEqualTo(written);
        assertThat(rows("subject_key where subject_id = '" + subject + "'")).isEqualTo(1);
        assertThat(rows("address where subject_id = '" + subject + "'")).isPositive();
        assertThat(view(run).get("shreddedAt").isNull()).isTrue();

        spoilKey(subject); // twice is not at all
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofMinutes(6));
                            return view(run).get("finishedAt").isTextual();
                        });
        assertThat(view(run).get("kept").findValuesAsText("messageId"))
                .containsExactly(written.getLast().toString());
        assertThat(view(run).get("recipients").findValuesAsText("recipient"))
                .doesNotContain("hub:retained");
        assertThat(messages(subject)).isEmpty();
    }

    private double failures() {
        return at.hub
                .bean(MeterRegistry.class)
                .counter("jawort.erasure.failures", "tenant", DemoTenant.ID)
                .count();
    }

    private void spoilKey(String subject) {
        at.hub
                .sql()
                .update(
                        "update subject_key set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1)"
                                + " where key_group = 'ordinary' and subject_id = ?::uuid",
                        subject);
    }

    @Test
    @DisplayName(
            "DSR-7, RET-5: the answer to an erasure names the end and the rule that what is kept is then kept under")
    void namesTheRuleThatKeepsALetterOfAPurpose() {
        String number = "+4915200700015";
        writes("twilio", number, 130);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER', purpose = 'NOTIFICATION'"
                                + " where subject_id = ?::uuid and direction = 'inbound'",
                        subject);
        String letter = messages(subject).getFirst().toString();

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("deletedAt").isTextual());

        JsonNode explained =
                ApiClient.json(at.api.as(OFFICER, "explainRetention", Map.of("id", letter), ""))
                        .at("/items/0");
        assertThat(explained.at("/rule/id").asText()).isEqualTo("offers");
        assertThat(view(run).at("/kept/0/until").asText())
                .isEqualTo(explained.get("until").asText());
        assertThat(view(run).at("/kept/0/rule").asText()).isEqualTo("offers@1");
    }

    @Test
    @DisplayName(
            "RET-14: who received something is told even when messages and deliveries are gone by retention already")
    void tellsWhoReceivedSomethingLongAgo() throws Exception {
        String number = "+4915200700006";
        writes("twilio", number, 40);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        // what became of the notice may be told at any time
        await().until(
                        () -> {
                            at.hub
                                    .sql()
                                    .update(
                                            "update event set created_at = created_at - interval '100 days' where subject_id = ?::uuid",
                                            subject);
                            at.hub
                                    .sql()
                                    .update(
                                            "delete from message where subject_id = ?::uuid",
                                            subject);
                            at.hub
                                    .camel()
                                    .createProducerTemplate()
                                    .requestBodyAndHeader(
                                            "direct:retention-run", DemoTenant.ID, "dryRun", false);
                            return rows("event where subject_id = '" + subject + "'") == 0;
                        });

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(erasedAt("crm", subject)).hasSize(1);
        assertThat(erasedAt("archive", subject)).hasSize(1);
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED");
    }

    @Test
    @DisplayName(
            "RET-14: a recipient that refuses is an exception until its dead letter is replayed and arrives")
    void isCompleteOnceADeadLetterArrives() {
        String number = "+4915200700008";
        writes("twilio", number, 60);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        at.hub.crmBehaves("{\"status\":422}");

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("finishedAt").isTextual());
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        assertThat(status(run, "crm")).isEqualTo("MANUAL");
        erase(subject, UUID.randomUUID()); // asked for once more, it takes nobody the order

        at.hub.crmBehaves("{}");
        at.api.call("replayDeliveries", NONE, "", "{\"destination\":\"crm\",\"state\":\"dead\"}");
        await().until(() -> view(run).get("status").textValue().equals("COMPLETED"));
        assertThat(status(run, "crm")).isEqualTo("DONE");
    }

    @Test
    @DisplayName("RET-14, DSR-7: who asks twice is erased once, and everybody is told")
    void tellsEverybodyThoughThePersonAsksTwice() {
        String number = "+4915200700010";
        writes("twilio", number, 80);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        at.hub.crmBehaves("{\"status\":503}");

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("deletedAt").isTextual());
        UUID again = UUID.randomUUID();
        assertThat(erase(subject, again)).isEqualTo(run);
        assertThat(erase(subject, again)).isEqualTo(run);
        at.hub.crmBehaves("{}");
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofMinutes(1));
                            return view(run).get("finishedAt").isTextual();
                        });

        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED");
        assertThat(status(run, "crm")).isEqualTo("DONE");
        assertThat(erasedAt("crm", subject)).isNotEmpty();
    }

    @Test
    @DisplayName("RET-14: who received something before it was replayed is told as well")
    void tellsWhoReceivedSomethingBeforeAReplay() {
        String number = "+4915200700011";
        writes("twilio", number, 90);
        at.quiet();
        String subject = subjectOf(number);
        await().until(
                        () ->
                                rows(
                                                        "outbound where state in ('queued', 'sending') and subject_id = '"
                                                                + subject
                                                                + "'")
                                                == 0
                                        && delivered(subject));
        String ofCrm =
                "delivery d join event e on e.id = d.event_id where d.destination = 'crm' and e.subject_id = '"
                        + subject
                        + "' and d.state = ";
        List<String> events =
                at.hub
                        .sql()
                        .queryForList("select e.id from " + ofCrm + "'delivered'", String.class);
        crm("pauseDestination");
        at.api.call(
                "replayDeliveries",
                NONE,
                "",
                "{\"destination\":\"crm\",\"state\":\"delivered\",\"events\":"
                        + ApiClient.JSON.valueToTree(events)
                        + "}");
        await().until(() -> rows(ofCrm + "'parked'") == events.size());

        UUID run = erase(subject, UUID.randomUUID());
        await().until(() -> view(run).get("deletedAt").isTextual());
        crm("resumeDestination");
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(status(run, "crm")).isEqualTo("DONE");
        assertThat(erasedAt("crm", subject)).hasSize(1);
    }

    @Test
    @DisplayName(
            "RET-14: an erasure waits for what is on its way, also after it has waited itself, and tells who may have got it")
    void waitsForWhatIsOnItsWay() {
        String number = "+4915200700012";
        crm("pauseDestination");
        writes("twilio", number, 100);
        await().until(() -> rows("delivery where destination = 'crm' and state = 'parked'") > 0);
        String subject = subjectOf(number);
        int before = at.hub.crmEvents().size();
        at.hub.crmBehaves("{\"delayMillis\":20000}");
        crm("resumeDestination");
        await().until(() -> at.hub.crmEvents().size() > before);

        UUID run = erase(subject, UUID.randomUUID());
        assertThat(view(run).get("shreddedAt").isNull()).isTrue();
        at.hub.crmBehaves("{}");
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(status(run, "crm")).isEqualTo("DONE");
        assertThat(erasedAt("crm", subject)).hasSize(1);
    }

    @Test
    @DisplayName(
            "RET-14: a recipient that no node knows any more is an exception after an hour, and hinders no erasure")
    void givesUpOnWhoLeftTheTenantFile() {
        String number = "+4915200700013";
        writes("twilio", number, 110);
        at.quiet();
        String subject = subjectOf(number);
        await().until(() -> delivered(subject));
        at.hub.crmBehaves("{\"status\":503}");
        at.hub
                .sql()
                .execute(
                        "create trigger waiting before delete on message for each row when (old.subject_id = '"
                                + subject
                                + "') execute function "
                                + interrupting());

        UUID request = UUID.randomUUID();
        UUID run = eraseInterrupted(subject, request);
        await().until(() -> view(run).get("shreddedAt").isTextual());
        left(run, "archive", "former-archive");
        at.hub.sql().execute("drop trigger waiting on message");
        await().until(() -> view(run).get("deletedAt").isTextual());
        left(run, "crm", "former-crm");
        at.hub.crmBehaves("{}");
        at.hub.clock.advance(Duration.ofMinutes(50));
        at.quiet();
        assertThat(status(run, "former-crm")).isEqualTo("RETRY");
        assertThat(status(run, "former-archive")).isEqualTo("RETRY");
        at.hub.clock.advance(Duration.ofMinutes(80));
        await().until(() -> view(run).get("finishedAt").isTextual());

        assertThat(view(run).get("exceptions").findValuesAsText("reason"))
                .containsExactly("DESTINATION_GONE", "DESTINATION_GONE");
        assertThat(messages(subject)).isEmpty();
    }

    private String interrupting() {
        at.hub
                .sql()
                .execute(
                        "create or replace function interrupt() returns trigger language plpgsql as"
                                + " $$ begin raise exception 'interrupted'; end $$");
        return "interrupt()";
    }

    private UUID eraseInterrupted(String subject, UUID request) {
        try {
            erase(subject, request); // silent if the route that resumes runs met the trigger first
        } catch (DataAccessException interrupted) {
            assertThat(interrupted).hasMessageContaining("interrupted");
        }
        return runOf(request);
    }

    private UUID runOf(UUID request) {
        return at.hub
                .sql()
                .queryForObject(
                        "select id from erasure_run where request = ?", UUID.class, request);
    }

    /** As if a recipient had been called so, and had left with a deployment. */
    private void left(UUID run, String recipient, String was) {
        at.hub
                .sql()
                .update(
                        "insert into destination_state (tenant, destination, served_at) values (?, ?, ?)",
                        DemoTenant.ID,
                        was,
                        java.sql.Timestamp.from(at.hub.clock.instant()));
        at.hub
                .sql()
                .update(
                        "insert into destination_sequence select tenant, ?, last from destination_sequence where destination = ? on conflict do nothing",
                        was,
                        recipient);
        at.hub
                .sql()
                .update(
                        "update delivery set destination = ? where destination = ? and event_id in (select event_id from erasure_task where run = ?)",
                        was,
                        recipient,
                        run);
        at.hub
                .sql()
                .update(
                        "update erasure_task set recipient = ? where recipient = ? and run = ?",
                        was,
                        recipient,
                        run);
    }

    private void crm(String operation) {
        assertThat(at.api.call(operation, Map.of("destination", "crm"), "", "{}").statusCode())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("RET-16: what waits in the spool and names the person goes too, and nothing else")
    void looksThroughTheSpool() throws Exception {
        String number = "+4915200700007";
        writes("twilio", number, 50);
        at.quiet();
        String subject = subjectOf(number);
        at.hub.camel().getRouteController().stopRoute("drain-spool");
        spools("From=whatsapp%3A%2B" + number.substring(1) + "&Body=Hallo");
        spools("From=whatsapp%3A%2B" + number.substring(1) + "9&Body=Hallo");

        erase(subject, UUID.randomUUID());

        await().until(() -> rows("webhook_spool") == 1);
        at.hub.sql().update("delete from webhook_spool");
        at.hub.camel().getRouteController().startRoute("drain-spool");
    }

    private void spools(String form) {
        var webhook =
                new WebhookRequest(
                        "POST",
                        "http://localhost:8080/webhooks/twilio/autohaus-muster/twilio",
                        null,
                        "application/x-www-form-urlencoded",
                        NONE,
                        form.getBytes(StandardCharsets.UTF_8),
                        at.hub.clock.instant());
        at.hub
                .sql()
                .update(
                        "insert into webhook_spool (tenant, account, sealed, created_at) values (?, 'twilio', ?, now())",
                        DemoTenant.ID,
                        at.hub.bean(WebhookSeal.class).seal(DemoTenant.ID, "twilio", webhook));
    }

    private boolean delivered(String subject) {
        return rows(
                        "event e join delivery d on d.event_id = e.id where d.state <> 'delivered'"
                                + " and d.destination not like 'send:%' and e.subject_id = '"
                                + subject
                                + "'")
                == 0;
    }

    private UUID erase(String subject, UUID request) {
        return at.hub.bean(Erasure.class).erase(DemoTenant.ID, UUID.fromString(subject), request);
    }

    private JsonNode view(UUID run) {
        return ApiClient.json(at.api.call("getDeletion", Map.of("id", run.toString()), "", ""));
    }

    private String status(UUID run, String recipient) {
        for (JsonNode one : view(run).get("recipients")) {
            if (one.get("recipient").textValue().equals(recipient)) {
                return one.get("status").textValue();
            }
        }
        return null;
    }

    private List<FakeErasure> asked(int from, String provider) {
        List<FakeErasure> all = at.fake.erasures();
        return all.subList(from, all.size()).stream()
                .filter(one -> one.provider().equals(provider))
                .toList();
    }

    private List<JsonNode> erasedAt(String destination, String subject) {
        Stream<JsonNode> events =
                destination.equals("crm")
                        ? at.hub.crmEvents().stream().map(got -> got.get("event"))
                        : at.hub.archived().stream();
        return events.filter(
                        event -> event.get("type").textValue().equals("jawort.subject.erased.v1"))
                .filter(event -> event.at("/data/subjectId").asText().equals(subject))
                .toList();
    }

    /** The person writes on WhatsApp, over whichever provider, under one number. */
    private SignedWebhook writes(String provider, String number, int n) {
        int who =
                IntStream.range(0, 8)
                        .filter(
                                i ->
                                        Person.number(i)
                                                .webhook(n, at.hub.clock.instant())
                                                .url()
                                                .contains("/webhooks/" + provider + "/"))
                        .findFirst()
                        .orElseThrow();
        SignedWebhook theirs = Person.number(who).webhook(n, at.hub.clock.instant());
        String body =
                new String(theirs.body(), StandardCharsets.UTF_8)
                        .replace("49151%08d".formatted(who), number.substring(1))
                        .replace(
                                "%016d".formatted(who),
                                "%016d".formatted(Long.parseLong(number.substring(7))))
                        .replace(
                                "%08d%08d".formatted(who, n),
                                "%s%08d".formatted(number.substring(6), n));
        SignedWebhook signed =
                at.hub.signed(
                        provider,
                        "POST",
                        "",
                        theirs.headers().get("Content-Type"),
                        body.getBytes(StandardCharsets.UTF_8));
        assertThat(at.hub.send(signed).statusCode()).isEqualTo(200);
        return signed;
    }

    private void writesWhatNobodyCanRead(String number) {
        byte[] broken =
                ("{\"from\":\"" + number.substring(1) + "\",").getBytes(StandardCharsets.UTF_8);
        assertThat(at.hub.post("vonage", "application/json", broken).statusCode()).isEqualTo(200);
    }

    private String schedules(String number) {
        String body =
                """
                {"to":{"channel":"whatsapp","address":"%s","scheme":"phone"},"sendAt":"%s",
                 "content":{"template":{"name":"appointment-reminder","language":"de",
                  "parameters":["Erika Mustermann","27.11.2026","10:30"]}}}"""
                        .formatted(number, at.hub.clock.instant().plus(Duration.ofDays(2)));
        return ApiClient.json(at.send(body)).get("messageId").textValue();
    }

    private String subjectOf(String number) {
        return ApiClient.json(
                        at.api.call(
                                "searchConsents",
                                NONE,
                                "",
                                "{\"channel\":\"whatsapp\",\"address\":\"" + number + "\"}"))
                .get("subjectId")
                .textValue();
    }

    private List<UUID> messages(String subject) {
        return at.hub
                .sql()
                .queryForList(
                        "select id from message where subject_id = ?::uuid and direction = 'inbound' order by id",
                        UUID.class,
                        subject);
    }

    private long rows(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    /** Every id the hub gave to anything of the person. */
    private Set<String> idsOf(String subject) {
        Set<String> ids = new HashSet<>(List.of(subject));
        for (String query :
                List.of(
                        "select id from message where subject_id = ?::uuid",
                        "select id from event where subject_id = ?::uuid",
                        "select id from address where subject_id = ?::uuid",
                        "select id from conversation where subject_id = ?::uuid",
                        "select d.id from media d join message m on m.id = d.message_id where m.subject_id = ?::uuid",
                        "select id from notice_delivery where subject_id = ?::uuid",
                        "select id from consent_record where subject_id = ?::uuid")) {
            ids.addAll(at.hub.sql().queryForList(query, String.class, subject));
        }
        return ids;
    }

    /** All tables of the catalogue with a row that names one of the ids. */
    private List<String> tablesNaming(Set<String> ids) {
        List<String> naming = new ArrayList<>();
        for (String table :
                at.hub
                        .sql()
                        .queryForList(
                                "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'tenant'",
                                String.class)) {
            boolean mayStay =
                    table.equals("event")
                            || table.equals("delivery")
                            || table.startsWith("subject");
            String told = "select id from event where type = 'jawort.subject.erased.v1'";
            String except =
                    switch (table) {
                        case "event" -> " where t.type <> 'jawort.subject.erased.v1'";
                        case "delivery" -> " where t.event_id not in (" + told + ")";
                        case "subject" ->
                                " where not exists (select 1 from retained_message r where r.subject_id = t.id)";
                        case "subject_key" -> " where t.key_group <> 'retained'";
                        default -> "";
                    };
            assertThat(mayStay).isEqualTo(!except.isEmpty());
            for (String row :
                    at.hub
                            .sql()
                            .queryForList(
                                    "select to_jsonb(t)::text from " + table + " t" + except,
                                    String.class)) {
                if (ids.stream().anyMatch(row::contains)) {
                    naming.add(table);
                    break;
                }
            }
        }
        return naming;
    }

    /** Why evidence of a consent cannot be shown, for each declaration of which that is so. */
    private List<String> withheldEvidence(String record) {
        ObjectNode proof =
                at.hub
                        .bean(TenantScope.class)
                        .call(
                                DemoTenant.ID,
                                () ->
                                        at.hub
                                                .bean(ConsentProofs.class)
                                                .of(DemoTenant.ID, UUID.fromString(record))
                                                .orElseThrow());
        assertThat(CanonicalJson.bytes(proof)).isNotEmpty();
        return proof.findValuesAsText("evidenceWithheld").stream()
                .filter(why -> !why.equals("null"))
                .toList();
    }
}
