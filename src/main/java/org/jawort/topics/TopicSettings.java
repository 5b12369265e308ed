package org.jawort.topics;

import java.util.Map;
import org.jawort.KafkaSecurity;
import org.jawort.KafkaSecurity.Protocol;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Secret;
import org.jawort.tenant.SecretSettings;

/**
 * How a destination of {@code kafka-topic} reaches its brokers, from {@code settings}: {@code
 * securityProtocol}, {@code saslMechanism}, {@code saslUsername}, {@code saslSecret}, and in PEM
 * {@code trustedCertificates}, {@code clientCertificate}, {@code clientKeySecret}. Nothing goes
 * over the network without TLS.
 */
final class TopicSettings {

    static final String ROUTE = "kafka-topic";

    private static final Map<KafkaSecurity.Part, String> NAMES =
            Map.of(
                    KafkaSecurity.Part.MECHANISM, "saslMechanism",
                    KafkaSecurity.Part.USERNAME, "saslUsername",
                    KafkaSecurity.Part.PASSWORD, "saslSecret",
                    KafkaSecurity.Part.CLIENT_KEY, "clientKeySecret");

    private TopicSettings() {}

    /**
     * What a Kafka client needs of them beside its brokers.
     *
     * @throws IllegalArgumentException naming tenant file, destination and the setting that cannot
     *     be used
     */
    static Map<String, String> security(Destination destination) {
        Map<String, String> settings = destination.settings();
        Protocol protocol = protocol(destination);
        if (!settings.getOrDefault("topic", "").matches("[A-Za-z0-9._-]{1,249}")) {
            throw SecretSettings.invalid(destination, "topic", "is no name of a topic");
        }
        return new KafkaSecurity(
                        protocol,
                        settings.getOrDefault("saslMechanism", "SCRAM-SHA-512"),
                        settings.getOrDefault("saslUsername", ""),
                        value(destination, "saslSecret"),
                        value(destination, "trustedCertificates"),
                        value(destination, "clientCertificate"),
                        value(destination, "clientKeySecret"))
                .client(
                        (part, problem) ->
                                SecretSettings.invalid(destination, NAMES.get(part), problem));
    }

    private static Protocol protocol(Destination destination) {
        String name = destination.settings().getOrDefault("securityProtocol", "SASL_SSL");
        return switch (name) {
            case "SASL_SSL" -> Protocol.SASL_SSL;
            case "SSL" -> Protocol.SSL;
            case "PLAINTEXT" -> {
                if (isThisMachine(destination.settings().getOrDefault("brokers", ""))) {
                    yield Protocol.PLAINTEXT;
                }
                throw SecretSettings.invalid(
                        destination,
                        "securityProtocol",
                        "must be SASL_SSL or SSL for brokers elsewhere");
            }
            default ->
                    throw SecretSettings.invalid(
                            destination,
                            "securityProtocol",
                            "must be SASL_SSL, SSL, or PLAINTEXT on this machine");
        };
    }

    private static String value(Destination destination, String setting) {
        return SecretSettings.value(destination, setting).map(Secret::value).orElse("");
    }

    private static boolean isThisMachine(String brokers) {
        return brokers.matches("((localhost|127\\.0\\.0\\.1|\\[::1]):[0-9]+,?)+");
    }
}
