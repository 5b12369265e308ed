package org.jawort;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * How a client reaches brokers beside their addresses: over TLS or not, with a login or without.
 * What is not given is empty, never {@code null}.
 *
 * @param protocol of {@link Protocol}
 * @param mechanism {@code PLAIN}, {@code SCRAM-SHA-256} or {@code SCRAM-SHA-512}, with a login
 * @param trustedCertificates PEM, in the place of the authorities Java knows
 * @param clientCertificate PEM, shown to the brokers
 * @param clientKey PEM (PKCS #8, without a passphrase), of that certificate
 */
public record KafkaSecurity(
        Protocol protocol,
        String mechanism,
        String username,
        String password,
        String trustedCertificates,
        String clientCertificate,
        String clientKey) {

    /** Kafka's {@code security.protocol}. */
    public enum Protocol {
        PLAINTEXT,
        SASL_PLAINTEXT,
        SSL,
        SASL_SSL;

        public boolean hasTls() {
            return this == SSL || this == SASL_SSL;
        }

        public boolean hasLogin() {
            return this == SASL_PLAINTEXT || this == SASL_SSL;
        }
    }

    /** What somebody has to mend, by their own name for it. */
    public enum Part {
        MECHANISM,
        USERNAME,
        PASSWORD,
        CLIENT_KEY
    }

    private static final Map<String, String> LOGINS =
            Map.of(
                    "PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule",
                    "SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule",
                    "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    /**
     * Settings of a Kafka client, whichever it is.
     *
     * @param unusable makes the exception of a part and of what is wrong with it, as {@code is
     *     missing}
     */
    public <E extends RuntimeException> Map<String, String> client(
            BiFunction<Part, String, E> unusable) {
        Map<String, String> client = new LinkedHashMap<>();
        client.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol.name());
        if (protocol.hasLogin()) {
            if (!LOGINS.containsKey(mechanism)) {
                throw unusable.apply(
                        Part.MECHANISM, "must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
            }
            if (mechanism.equals("PLAIN") && !protocol.hasTls()) {
                throw unusable.apply(
                        Part.MECHANISM,
                        "must not be PLAIN without TLS: the password would be sent in the clear");
            }
            client.put(SaslConfigs.SASL_MECHANISM, mechanism);
            client.put(
                    SaslConfigs.SASL_JAAS_CONFIG,
                    "%s required username=%s password=%s;"
                            .formatted(
                                    LOGINS.get(mechanism),
                                    quoted(username, Part.USERNAME, unusable),
                                    quoted(password, Part.PASSWORD, unusable)));
        }
        if (protocol.hasTls()) {
            certificates(client, unusable);
        }
        return client;
    }

    private <E extends RuntimeException> void certificates(
            Map<String, String> client, BiFunction<Part, String, E> unusable) {
        if (!trustedCertificates.isBlank()) {
            client.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
            client.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, trustedCertificates);
        }
        if (!clientCertificate.isBlank()) {
            if (clientKey.isBlank()) {
                throw unusable.apply(Part.CLIENT_KEY, "is missing");
            }
            client.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
            client.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, clientCertificate);
            client.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, clientKey);
        }
    }

    /** As a value in a JAAS configuration, which nothing in it can leave. */
    private static <E extends RuntimeException> String quoted(
            String value, Part part, BiFunction<Part, String, E> unusable) {
        if (value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
            throw unusable.apply(part, "is missing");
        }
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    public String toString() {
        return "KafkaSecurity[" + protocol + "]";
    }
}
