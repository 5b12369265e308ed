package org.jawort.local;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What the local hub runs with. Each value comes from the environment variable of its name or has a
 * default; the ports are fixed so that addresses stay the same from run to run.
 *
 * @param home holds routes/, mappings/, tenants/; local data goes to {@code .local/} below it
 */
record LocalSettings(
        Path home,
        int port,
        int managementPort,
        int crmPort,
        int providersPort,
        int postgresPort,
        int kafkaPort,
        UnaryOperator<String> environment) {

    /**
     * @param environment gives the value of a variable, {@code null} if it is not set
     * @throws LocalStartFailed if a port is not a number from 1 to 65535
     */
    static LocalSettings from(UnaryOperator<String> environment) {
        String home = environment.apply("JAWORT_HOME");
        return new LocalSettings(
                Path.of(home == null ? "" : home).toAbsolutePath().normalize(),
                port(environment, "PORT", 8080),
                port(environment, "JAWORT_MANAGEMENT_PORT", 8082),
                port(environment, "JAWORT_CRM_PORT", 8081),
                port(environment, "JAWORT_PROVIDERS_PORT", 8083),
                port(environment, "JAWORT_LOCAL_DB_PORT", 54329),
                port(environment, "JAWORT_LOCAL_KAFKA_PORT", 9292),
                environment);
    }

    Path data() {
        return home.resolve(".local");
    }

    Path rootKeyFile() {
        return Path.of(
                or("JAWORT_ROOT_KEY_FILE", data().resolve("keys").resolve("root.key").toString()));
    }

    Path logFile() {
        return data().resolve("logs").resolve("hub.log");
    }

    String archive() {
        return or("JAWORT_ARCHIVE_DIR", data().resolve("archive").toString());
    }

    String publicUrl() {
        return or("JAWORT_PUBLIC_URL", "http://localhost:" + port);
    }

    /**
     * The base URL providers sign: the configured one, else {@code fallback}, else this machine's.
     */
    String publicUrl(String fallback) {
        String url = or("JAWORT_PUBLIC_URL", fallback == null ? publicUrl() : fallback);
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    String crmSecret() {
        return or("JAWORT_CRM_SECRET", DemoTenant.CRM_SECRET);
    }

    /**
     * The clock of hub, providers and demo CRM: signatures carry its time.
     *
     * @throws LocalStartFailed if JAWORT_CLOCK_OFFSET is no duration
     */
    InstantSource clock() {
        String offset = or("JAWORT_CLOCK_OFFSET", "PT0S");
        try {
            return Clock.offset(Clock.systemUTC(), Duration.parse(offset));
        } catch (DateTimeParseException wrong) {
            throw new LocalStartFailed(
                    "JAWORT_CLOCK_OFFSET must be an ISO 8601 duration such as P1D, not \""
                            + offset
                            + "\"",
                    wrong);
        }
    }

    String apiKey() {
        return or("JAWORT_API_KEY", DemoTenant.API_KEY);
    }

    /** The hub's properties, under the names of their environment variables. */
    Map<String, String> hubProperties(
            LocalPostgres postgres, LocalKafka kafka, CrmReceiver crm, FakeProvider providers) {
        var properties = new LinkedHashMap<String, String>();
        properties.put("PORT", String.valueOf(port));
        properties.put("server.port", String.valueOf(port));
        properties.put("JAWORT_PUBLIC_URL", publicUrl());
        properties.put("JAWORT_DB_URL", postgres.jdbcUrl());
        properties.put("JAWORT_DB_USER", LocalPostgres.APP_USER);
        properties.put("JAWORT_DB_PASSWORD", LocalPostgres.APP_PASSWORD);
        properties.put("JAWORT_DB_OWNER_USER", LocalPostgres.OWNER_USER);
        properties.put("JAWORT_DB_OWNER_PASSWORD", LocalPostgres.OWNER_PASSWORD);
        properties.put("JAWORT_KAFKA_BROKERS", kafka.brokers());
        properties.put("JAWORT_KAFKA_REPLICATION_FACTOR", "1");
        properties.put("JAWORT_KAFKA_MIN_INSYNC_REPLICAS", "1");
        properties.put("JAWORT_ROOT_KEY_FILE", rootKeyFile().toString());
        properties.put("JAWORT_HOME", home.toString());
        properties.put("JAWORT_CRM_URL", or("JAWORT_CRM_URL", crm.url()));
        properties.put("JAWORT_CRM_SECRET", crmSecret());
        for (String provider : List.of("twilio", "messagebird", "vonage", "smooch")) {
            String variable = provider.toUpperCase(Locale.ROOT) + "_API_URL";
            properties.put(variable, or(variable, providers.url(provider)));
        }
        for (String provider : List.of("messagebird", "vonage")) {
            String variable = provider.toUpperCase(Locale.ROOT) + "_SMS_API_URL";
            properties.put(variable, or(variable, providers.url(provider)));
        }
        for (String provider : List.of("twilio", "vonage")) {
            String variable = provider.toUpperCase(Locale.ROOT) + "_ERASE_API_URL";
            properties.put(variable, or(variable, providers.url(provider)));
        }
        properties.put("JAWORT_MEDIA_STAND_IN", providers.mediaUrl());
        properties.put("JAWORT_ARCHIVE_DIR", archive());
        properties.put(
                "JAWORT_TOMBSTONES_DIR",
                or("JAWORT_TOMBSTONES_DIR", data().resolve("tombstones").toString()));
        properties.put("JAWORT_API_KEY", apiKey());
        properties.put("JAWORT_CLOCK_OFFSET", or("JAWORT_CLOCK_OFFSET", "PT0S"));
        properties.putAll(DemoTenant.credentials(environment));
        return properties;
    }

    /** The fake providers' way back to the hub. */
    FakeWebhooks webhooks() {
        return new FakeWebhooks(
                home.resolve("mappings"),
                publicUrl(null),
                "http://localhost:" + port,
                environment,
                clock(),
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build());
    }

    private String or(String variable, String otherwise) {
        String value = environment.apply(variable);
        return value == null || value.isBlank() ? otherwise : value;
    }

    private static int port(UnaryOperator<String> environment, String variable, int otherwise) {
        String value = environment.apply(variable);
        if (value == null || value.isBlank()) {
            return otherwise;
        }
        if (value.matches("\\d{1,5}")
                && Integer.parseInt(value) >= 1
                && Integer.parseInt(value) <= 65535) {
            return Integer.parseInt(value);
        }
        throw new LocalStartFailed(
                variable + " must be a port from 1 to 65535, not \"" + value + "\"");
    }
}
