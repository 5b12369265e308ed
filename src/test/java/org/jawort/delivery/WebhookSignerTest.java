package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.Test;

class WebhookSignerTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:11:12Z");
    private static final String SECRET = "whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=";

    @Test
    void sendsTheBytesItSignedThoughTheBodyWasAStream() throws Exception {
        byte[] event = "{\"specversion\":\"1.0\"}".getBytes(UTF_8);
        String id = UUID.randomUUID().toString();
        try (var camel = new DefaultCamelContext()) {
            camel.start();
            var exchange = new DefaultExchange(camel);
            exchange.setProperty(Deliveries.EVENT_ID, id);
            exchange.getMessage().setBody(new ByteArrayInputStream(event));

            new WebhookSigner(tenants(), () -> NOW).sign(exchange, "muster", "crm");

            assertThat(exchange.getMessage().getBody()).isEqualTo(event);
            assertThat(exchange.getMessage().getHeader("webhook-signature"))
                    .isEqualTo(new StandardWebhooks(SECRET).sign(id, NOW, event));
        }
    }

    @Test
    void signsWithBothSecretsWhileTheDemoTenantsCrmChangesToTheNext() throws Exception {
        String next = "whsec_" + Base64.getEncoder().encodeToString(new byte[32]);
        Tenants demo =
                new TenantFiles(Path.of("tenants"), Map.of("JAWORT_CRM_SECRET_NEXT", next)::get)
                        .load();
        byte[] event = "{}".getBytes(UTF_8);
        try (var camel = new DefaultCamelContext()) {
            var exchange = new DefaultExchange(camel);
            exchange.setProperty(Deliveries.EVENT_ID, "019ab3c2");
            exchange.getMessage().setBody(event);

            new WebhookSigner(demo, () -> NOW).sign(exchange, "autohaus-muster", "crm");

            assertThat(
                            exchange.getMessage()
                                    .getHeader("webhook-signature", String.class)
                                    .split(" "))
                    .containsExactlyInAnyOrder(
                            new StandardWebhooks(SECRET).sign("019ab3c2", NOW, event),
                            new StandardWebhooks(next).sign("019ab3c2", NOW, event));
        }
    }

    private static Tenants tenants() {
        var crm =
                new Destination(
                        "muster",
                        "crm",
                        "crm-webhook",
                        "destinations/canonical.jslt",
                        List.of("message.*"),
                        false,
                        "crm-eu",
                        Map.of("secret", SECRET));
        return TenantInTest.with(crm);
    }
}
