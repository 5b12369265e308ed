package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jawort.HubInTest;
import org.jawort.SharedHub;
import org.jawort.TwilioForm;
import org.jawort.conversation.ConsentClock;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMessage;
import org.jawort.local.FakeProvider;
import org.jawort.local.FakeWebhooks;

/** A hub that sends to fake providers, and people who write text messages to it over Twilio. */
final class SpeakingHub implements AutoCloseable {

    static final String BUSINESS = "+493023125020";

    private static final Map<String, String> NONE = Map.of();

    final HubInTest hub;
    final ApiClient api;
    final FakeProvider fake;
    final FakeWebhooks webhooks;

    private SpeakingHub(HubInTest hub, FakeProvider fake, boolean telling) {
        this.hub = hub;
        this.fake = fake;
        api = new ApiClient(hub);
        webhooks =
                new FakeWebhooks(
                        hub.tenant,
                        Path.of("mappings").toAbsolutePath(),
                        "http://localhost:8080",
                        hub.url(),
                        name -> null,
                        hub.clock,
                        HttpClient.newHttpClient());
        fake.callsBack(webhooks, telling);
    }

    static SpeakingHub start(Path home, Consumer<HubInTest.Builder> settings) {
        AtomicReference<InstantSource> clock = new AtomicReference<>(InstantSource.system());
        FakeProvider fake =
                new FakeProvider(0, DemoTenant.sending(name -> null), () -> clock.get().instant())
                        .start();
        HubInTest.Builder builder = HubInTest.hub();
        for (String provider : List.of("twilio", "messagebird", "vonage", "smooch")) {
            builder.with(provider.toUpperCase(Locale.ROOT) + "_API_URL", fake.url(provider));
        }
        builder.with("MESSAGEBIRD_SMS_API_URL", fake.url("messagebird"));
        builder.with("VONAGE_SMS_API_URL", fake.url("vonage"));
        builder.with("TWILIO_ERASE_API_URL", fake.url("twilio"));
        builder.with("VONAGE_ERASE_API_URL", fake.url("vonage"));
        builder.with("JAWORT_MEDIA_STAND_IN", fake.mediaUrl());
        builder.with("jawort.delivery.relay-period-millis", "200");
        builder.with("jawort.sending.response-timeout-millis", "5000");
        settings.accept(builder);
        HubInTest hub = (home == null ? builder : builder.home(home)).start();
        clock.set(hub.clock);
        return new SpeakingHub(hub, fake, false);
    }

    /** A hub that runs, as one of its tenants sees it. */
    static SpeakingHub of(SharedHub.Seat seat) {
        return new SpeakingHub(seat.hub(), seat.fake(), false);
    }

    /** How often the hub could not say what it owed somebody. */
    double unsaid(String kind, String reason) {
        return hub.bean(MeterRegistry.class)
                .counter(
                        "jawort.obliged.unsaid",
                        "tenant",
                        hub.tenant,
                        "kind",
                        kind,
                        "reason",
                        reason)
                .count();
    }

    /** Whose fake providers tell by themselves that a message was delivered. */
    static SpeakingHub telling(SharedHub.Seat seat) {
        return new SpeakingHub(seat.hub(), seat.fake(), true);
    }

    static SpeakingHub start() {
        return start(null, settings -> {});
    }

    static SpeakingHub start(Path home) {
        return start(home, settings -> {});
    }

    /** T1 on SMS; the record's id. */
    String capture(String number) {
        HttpResponse<String> answer = tryCapture(number, "NOTIFICATION");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return ApiClient.json(answer).get("id").textValue();
    }

    /** T1 by a form on the web, for WhatsApp; the record's id. */
    String captureOnTheWeb(String number) {
        return captureOnTheWeb(number, "phone");
    }

