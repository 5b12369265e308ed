package org.jawort.delivery;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Secret;
import org.jawort.tenant.SecretSettings;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/**
 * Puts the headers of Standard Webhooks on what goes to a destination. Registered as {@code
 * webhookSigner}.
 */
public final class WebhookSigner {

    private static final String ROUTE = "crm-webhook";

    private final Map<String, StandardWebhooks> signers = new HashMap<>();
    private final InstantSource clock;

    /**
     * @throws IllegalArgumentException if a destination of route {@code crm-webhook} has no usable
     *     secret
     */
    WebhookSigner(Tenants tenants, InstantSource clock) {
        this.clock = clock;
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                String secrets = secrets(destination);
                if (destination.route().equals(ROUTE) || secrets.matches("wh(sec|sk)_.*")) {
                    signers.put(destination.toString(), signer(destination, secrets));
                }
            }
        }
    }

    /**
     * Says what is wrong before anything starts.
     *
     * @throws IllegalArgumentException naming tenant file and destination if its secret cannot sign
     */
    public static void check(Destination destination) {
        if (destination.route().equals(ROUTE)) {
            signer(destination, secrets(destination));
        }
    }

    /** The one in force first, then the one that comes or goes while rotating. */
    private static String secrets(Destination destination) {
        return Stream.of("secret", "secretNext")
                .flatMap(name -> SecretSettings.value(destination, name).stream())
                .map(Secret::value)
                .collect(Collectors.joining(" "))
                .strip();
    }

    private static StandardWebhooks signer(Destination destination, String secrets) {
        if (secrets.isEmpty()) {
            throw SecretSettings.invalid(
                    destination, "secret", "is missing; the route signs with whsec_… or whsk_…");
        }
        try {
            return new StandardWebhooks(secrets);
        } catch (IllegalArgumentException unusable) {
            throw SecretSettings.invalid(destination, "secret", "fails: " + unusable.getMessage());
        }
    }

    public void sign(Exchange exchange, String tenant, String destination) {
        String id = exchange.getProperty(Deliveries.EVENT_ID, String.class);
        Instant now = clock.instant();
        Message message = exchange.getMessage();
        byte[] body = message.getBody(byte[].class);
        message.setBody(body); // a stream is at its end once it was read for the signature
        message.setHeader("webhook-id", id);
        message.setHeader("webhook-timestamp", String.valueOf(now.getEpochSecond()));
        message.setHeader(
                "webhook-signature",
                signers.get("Destination[" + tenant + "/" + destination + "]").sign(id, now, body));
        message.setHeader(Exchange.CONTENT_TYPE, "application/cloudevents+json; charset=UTF-8");
        message.setHeader(Exchange.HTTP_METHOD, "POST");
    }
}
