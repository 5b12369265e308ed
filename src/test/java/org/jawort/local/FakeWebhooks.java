package org.jawort.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * The way back: what became of a message, and what the person answers, as webhooks to the hub,
 * signed as the provider signs them.
 *
 * @param tenant whose accounts they go to, where a message did not say
 * @param mappings where the samples of inbound messages are
 * @param publicUrl the hub as providers know it; signatures cover it
 * @param hubUrl where it answers on this machine
 */
public record FakeWebhooks(
        String tenant,
        Path mappings,
        String publicUrl,
        String hubUrl,
        UnaryOperator<String> environment,
        InstantSource clock,
        HttpClient http) {

    /** To the demo tenant. */
    public FakeWebhooks(
            Path mappings,
            String publicUrl,
            String hubUrl,
            UnaryOperator<String> environment,
            InstantSource clock,
            HttpClient http) {
        this(DemoTenant.ID, mappings, publicUrl, hubUrl, environment, clock, http);
    }

    /** The words for "underway" and "arrived". */
    static final Map<String, String[]> GOOD =
            Map.of(
                    "twilio", new String[] {"sent", "delivered"},
                    "vonage", new String[] {"submitted", "delivered"},
                    "messagebird", new String[] {"sent", "delivered"},
                    "smooch", new String[] {"channel", "user"});

    /** The hub's answer. */
    int send(String provider, FakeWebhook webhook) {
        String own = publicUrl + "/webhooks/" + provider + "/" + tenant + "/" + provider;
        String url = webhook.url() == null ? own : webhook.url();
        if (webhook.query() != null) {
            url += (url.contains("?") ? "&" : "?") + webhook.query();
        }
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                provider,
                                null,
                                webhook.method(),
                                url,
                                webhook.contentType(),
                                webhook.body(),
                                DemoTenant.signing(provider, environment),
                                clock.instant());
        String target =
                signed.url().startsWith(publicUrl)
                        ? hubUrl + signed.url().substring(publicUrl.length())
                        : signed.url();
        var request =
                HttpRequest.newBuilder(URI.create(target))
                        .timeout(Duration.ofSeconds(10))
                        .method(
                                signed.method(),
                                HttpRequest.BodyPublishers.ofByteArray(signed.body()));
        signed.headers().forEach(request::header);
        if (webhook.contentType() != null) {
            request.header("Content-Type", webhook.contentType());
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException away) {
            return 0;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** A person writes to the business on WhatsApp; the hub's answer. */
    public int writes(String provider, String number, String text) {
        Sample.Webhook webhook =
                Sample.find(mappings, provider, "whatsapp-text")
                        .webhook(
                                new SampleChange(
                                        UUID.randomUUID().toString(),
                                        text,
                                        number,
                                        clock.instant()));
        return send(
                provider,
                new FakeWebhook(
                        webhook.method(),
                        null,
                        webhook.query(),
                        webhook.contentType(),
                        webhook.body()));
    }

    /** A text of the person a message went to. */
    int reply(FakeMessage message, String text) {
        String channel = message.taken().channel();
        String to = message.taken().to();
        Sample sample =
                Sample.find(
                        mappings,
                        message.provider(),
                        channel.matches("whatsapp|sms|messenger|telegram")
                                ? channel + "-text"
                                : "whatsapp-text");
        Sample.Webhook webhook =
                sample.webhook(
                        new SampleChange(
                                UUID.randomUUID().toString(),
                                text,
                                to == null
                                        ? null
                                        : to.replaceFirst("^([a-z]+:)?[+]?([1-9])", "+$2"),
                                clock.instant()));
        return send(
                message.provider(),
                new FakeWebhook(
                        webhook.method(),
                        null,
                        webhook.query(),
                        webhook.contentType(),
                        webhook.body()));
    }
}
