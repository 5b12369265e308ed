package org.jawort.delivery;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/**
 * Puts the headers of Standard Webhooks on what goes to a destination. Registered as {@code
 * webhookSigner}.
 */
public final class WebhookSigner {

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
                String secret = destination.settings().get("secret");
                if (secret != null) {
                    signers.put(destination.toString(), signer(destination, secret));
                } else if (destination.route().equals("crm-webhook")) {
                    throw new IllegalArgumentException(
                            "tenants/"
                                    + tenant.id()
                                    + ".yaml: destination "
                                    + destination.id()
                                    + " needs settings.secret (whsec_…)");
                }
            }
        }
    }

    private static StandardWebhooks signer(Destination destination, String secret) {
        try {
            return new StandardWebhooks(secret);
        } catch (IllegalArgumentException unusable) {
            throw new IllegalArgumentException(
                    "tenants/"
                            + destination.tenant()
                            + ".yaml: destination "
                            + destination.id()
                            + ": "
                            + unusable.getMessage());
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
