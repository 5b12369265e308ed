package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMessage;
import org.jawort.local.FakeProvider;
import org.jawort.local.FakeWebhooks;
import org.jawort.message.Channel;
import org.jawort.sending.OptOuts;
import org.jawort.sending.Outgoing;
import org.jawort.sending.OutgoingMessage;
import org.jawort.sending.SendError;
import org.jawort.sending.SendResult;
import org.jawort.sending.Trigger;
import org.jawort.store.TenantScope;

/** A hub whose accounts send to fake providers, which call it back. */
final class SendingHub implements AutoCloseable {

    static final ObjectMapper JSON = new ObjectMapper();

    final HubInTest hub;
    final FakeProvider fake;
    final FakeWebhooks webhooks;

    /** An account they blocked refused a message of which nothing more is known. */
    static OptOuts.Refused optedOut(boolean marketingOnly) {
        return new OptOuts.Refused(
                null,
                null,
                new SendResult.OptedOut(
                        new SendError("recipient_opted_out", null, null), marketingOnly));
    }

    SendingHub(HubInTest.Builder builder, boolean telling) {
        this(builder, telling, Duration.ofSeconds(5));
    }

    /**
     * @param telling whether the providers tell by themselves that a message was delivered
     * @param patience how long the hub waits for a provider's answer
     */
    SendingHub(HubInTest.Builder builder, boolean telling, Duration patience) {
        HubInTest.MovableClock clock = new HubInTest.MovableClock();
        fake = new FakeProvider(0, DemoTenant.sending(name -> null), clock).start();
        hub =
                builder.with("TWILIO_API_URL", fake.url("twilio"))
                        .with("TWILIO_ERASE_API_URL", fake.url("twilio"))
                        .with("MESSAGEBIRD_API_URL", fake.url("messagebird"))
                        .with("MESSAGEBIRD_SMS_API_URL", fake.url("messagebird"))
                        .with("VONAGE_API_URL", fake.url("vonage"))
                        .with("VONAGE_SMS_API_URL", fake.url("vonage"))
                        .with("VONAGE_ERASE_API_URL", fake.url("vonage"))
                        .with("SMOOCH_API_URL", fake.url("smooch"))
                        .with("JAWORT_MEDIA_STAND_IN", fake.mediaUrl())
                        .with("jawort.delivery.relay-period-millis", "200")
                        .with("jawort.sending.response-timeout-millis", "" + patience.toMillis())
                        .start();
        webhooks = webhooks(hub);
        fake.callsBack(webhooks, telling);
    }

    /** A hub that runs, as one of its tenants sees it; to be left open. */
    SendingHub(SharedHub.Seat seat) {
        hub = seat.hub();
        fake = seat.fake();
        webhooks = webhooks(hub);
        fake.callsBack(webhooks, false);
    }

    private static FakeWebhooks webhooks(HubInTest hub) {
        return new FakeWebhooks(
                hub.tenant,
                Path.of("mappings").toAbsolutePath(),
                "http://localhost:8080",
                hub.url(),
                name -> null,
                hub.clock,
                HttpClient.newHttpClient());
    }

    /** The person's message over the provider; its conversation. */
    JsonNode writes(String provider, String number, String text) {
        int before = received().size();
        assertThat(webhooks.writes(provider, number, text)).isEqualTo(200);
        await().until(() -> received().size() > before);
        return received().getLast().get("data");
    }

    List<JsonNode> received() {
        return events("jawort.message.received.v1");
    }

    List<JsonNode> events(String type) {
        return hub.crmEvents().stream()
                .map(one -> one.get("event"))
                .filter(event -> event.path("type").asText().equals(type))
                .toList();
    }

    /** A person who writes over Twilio's WhatsApp, so that a conversation is open. */
    JsonNode person(String number) {
        return writes("twilio", number, "Guten Tag");
    }

    HttpResponse<String> post(String body) {
        return post("/messages", body, UUID.randomUUID().toString());
    }

    HttpResponse<String> post(String path, String body, String idempotencyKey) {
        return postAs(DemoTenant.API_KEY, path, body, idempotencyKey);
    }

    /** With a key of the tenant's other than the demo key. */
    HttpResponse<String> postAs(String key, String path, String body, String idempotencyKey) {
        return hub.send(
                request(path, key)
                        .header("Idempotency-Key", idempotencyKey)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }

    HttpResponse<String> get(String path) {
        return hub.send(request(path).build());
    }

    HttpResponse<String> delete(String path) {
        return hub.send(request(path).DELETE().build());
    }

    private HttpRequest.Builder request(String path) {
        return request(path, DemoTenant.API_KEY);
    }

    private HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(
                        URI.create(hub.url() + "/api/v1/tenants/" + hub.tenant + path))
                .header("Authorization", "Bearer " + key);
    }

    static String reply(String conversation, String text) {
        return "{\"to\":{\"conversation\":\"%s\"},\"content\":{\"type\":\"text\",\"text\":\"%s\"}}"
                .formatted(conversation, text);
    }

    static String reminder(String number) {
        return """
        {"to":{"channel":"whatsapp","address":"%s","scheme":"phone"},"reference":"appointment-4711",
         "content":{"template":{"name":"appointment-reminder","language":"de","parameters":["Jana","24.11.2026","10:30"]}}}"""
                .formatted(number);
    }

