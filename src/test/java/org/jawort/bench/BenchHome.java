package org.jawort.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jawort.bench.BenchOptions.Subject;

/**
 * A home of the hub with the routes and mappings of this checkout and a tenant that has what is
 * measured and no more: one Twilio account, one CRM. For intake the hub runs without the route that
 * takes webhooks from Kafka, or its work would count against intake.
 */
final class BenchHome {

    static final String TENANT = "bench";
    static final String PATH = "/webhooks/twilio/" + TENANT + "/twilio";

    private static final String TENANT_FILE =
            """
            tenant: bench
            name: Muster GmbH
            consent:
              mode: open
            texts:
              language: de
            accounts:
              - id: twilio
                provider: twilio
                processor: twilio-us
                channels:
                  - { channel: whatsapp, address: "+493023125010" }
                credentials:
                  authToken: ["${TWILIO_TOKEN}"]
                  accountSid: "${TWILIO_ACCOUNT_SID}"
            purposes: { SUPPORT_REPLY: CONTRACT, NOTIFICATION: CONSENT, MARKETING: off }
            destinations:
              - id: crm
                route: crm-webhook
                mapping: destinations/canonical.jslt
                events: [message.*, consent.changed, subject.erased]
                processor: crm-eu
                settings:
                  url: "${JAWORT_CRM_URL}"
                  secret: "${JAWORT_CRM_SECRET}"
            retention:
              conversationText: P90D
              media: P30D
              deliveryMetadata: P90D
            """;

    private BenchHome() {}

    /** Where a tenant's webhooks go. */
    static String path(String tenant) {
        return "/webhooks/twilio/" + tenant + "/twilio";
    }

    static void make(Path checkout, Path home, BenchOptions options) throws IOException {
        for (String folder : List.of("routes", "mappings")) {
            copy(checkout.resolve(folder), home.resolve(folder));
        }
        if (options.subject() == Subject.INTAKE) {
            Files.delete(home.resolve("routes/pipeline/normalize.camel.yaml"));
        }
        Files.createDirectories(home.resolve("tenants"));
        Files.writeString(home.resolve("tenants/" + TENANT + ".yaml"), TENANT_FILE);
        if (options.subject() == Subject.FANOUT) {
            for (String tenant : FanoutBench.TENANTS) {
                Files.writeString(
                        home.resolve("tenants/" + tenant + ".yaml"),
                        FanoutBench.tenant(TENANT_FILE, tenant));
            }
        }
        if (options.subject() == Subject.DELETION) {
            for (String tenant : DeletionBench.tenants(options)) {
                Files.writeString(
                        home.resolve("tenants/" + tenant + ".yaml"),
                        TENANT_FILE.replace("tenant: " + TENANT, "tenant: " + tenant));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copied = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copied);
                } else {
                    Files.copy(file, copied);
                }
            }
        }
    }
}
