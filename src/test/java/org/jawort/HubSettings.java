package org.jawort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;

/** Settings of a hub of a test's own: nothing it stores or publishes is seen by another's. */
final class HubSettings {

    private static final String NOWHERE = "http://localhost:9";

    private static Path tombstones;

    private HubSettings() {}

    /**
     * @param database its JDBC URL
     * @return by name of the environment variable
     */
    static Map<String, String> of(
            Path home, String database, LocalKafka kafka, CrmReceiver crm, Path archive) {
        String unique = UUID.randomUUID().toString().substring(0, 8);
        Map<String, String> settings = new HashMap<>();
        settings.put("JAWORT_MANAGEMENT_PORT", "0");
        settings.put("JAWORT_HOME", home.toString());
        settings.put("JAWORT_PUBLIC_URL", "http://localhost:8080");
        settings.put("JAWORT_DB_URL", database);
        settings.put("JAWORT_DB_USER", LocalPostgres.APP_USER);
        settings.put("JAWORT_DB_PASSWORD", LocalPostgres.APP_PASSWORD);
        settings.put("JAWORT_DB_OWNER_USER", LocalPostgres.OWNER_USER);
        settings.put("JAWORT_DB_OWNER_PASSWORD", LocalPostgres.OWNER_PASSWORD);
        settings.put("JAWORT_KAFKA_BROKERS", kafka.brokers());
        settings.put("JAWORT_KAFKA_REPLICATION_FACTOR", "1");
        settings.put("JAWORT_KAFKA_MIN_INSYNC_REPLICAS", "1");
        settings.put("JAWORT_KAFKA_PARTITIONS", "2");
        settings.put("JAWORT_KAFKA_CONSUMERS", "1");
        settings.put("JAWORT_KAFKA_GROUP_PREFIX", "jawort-" + unique);
        settings.put("JAWORT_TOPIC_WEBHOOKS", "webhooks-" + unique);
        settings.put("JAWORT_TOPIC_DELIVERIES", "deliveries-" + unique);
        settings.put("JAWORT_ROOT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        settings.put("JAWORT_CRM_URL", crm.url());
        settings.put("JAWORT_CRM_SECRET", DemoTenant.CRM_SECRET);
        settings.put("JAWORT_ARCHIVE_DIR", archive.toString());
        settings.put("JAWORT_TOMBSTONES_DIR", tombstones(database).toString());
        // Nothing happens by the time of day, which is not the time of a clock that is moved.
        for (String schedule :
                List.of(
                        "RETENTION",
                        "RETENTION_BUFFERS",
                        "CONSENT_CLOCK",
                        "CONSENT_RECONCILE",
                        "LEDGER_ANCHOR",
                        "DELETIONS_ANCHOR")) {
            settings.put("JAWORT_" + schedule + "_CRON", "0 0 0 1 1 ? 2099");
        }
        // No test reaches a provider: one that sends brings its own.
        for (String api :
                List.of(
                        "TWILIO",
                        "TWILIO_ERASE",
                        "MESSAGEBIRD",
                        "MESSAGEBIRD_SMS",
                        "VONAGE",
                        "VONAGE_SMS",
                        "VONAGE_ERASE",
                        "SMOOCH")) {
            settings.put(api + "_API_URL", NOWHERE);
        }
        settings.put("JAWORT_MEDIA_STAND_IN", "http://127.0.0.1:9");
        settings.put("JAWORT_MEDIA_WAIT", "PT0S");
        return settings;
    }

    /** The same for each start on a database, as it must be. */
    private static synchronized Path tombstones(String database) {
        try {
            if (tombstones == null) {
                tombstones = Files.createTempDirectory("jawort-tombstones");
            }
            return tombstones.resolve(database.replaceAll("[^A-Za-z0-9_]+", "-"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
