package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaAccessTest {

    @Test
    void asksForNothingUnlessToldTo() {
        assertThat(access(Map.of()).client())
                .containsExactly(Map.entry("security.protocol", "PLAINTEXT"));
    }

    @Test
    void logsInOverTlsAndShowsACertificate() {
        Map<String, String> client =
                access(
                                Map.of(
                                        "protocol", "SASL_SSL",
                                        "username", "hub",
                                        "password", "pa\"ss",
                                        "trusted", "-----BEGIN CERTIFICATE-----\\nAA==",
                                        "certificate", "CERT",
                                        "key", "KEY"))
                        .client();

        assertThat(client)
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                .containsEntry(
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"hub\" password=\"pa\\\"ss\";")
                .containsEntry("ssl.truststore.certificates", "-----BEGIN CERTIFICATE-----\nAA==")
                .containsEntry("ssl.keystore.certificate.chain", "CERT")
                .containsEntry("ssl.keystore.key", "KEY");
    }

    @Test
    void readsWhatIsSecretFromFiles(@TempDir Path folder) throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "of the file\n");
        Path trusted = Files.writeString(folder.resolve("ca.pem"), "CA\n");

        Map<String, String> client =
                access(
                                Map.of(
                                        "protocol",
                                        "SASL_SSL",
                                        "username",
                                        "hub",
                                        "passwordFile",
                                        password.toString(),
                                        "trustedFile",
                                        trusted.toString()))
                        .client();

        assertThat(client.get("sasl.jaas.config")).endsWith(" password=\"of the file\";");
        assertThat(client).containsEntry("ssl.truststore.certificates", "CA");
    }

    @ParameterizedTest
    @CsvSource({
        "protocol, TLS, SECURITY_PROTOCOL must be one of [PLAINTEXT",
        "mechanism, GSSAPI, SASL_MECHANISM must be PLAIN",
        "username, '', SASL_USERNAME is missing",
        "password, '', SASL_PASSWORD is missing",
        "passwordFile, /nowhere/password, SASL_PASSWORD_FILE /nowhere/password cannot be read",
        "certificate, CERT, CLIENT_KEY is missing"
    })
    void namesTheVariableToMend(String name, String value, String problem) {
        Map<String, String> given =
                new HashMap<>(Map.of("protocol", "SASL_SSL", "username", "hub"));
        if (!name.equals("passwordFile")) {
            given.put("password", "pass-4711");
        }
        given.put(name, value);

        assertThatThrownBy(() -> access(given).client())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("JAWORT_KAFKA_" + problem)
                .hasMessageNotContaining("4711");
    }

    @Test
    void sendsNoPasswordInTheClear() {
        Map<String, String> given =
                Map.of("protocol", "SASL_PLAINTEXT", "username", "hub", "password", "pass");

        assertThat(access(given).client()).containsEntry("sasl.mechanism", "SCRAM-SHA-512");
        Map<String, String> plain = new HashMap<>(given);
        plain.put("mechanism", "PLAIN");
        assertThatThrownBy(() -> access(plain).client())
                .hasMessageStartingWith("JAWORT_KAFKA_SASL_MECHANISM must not be PLAIN");
    }

    private static KafkaAccess access(Map<String, String> given) {
        return new KafkaAccess(
                given.getOrDefault("protocol", "PLAINTEXT"),
                given.getOrDefault("mechanism", "SCRAM-SHA-512"),
                given.getOrDefault("username", ""),
                given.getOrDefault("password", ""),
                given.getOrDefault("passwordFile", ""),
                given.getOrDefault("trusted", ""),
                given.getOrDefault("trustedFile", ""),
                given.getOrDefault("certificate", ""),
                "",
                given.getOrDefault("key", ""),
                "");
    }
}
