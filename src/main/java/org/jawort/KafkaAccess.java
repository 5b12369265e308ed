package org.jawort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the hub reaches its own brokers, prefix {@code jawort.kafka.security}. What is secret or long
 * may stand in a file instead; a value goes first.
 *
 * @param protocol as Kafka names it: {@code PLAINTEXT}, {@code SASL_PLAINTEXT}, {@code SSL}, {@code
 *     SASL_SSL}
 * @see KafkaSecurity
 */
@ConfigurationProperties("jawort.kafka.security")
public record KafkaAccess(
        String protocol,
        String saslMechanism,
        String saslUsername,
        String saslPassword,
        String saslPasswordFile,
        String trustedCertificates,
        String trustedCertificatesFile,
        String clientCertificate,
        String clientCertificateFile,
        String clientKey,
        String clientKeyFile) {

    private static final Map<KafkaSecurity.Part, String> NAMES =
            Map.of(
                    KafkaSecurity.Part.MECHANISM, "JAWORT_KAFKA_SASL_MECHANISM",
                    KafkaSecurity.Part.USERNAME, "JAWORT_KAFKA_SASL_USERNAME",
                    KafkaSecurity.Part.PASSWORD, "JAWORT_KAFKA_SASL_PASSWORD",
                    KafkaSecurity.Part.CLIENT_KEY, "JAWORT_KAFKA_CLIENT_KEY");

    /**
     * What each of the hub's clients needs beside the brokers.
     *
     * @throws IllegalStateException in one line that names the variable to mend
     */
    public Map<String, String> client() {
        return new KafkaSecurity(
                        protocolNamed(),
                        saslMechanism,
                        saslUsername,
                        given(saslPassword, saslPasswordFile, "SASL_PASSWORD"),
                        given(trustedCertificates, trustedCertificatesFile, "TRUSTED_CERTIFICATES"),
                        given(clientCertificate, clientCertificateFile, "CLIENT_CERTIFICATE"),
                        given(clientKey, clientKeyFile, "CLIENT_KEY"))
                .client(
                        (part, problem) ->
                                new IllegalStateException(NAMES.get(part) + " " + problem));
    }

    private KafkaSecurity.Protocol protocolNamed() {
        return Arrays.stream(KafkaSecurity.Protocol.values())
                .filter(known -> known.name().equals(protocol))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "JAWORT_KAFKA_SECURITY_PROTOCOL must be one of "
                                                + Arrays.toString(
                                                        KafkaSecurity.Protocol.values())));
    }

    /** Line breaks of PEM may be written as {@code \n}, as a variable often has them. */
    private static String given(String value, String file, String name) {
        if (!value.isBlank() || file.isBlank()) {
            return value.startsWith("-----BEGIN ") ? value.replace("\\n", "\n") : value;
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException unreadable) {
            throw new IllegalStateException(
                    "JAWORT_KAFKA_" + name + "_FILE " + file + " cannot be read", unreadable);
        }
    }

    @Override
    public String toString() {
        return "KafkaAccess[" + protocol + "]";
    }
}
