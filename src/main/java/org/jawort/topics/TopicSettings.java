package org.jawort.topics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.jawort.tenant.Destination;

/**
 * How a destination of {@code kafka-topic} reaches its brokers, from {@code settings}: {@code
 * securityProtocol}, {@code saslMechanism}, {@code saslUsername}, {@code saslSecret}, and in PEM
 * {@code trustedCertificates}, {@code clientCertificate}, {@code clientKeySecret}. Nothing goes
 * over the network without TLS.
 */
final class TopicSettings {

    static final String ROUTE = "kafka-topic";

    private static final Set<String> PROTOCOLS = Set.of("SSL", "SASL_SSL", "PLAINTEXT");
    private static final Map<String, String> LOGINS =
            Map.of(
                    "PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule",
                    "SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule",
                    "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    private TopicSettings() {}

    /**
     * What a Kafka client needs of them beside its brokers.
     *
     * @throws IllegalArgumentException naming the setting that cannot be used, as {@code
     *     settings.<name> …}
     */
    static Map<String, String> security(Destination destination) {
        Map<String, String> settings = destination.settings();
        String protocol = settings.getOrDefault("securityProtocol", "SASL_SSL");
        if (!PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException(
                    "settings.securityProtocol must be SASL_SSL, SSL, or PLAINTEXT on this machine");
        }
        if (protocol.equals("PLAINTEXT") && !isThisMachine(settings.getOrDefault("brokers", ""))) {
            throw new IllegalArgumentException(
                    "settings.securityProtocol must be SASL_SSL or SSL for brokers elsewhere");
        }
        if (!settings.getOrDefault("topic", "").matches("[A-Za-z0-9._-]{1,249}")) {
            throw new IllegalArgumentException("settings.topic is no name of a topic");
        }
        Map<String, String> client = new LinkedHashMap<>();
        client.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol);
        if (protocol.startsWith("SASL")) {
            login(settings, client);
        }
        pem(settings, client);
        return client;
    }

    private static void login(Map<String, String> settings, Map<String, String> client) {
        String mechanism = settings.getOrDefault("saslMechanism", "SCRAM-SHA-512");
        if (!LOGINS.containsKey(mechanism)) {
            throw new IllegalArgumentException(
                    "settings.saslMechanism must be one of " + LOGINS.keySet());
        }
        client.put(SaslConfigs.SASL_MECHANISM, mechanism);
        client.put(
                SaslConfigs.SASL_JAAS_CONFIG,
                "%s required username=%s password=%s;"
                        .formatted(
                                LOGINS.get(mechanism),
                                quoted(settings, "saslUsername"),
                                quoted(settings, "saslSecret")));
    }

    private static void pem(Map<String, String> settings, Map<String, String> client) {
        String trusted = settings.getOrDefault("trustedCertificates", "");
        if (!trusted.isEmpty()) {
            client.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
            client.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, trusted);
        }
        String certificate = settings.getOrDefault("clientCertificate", "");
        if (!certificate.isEmpty()) {
            client.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
            client.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, certificate);
            client.put(
                    SslConfigs.SSL_KEYSTORE_KEY_CONFIG,
                    settings.getOrDefault("clientKeySecret", ""));
        }
    }

    /** As a value in a JAAS configuration, which nothing in it can leave. */
    private static String quoted(Map<String, String> settings, String name) {
        String value = settings.getOrDefault(name, "");
        if (value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("settings." + name + " is missing");
        }
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static boolean isThisMachine(String brokers) {
        return brokers.matches("((localhost|127\\.0\\.0\\.1|\\[::1]):[0-9]+,?)+");
    }
}
