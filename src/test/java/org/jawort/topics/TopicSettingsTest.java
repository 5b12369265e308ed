package org.jawort.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jawort.tenant.Destination;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicSettingsTest {

    @Test
    void logsInByScramOverTlsUnlessToldOtherwise() {
        Map<String, String> client = TopicSettings.security(destination(Map.of()));

        assertThat(client)
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                .containsEntry(
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                + " username=\"jawort\" password=\"pa\\\"ss\\\\word; x=\";");
    }

    @Test
    void showsACertificateWhereThereIsOne() {
        Map<String, String> client =
                TopicSettings.security(
                        destination(
                                Map.of(
                                        "securityProtocol", "SSL",
                                        "trustedCertificates", "CA",
                                        "clientCertificate", "CERT",
                                        "clientKeySecret", "KEY")));

        assertThat(client)
                .containsEntry("ssl.truststore.certificates", "CA")
                .containsEntry("ssl.keystore.certificate.chain", "CERT")
                .containsEntry("ssl.keystore.key", "KEY")
                .doesNotContainKey("sasl.jaas.config");
    }

    @Test
    void readsSecretsAndCertificatesFromFiles(@TempDir Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "of the file\n");
        Path key = Files.writeString(folder.resolve("key"), "KEY\n");

        Map<String, String> client =
                TopicSettings.security(
                        destination(
                                Map.of(
                                        "saslSecret", "file:" + secret,
                                        "clientCertificate", "CERT",
                                        "clientKeySecret", "file:" + key)));

        assertThat(client.get("sasl.jaas.config")).endsWith(" password=\"of the file\";");
        assertThat(client).containsEntry("ssl.keystore.key", "KEY");
    }

    @ParameterizedTest
    @CsvSource({
        "securityProtocol, PLAINTEXT",
        "securityProtocol, SASL_PLAINTEXT",
        "saslMechanism, GSSAPI",
        "saslUsername, ''",
        "saslSecret, ''",
        "saslSecret, file:/nowhere/secret",
        "clientCertificate, CERT",
        "topic, 'a topic'",
        "topic, ''"
    })
    void refusesWhatCannotBeUsed(String name, String value) {
        assertThatThrownBy(() -> TopicClients.check(destination(Map.of(name, value))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "tenants/muster.yaml: destination events: settings."
                                + name.replace("clientCertificate", "clientKeySecret"))
                .hasMessageNotContaining("word");
    }

    @Test
    void doesWithoutTlsOnThisMachineOnly() {
        TopicSettings.security(
                destination(
                        Map.of(
                                "securityProtocol", "PLAINTEXT",
                                "brokers", "localhost:9092,127.0.0.1:9093")));

        assertThatThrownBy(
                        () ->
                                TopicSettings.security(
                                        destination(
                                                Map.of(
                                                        "securityProtocol", "PLAINTEXT",
                                                        "brokers",
                                                                "localhost:9092,kafka.example:9092"))))
                .hasMessageContaining("SASL_SSL or SSL");
    }

    private static Destination destination(Map<String, String> other) {
        Map<String, String> settings =
                new HashMap<>(
                        Map.of(
                                "brokers", "kafka.example:9093",
                                "topic", "muster-events",
                                "saslUsername", "jawort",
                                "saslSecret", "pa\"ss\\word; x="));
        settings.putAll(other);
        return new Destination(
                "muster", "events", "kafka-topic", null, List.of("*"), true, null, settings);
    }
}
