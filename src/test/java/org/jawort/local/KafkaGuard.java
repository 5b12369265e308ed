package org.jawort.local;

import java.nio.file.Path;
import java.util.Map;

/**
 * The certificate and the login (SASL/PLAIN) of a Kafka node that is reached over TLS only.
 *
 * @param keys PKCS #12 file with the key of {@code localhost}
 * @param certificate the same certificate in PEM
 */
public record KafkaGuard(
        Path keys, String keysPassword, String certificate, String user, String password) {

    /** What a client needs. */
    public Map<String, String> client() {
        return Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "PLAIN",
                "sasl.jaas.config", login() + ";",
                "ssl.truststore.type", "PEM",
                "ssl.truststore.certificates", certificate);
    }

    /** What the node needs, as lines of its properties. */
    String settings() {
        return """
                sasl.enabled.mechanisms=PLAIN
                sasl.mechanism.inter.broker.protocol=PLAIN
                listener.name.sasl_ssl.plain.sasl.jaas.config=%1$s user_%2$s="%3$s";
                ssl.keystore.type=PKCS12
                ssl.keystore.location=%4$s
                ssl.keystore.password=%5$s
                ssl.truststore.type=PEM
                ssl.truststore.certificates=%6$s
                """
                .formatted(
                        login(),
                        user,
                        password,
                        keys,
                        keysPassword,
                        certificate.strip().replace("\n", "\\n"));
    }

    private String login() {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\""
                .formatted(user, password);
    }
}
