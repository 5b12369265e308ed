package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jawort.HomeFolder;
import org.jawort.TwilioForm;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeProcessor;
import org.jawort.retention.Erasure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An erasure that is passed on to a processor as OpenDSR 2.0 has it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenDsrIT {

    private final AtomicReference<InstantSource> clock =
            new AtomicReference<>(InstantSource.system());
    private FakeProcessor processor;
    private SpeakingHub at;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), FakeProcessor.TOKEN + "\n");
        processor = FakeProcessor.start(() -> clock.get().instant());
        at =
                SpeakingHub.start(
                        HomeFolder.copy()
                                .change(
                                        "destinations:\n",
                                        """
                                        destinations:
                                          - id: crm-dsr
                                            route: opendsr
                                            events: [subject.erased]
                                            processor: crm-eu
                                            settings: { url: "%s", domain: %s, certificate: "%s", identities: "phone, bsuid", secretToken: "file:%s" }
                                        """
                                                .formatted(
                                                        processor.url(),
                                                        FakeProcessor.DOMAIN,
                                                        processor.certificate(),
                                                        token))
                                .path());
        clock.set(at.hub.clock);
    }

    @AfterAll
    void stop() {
        at.close();
        processor.close();
    }

    @Test
    @DisplayName(
            "DSR-10, RET-14: a processor is asked in the shape of OpenDSR 2.0, by its own id of the person, number and BSUID and by no hash; its signed receipt and its callbacks say how far it is")
    void asksAProcessorAndBelievesItsSignature() {
        String number = "+4915200930001";
        String subject = writes(number);
        processor.signs(false);
        int before = processor.requests().size();

        UUID run = erase(subject);
        await().until(() -> processor.requests().size() > before);
        JsonNode request = processor.requests().get(before);
        await().until(
                        () ->
                                rows(
                                                "delivery where destination = 'crm-dsr' and state = 'parked' and attempts > 0")
                                        == 1);
        assertThat(task(run)).as("an unsigned receipt is none").isEqualTo("RETRY");

        assertThat(request.get("regulation").textValue()).isEqualTo("gdpr");
        assertThat(request.get("subject_request_type").textValue()).isEqualTo("erasure");
        assertThat(request.get("api_version").textValue()).isEqualTo("2.0");
        assertThat(UUID.fromString(request.get("subject_request_id").textValue()).version())
                .isEqualTo(4);
        assertThat(request.get("submitted_time").textValue()).endsWith("Z");
        assertThat(request.get("subject_identities"))
                .extracting(
                        one ->
                                one.get("identity_type").textValue()
                                        + " "
                                        + one.get("identity_value").textValue()
                                        + " "
                                        + one.get("identity_format").textValue())
                .containsExactlyInAnyOrder(
                        "controller_customer_id " + subject + " raw",
                        "phone " + number + " raw",
                        "bsuid DE.8812" + number.substring(1) + " raw");
        assertThat(processor.authorizations()).containsOnly("Bearer " + FakeProcessor.TOKEN);

        processor.signs(true);
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofSeconds(2));
                            return task(run).equals("EXPIRES_AT");
                        });
        assertThat(processor.requests().getLast().get("subject_request_id"))
                .as("asked again, it is the same request")
                .isEqualTo(request.get("subject_request_id"));
        assertThat(rows("processor_request where sealed_identities is not null")).isZero();
        await().until(() -> view(run).get("finishedAt").isTextual());
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED");

        String progress = processor.callback(request, "in_progress");
        assertThat(tells(progress, processor.sign("other".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(403);
        assertThat(tells(progress, null)).isEqualTo(403);
        assertThat(
                        tells(
                                progress.replace("8080", "8081"),
                                signed(progress.replace("8080", "8081"))))
                .as("told somebody else")
                .isEqualTo(403);
        assertThat(tells(progress, signed(progress))).isEqualTo(202);
        assertThat(task(run)).isEqualTo("EXPIRES_AT");
        String done = processor.callback(request, "completed");
        assertThat(tells(done, signed(done))).isEqualTo(202);
        assertThat(task(run)).isEqualTo("DONE");
        assertThat(tells(progress, signed(progress))).as("over is over").isEqualTo(403);
    }

    @Test
    @DisplayName("DSR-10, RET-14: what a processor cancels is an exception of the run")
    void namesWhatAProcessorCancels() {
        String subject = writes("+4915200930002");
        int before = processor.requests().size();

        UUID run = erase(subject);
        await().until(() -> view(run).get("finishedAt").isTextual());
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED");
        String cancelled = processor.callback(processor.requests().get(before), "cancelled");
        assertThat(tells(cancelled, signed(cancelled))).isEqualTo(202);

        assertThat(task(run)).isEqualTo("MANUAL");
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        assertThat(view(run).get("exceptions").findValuesAsText("recipient"))
                .containsExactly("crm-dsr");
    }

    @ParameterizedTest
    @DisplayName(
            "DSR-10, RET-14: a request that is delivered again, and its receipt, change nothing of what callbacks told since")
    @CsvSource({"+4915200930003, completed, DONE", "+4915200930004, cancelled, MANUAL"})
    void believesTheCallbackAndNotAReceiptThatComesAgain(
            String number, String told, String becomes) {
        String subject = writes(number);
        int before = processor.requests().size();
        UUID run = erase(subject);
        await().until(() -> view(run).get("finishedAt").isTextual());
        String callback = processor.callback(processor.requests().get(before), told);
        assertThat(tells(callback, signed(callback))).isEqualTo(202);

        at.hub
                .sql()
                .update(
                        "update delivery set state = 'parked', next_attempt_at = created_at, finished_at = null"
                                + " where destination = 'crm-dsr' and event_id = (select event_id from processor_request where run = ?)",
                        run);
        await().until(() -> processor.requests().size() > before + 1 && at.hub.undelivered() == 0);

        assertThat(task(run)).isEqualTo(becomes);
    }

    @Test
    @DisplayName(
            "DSR-10, RET-14: a callback that is faster than the receipt counts, and the receipt is kept all the same")
    void takesACallbackThatComesBeforeTheReceipt() {
        String subject = writes("+4915200930005");
        List<Integer> answers = new CopyOnWriteArrayList<>();
        processor.beforeReceipt(
                request -> {
                    String done = processor.callback(request, "completed");
                    answers.add(tells(done, signed(done)));
                });

        UUID run = erase(subject);
        await().until(() -> view(run).get("finishedAt").isTextual());
        processor.beforeReceipt(request -> {});

        assertThat(answers).containsExactly(202);
        assertThat(task(run)).isEqualTo("DONE");
        assertThat(
                        rows(
                                "processor_request where status = 'COMPLETED' and receipt_sha256 is not null"
                                        + " and sealed_identities is null and run = '"
                                        + run
                                        + "'"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName(
            "DSR-10: a callback that says how far it is comes before the receipt; then the receipt says until when")
    void takesTheTimeFromTheReceiptThoughWorkHasBegun() {
        String subject = writes("+4915200930006");
        processor.beforeReceipt(
                request -> {
                    String begun =
                            processor
                                    .callback(request, "in_progress")
                                    .replace("expected_completion_time", "no_time_yet");
                    tells(begun, signed(begun));
                });

        UUID run = erase(subject);
        await().until(() -> view(run).get("finishedAt").isTextual());
        processor.beforeReceipt(request -> {});

        assertThat(task(run)).isEqualTo("EXPIRES_AT");
        assertThat(rows("processor_request where status = 'IN_PROGRESS' and run = '" + run + "'"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName(
            "DSR-10, RET-14: what a processor tells after its delivery was given up is no exception any more")
    void believesWhoIsDoneAfterItWasGivenUp() {
        String subject = writes("+4915200930007");
        processor.signs(false);
        int before = processor.requests().size();
        UUID run = erase(subject);
        String undelivered =
                "destination = 'crm-dsr' and event_id in (select event_id from processor_request where run = '"
                        + run
                        + "')";
        await().until(
                        () ->
                                rows(
                                                "delivery where state = 'parked' and attempts > 0 and "
                                                        + undelivered)
                                        == 1);

        at.hub
                .sql()
                .update(
                        "update delivery set state = 'dead', next_attempt_at = null, finished_at = created_at where "
                                + undelivered);
        await().until(() -> view(run).get("finishedAt").isTextual());
        processor.signs(true);
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        String done = processor.callback(processor.requests().get(before), "completed");
        assertThat(tells(done, signed(done))).isEqualTo(202);

        assertThat(task(run)).isEqualTo("DONE");
        assertThat(view(run).get("status").textValue()).isEqualTo("COMPLETED");
    }

    /** The person's subject id. */
    private String writes(String number) {
        at.post(
                TwilioForm.text("SM" + UUID.randomUUID(), number, "Guten Tag")
                        .with("ExternalUserId", "whatsapp:DE.8812" + number.substring(1)));
        at.quiet();
        await().until(() -> at.hub.undelivered() == 0);
        return ApiClient.json(
                        at.api.call(
                                "searchConsents",
                                Map.of(),
                                "",
                                "{\"channel\":\"whatsapp\",\"address\":\"" + number + "\"}"))
                .get("subjectId")
                .textValue();
    }

    private UUID erase(String subject) {
        return at.hub
                .bean(Erasure.class)
                .erase(DemoTenant.ID, UUID.fromString(subject), UUID.randomUUID());
    }

    private JsonNode view(UUID run) {
        return ApiClient.json(at.api.call("getDeletion", Map.of("id", run.toString()), "", ""));
    }

    private String task(UUID run) {
        for (JsonNode one : view(run).get("recipients")) {
            if (one.get("recipient").textValue().equals("crm-dsr")) {
                return one.get("status").textValue();
            }
        }
        return "";
    }

    private String signed(String body) {
        return processor.sign(body.getBytes(StandardCharsets.UTF_8));
    }

    private int tells(String body, String signature) {
        ApiClient.Operation operation = ApiClient.operation("openDsrCallback");
        Map<String, String> headers =
                signature == null
                        ? Map.of()
                        : Map.of(
                                "X-OpenDSR-Processor-Domain",
                                FakeProcessor.DOMAIN,
                                "X-OpenDSR-Signature",
                                signature);
        HttpResponse<String> answer =
                at.api.send(
                        operation,
                        "/opendsr/callbacks/" + DemoTenant.ID + "/crm-dsr",
                        headers,
                        body);
        return answer.statusCode();
    }

    private long rows(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }
}