    /** Sends a text that must be taken; the message's id. */
    String sends(String body) {
        HttpResponse<String> answer = post(body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return json(answer).get("messageId").textValue();
    }

    JsonNode message(String id) {
        HttpResponse<String> answer = get("/messages/" + id);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    void awaitState(String id, String state) {
        await().untilAsserted(
                        () ->
                                assertThat(message(id).get("state").textValue())
                                        .as("%s", message(id))
                                        .isEqualTo(state));
    }

    /** What the fake provider got with this text in it. */
    List<FakeMessage> got(String text) {
        return fake.messages().stream()
                .filter(one -> one.request().toString().contains(text))
                .toList();
    }

    /** Asks, and has the person say Ja. */
    String grant(String number) {
        return grant(number, Purpose.NOTIFICATION);
    }

    String grant(String number, Purpose purpose) {
        return grant(
                number,
                "whatsapp",
                purpose,
                () -> assertThat(webhooks.writes("twilio", number, "Ja")).isEqualTo(200));
    }

    /**
     * @param yes how the person says it
     */
    String grant(String number, String channel, Purpose purpose, Runnable yes) {
        return grant(number, channel, "phone", purpose, yes);
    }

    String grant(String address, String channel, String scheme, Purpose purpose, Runnable yes) {
        ObjectNode body = JSON.createObjectNode();
        body.put("channel", channel);
        body.putObject("address").put("address", address).put("scheme", scheme);
        body.put("purpose", purpose.name()).put("origin", "elsewhere");
        String now = hub.clock.instant().toString();
        body.put("capturedAt", now).put("textVersion", "web-consent-v3").put("language", "de");
        body.putObject("evidence")
                .put("kind", "form")
                .put("reference", "form-7/1")
                .put("time", now);
        String record =
                json(post("/consents", body.toString(), UUID.randomUUID().toString()))
                        .get("id")
                        .textValue();
        post(
                "/consents/" + record + "/prompts",
                "{\"language\":\"de\",\"textVersion\":\"prompt-v1\",\"sentAt\":\"%s\"}"
                        .formatted(now),
                UUID.randomUUID().toString());
        yes.run();
        await().untilAsserted(
                        () ->
                                assertThat(
                                                json(get("/consents/" + record))
                                                        .at("/consent/state")
                                                        .textValue())
                                        .isEqualTo("GRANTED"));
        return record;
    }

    /** Puts a message of the hub's own on its way. */
    UUID enqueue(UUID subject, Purpose purpose, Trigger.Kind kind, String text) {
        return enqueue(subject, purpose, kind, text, null);
    }

    /**
     * @param account to send over, {@code null} to let the hub choose
     */
    UUID enqueue(UUID subject, Purpose purpose, Trigger.Kind kind, String text, String account) {
        return enqueue(List.of(subject), purpose, kind, text, account).getFirst();
    }

    /** One by a template, over this account and no other. */
    UUID enqueueTemplate(UUID subject, String template, String account) {
        UUID id = UUID.randomUUID();
        ObjectNode content =
                JSON.createObjectNode().put("type", "template").put("text", "Guten Tag");
        content.putObject("template").put("name", template).put("language", "de");
        OutgoingMessage message =
                new OutgoingMessage(
                        id,
                        hub.tenant,
                        subject,
                        null,
                        Channel.WHATSAPP,
                        account,
                        null,
                        Purpose.NOTIFICATION,
                        content,
                        template,
                        new Trigger(Trigger.Kind.API, id.toString()),
                        null);
        hub.bean(TenantScope.class)
                .run(
                        hub.tenant,
                        () ->
                                hub.bean(Outgoing.class)
                                        .enqueue(List.of(message), hub.clock.instant()));
        return id;
    }

    /** One message to each, all in one transaction; their ids. */
    List<UUID> enqueue(
            List<UUID> subjects, Purpose purpose, Trigger.Kind kind, String text, String account) {
        Instant now = hub.clock.instant();
        List<OutgoingMessage> messages =
                subjects.stream()
                        .map(
                                subject -> {
                                    UUID id = UUID.randomUUID();
                                    return new OutgoingMessage(
                                            id,
                                            hub.tenant,
                                            subject,
                                            null,
                                            Channel.WHATSAPP,
                                            account,
                                            null,
                                            purpose,
                                            JSON.createObjectNode()
                                                    .put("type", "text")
                                                    .put("text", text),
                                            null,
                                            new Trigger(kind, id.toString()),
                                            null);
                                })
                        .toList();
        hub.bean(TenantScope.class)
                .run(hub.tenant, () -> hub.bean(Outgoing.class).enqueue(messages, now));
        return messages.stream().map(OutgoingMessage::id).toList();
    }

    /**
     * The notice of the first contact arrives, without which nothing proactive may leave (INF-3).
     */
    void awaitInformed(UUID subject) {
        await().until(
                        () -> {
                            hub.clock.advance(Duration.ofSeconds(10)); // if it is to be tried again
                            return hub.sql()
                                            .queryForObject(
                                                    """
                                                    select count(*) from outbound o
                                                    join message_status s using (tenant, message_id)
                                                    where o.subject_id = ? and o.purpose = 'PRIVACY_NOTICE'
                                                      and s.status = 'delivered'""",
                                                    Long.class,
                                                    subject)
                                    > 0;
                        });
    }

    static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Override
    public void close() {
        hub.close();
        fake.close();
    }
}
