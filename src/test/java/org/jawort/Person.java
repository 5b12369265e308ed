package org.jawort;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jawort.local.DemoTenant;
import org.jawort.local.ProviderSigner;
import org.jawort.local.SignedWebhook;

/** An invented person who writes numbered messages through one provider. */
public record Person(int number, String provider) {

    private static final String[] PROVIDERS = {"twilio", "vonage", "smooch", "messagebird"};

    public static Person number(int number) {
        return new Person(number, PROVIDERS[number % PROVIDERS.length]);
    }

    /** The words of the n-th message, found again in the event. */
    String text(int n) {
        return "Frage %d von Person %d".formatted(n, number);
    }

    /** The n-th message as the provider would post it now. */
    public SignedWebhook webhook(int n, Instant now) {
        return webhook(DemoTenant.ID, n, now);
    }

    SignedWebhook webhook(String tenant, int n, Instant now) {
        String type =
                provider.equals("twilio")
                        ? "application/x-www-form-urlencoded; charset=UTF-8"
                        : "application/json";
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                provider,
                                null,
                                "POST",
                                "http://localhost:8080/webhooks/"
                                        + provider
                                        + "/"
                                        + tenant
                                        + "/"
                                        + provider,
                                type,
                                body(n).getBytes(StandardCharsets.UTF_8),
                                DemoTenant.signing(provider, name -> null),
                                now);
        Map<String, String> headers = new HashMap<>(signed.headers());
        headers.put("Content-Type", type);
        return new SignedWebhook(signed.method(), signed.url(), headers, signed.body());
    }

    private String body(int n) {
        String phone = "49151%08d".formatted(number);
        String id = "%08d%08d".formatted(number, n);
        return switch (provider) {
            case "twilio" ->
                    "SmsMessageSid=SM%1$s%1$s&NumMedia=0&ProfileName=Jana+Beispiel&MessageType=text&SmsSid=SM%1$s%1$s&WaId=%2$s&SmsStatus=received&Body=%3$s&To=whatsapp%%3A%%2B493023125010&NumSegments=1&ReferralNumMedia=0&MessageSid=SM%1$s%1$s&AccountSid=ACf00df00df00df00df00df00df00df00d&From=whatsapp%%3A%%2B%2$s&ApiVersion=2010-04-01"
                            .formatted(id, phone, text(n).replace(' ', '+'));
            case "vonage" ->
                    """
                    {"channel":"whatsapp","message_uuid":"5a3c0000-0000-4000-8%s-%s","to":"493023125010","from":"%s",
                     "timestamp":"2026-11-03T09:12:44Z","profile":{"name":"Jana Beispiel"},"context_status":"none",
                     "message_type":"text","text":"%s"}
                    """
                            .formatted(
                                    "%03d".formatted(number), "%012d".formatted(n), phone, text(n));
            case "smooch" ->
                    """
                    {"app":{"id":"69a49395db255efaed482b38"},"webhook":{"id":"6912be5b2da8eacdee145d7e","version":"v2"},
                     "events":[{"id":"69fe22df%1$s","createdAt":"2026-11-04T09:00:00.900Z","type":"conversation:message",
                      "payload":{"conversation":{"id":"69de0067%4$016d","type":"personal"},
                       "message":{"id":"6923866a%1$s","received":"2026-11-04T09:00:00.431Z",
                        "author":{"type":"user","userId":"6901fc9c%4$016d","displayName":"Mia Muster"},
                        "content":{"type":"text","text":"%3$s"},
                        "source":{"type":"whatsapp","integrationId":"69f1c7a4e57682672270e4cc",
                         "client":{"id":"691d837d%4$016d","type":"whatsapp","status":"active",
                          "integrationId":"69f1c7a4e57682672270e4cc","externalId":"+%2$s","displayName":"Mia Muster"}}}}}]}
                    """
                            .formatted(id, phone, text(n), number);
            case "messagebird" ->
                    """
                    {"type":"message.created","contact":{"id":"58728c4cdb7882d5%4$016d","href":"","msisdn":%2$s,"displayName":"Mia Muster"},
                     "conversation":{"id":"761df63afde0626a%4$016d","contactId":"58728c4cdb7882d5%4$016d","status":"active"},
                     "message":{"id":"23866a85db58aa43%1$s","conversationId":"761df63afde0626a%4$016d","platform":"whatsapp",
                      "to":"+4915200000090","from":"+%2$s","channelId":"c9bcb59080a3dcda503b77f0f8b7e872","type":"text",
                      "content":{"text":"%3$s"},"direction":"received","status":"received","createdDatetime":"2026-11-03T08:00:00Z"}}
                    """
                            .formatted(id, phone, text(n), number);
            default -> throw new IllegalArgumentException(provider);
        };
    }
}