    String captureOnTheWeb(String address, String scheme) {
        ObjectNode body = ApiClient.object(ApiClient.operation("captureConsent").example());
        String now = hub.clock.instant().toString();
        body.put("capturedAt", now).put("textVersion", "consent-form-v1");
        ((ObjectNode) body.get("address")).put("address", address).put("scheme", scheme);
        ((ObjectNode) body.get("evidence")).put("time", now);
        HttpResponse<String> answer = api.call("captureConsent", NONE, "", body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return ApiClient.json(answer).get("id").textValue();
    }

    HttpResponse<String> tryCapture(String number, String purpose) {
        ObjectNode body = ApiClient.object(ApiClient.operation("captureConsent").example());
        ((ObjectNode) body.get("address")).put("address", number);
        body.put("channel", "sms").put("purpose", purpose);
        body.put("capturedAt", hub.clock.instant().toString());
        return api.call("captureConsent", NONE, "", body.toString());
    }

    /** An SMS of a person. */
    void says(String number, String text) {
        post(sms(number, text));
    }

    TwilioForm sms(String number, String text) {
        return TwilioForm.text("SM" + UUID.randomUUID().toString().replace("-", ""), number, text)
                .with("From", number)
                .with("To", BUSINESS)
                .with("AccountSid", "ACf00df00df00df00df00df00df00df00d");
    }

    void post(TwilioForm form) {
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
    }

    /**
     * @param clientRef the hub's own reference in the URL of a status
     */
    void post(TwilioForm form, String clientRef) {
        var webhook =
                hub.signed(
                        "twilio", "POST", "?clientRef=" + clientRef, TwilioForm.TYPE, form.bytes());
        assertThat(hub.send(webhook).statusCode()).isEqualTo(200);
    }

    JsonNode read(String record) {
        return ApiClient.json(api.call("getConsent", Map.of("id", record), "", ""));
    }

    String state(String record) {
        return read(record).at("/consent/state").textValue();
    }

    void awaitState(String record, String state) {
        await().untilAsserted(() -> assertThat(state(record)).isEqualTo(state));
    }

    List<String> transitions(String record) {
        return read(record).get("history").findValuesAsText("transition");
    }

    /** What a person was sent so far that says this. */
    List<FakeMessage> sent(String number, String words) {
        return fake.messages().stream()
                .filter(message -> message.taken() != null)
                .filter(message -> message.request().toString().contains(number.substring(1)))
                .filter(message -> message.request().toString().contains(words))
                .toList();
    }

    FakeMessage awaitSent(String number, String words) {
        await().untilAsserted(() -> assertThat(sent(number, words)).isNotEmpty());
        return sent(number, words).getFirst();
    }

    /** The appointment reminder on WhatsApp, as a tenant's system asks for it. */
    HttpResponse<String> remind(String number) {
        return send(
                """
                {"to":{"channel":"whatsapp","address":"%s","scheme":"phone"},
                 "content":{"template":{"name":"appointment-reminder","language":"de",
                  "parameters":["Erika Mustermann","27.11.2026","10:30"]}}}"""
                        .formatted(number));
    }

    HttpResponse<String> send(String message) {
        return api.call("sendMessage", NONE, "", message);
    }

    JsonNode message(String id) {
        return ApiClient.json(api.call("getMessage", Map.of("id", id), "", ""));
    }

    JsonNode explained(String id) {
        return ApiClient.json(api.call("explainMessage", Map.of("id", id), "", ""));
    }

    /** The person has it, and the hub knows. */
    void awaitDelivered(String message) {
        await().untilAsserted(
                        () ->
                                assertThat(message(message).get("statuses"))
                                        .as("%s", message(message))
                                        .extracting(one -> one.get("status").asText())
                                        .contains("delivered"));
    }

    /** The provider tells what became of it. */
    void status(FakeMessage message, String status) {
        assertThat(fake.status(message.taken().id(), status, null)).isEqualTo(200);
    }

    /** Everything received is stored and everything to send was tried. */
    void quiet() {
        hub.awaitQuiet();
    }

    /** The hub's own clock acts, as its route makes it do. */
    void clockActs() {
        hub.bean(ConsentClock.class).end(hub.tenant);
        hub.bean(ConsentClock.class).changeTexts(hub.tenant);
    }

    String subject(String record) {
        return read(record).at("/consent/subjectId").textValue();
    }

    JsonNode notices(String subject, Instant at) {
        return ApiClient.json(
                        api.call(
                                "listSubjectNotices",
                                Map.of("id", subject),
                                at == null ? "" : "?at=" + at,
                                ""))
                .get("notices");
    }

    @Override
    public void close() {
        hub.close();
        fake.close();
    }
}
