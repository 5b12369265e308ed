package org.jawort.objects;

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
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

class BucketSettingsTest {

    @Test
    void locksAnArchiveAndNoDocumentsUnlessToldTo() {
        assertThat(settings("archive-s3", Map.of()).lock()).isEqualTo(ObjectLockMode.GOVERNANCE);
        assertThat(settings("dms-s3", Map.of()).lock()).isNull();
        assertThat(settings("dms-s3", Map.of("lock", "COMPLIANCE")).lock())
                .isEqualTo(ObjectLockMode.COMPLIANCE);
        assertThat(settings("archive-s3", Map.of("lock", "none")).lock()).isNull();
    }

    @Test
    void takesThePathForABucketOfAnotherServer() {
        assertThat(settings("archive-s3", Map.of("endpoint", "")).pathStyle()).isFalse();
        assertThat(settings("archive-s3", Map.of("endpoint", "https://s3.example")).pathStyle())
                .isTrue();
        assertThat(
                        settings(
                                        "archive-s3",
                                        Map.of(
                                                "endpoint", "http://localhost:9000",
                                                "pathStyle", "false"))
                                .pathStyle())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "endpoint, http://s3.example",
        "endpoint, ftp://localhost",
        "endpoint, https://key:secret@s3.example",
        "endpoint, https:///nowhere",
        "bucket, ''",
        "bucket, A_B",
        "prefix, no-slash",
        "prefix, ../up/",
        "prefix, '${sys:user.home}/'",
        "region, 'eu central'",
        "lock, FOREVER",
        "accessKeyId, ''",
        "secretAccessKey, ''",
        "secretAccessKey, file:/nowhere/s3cret"
    })
    void refusesWhatCannotBeUsed(String name, String value) {
        assertThatThrownBy(() -> settings("archive-s3", Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("settings." + name)
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> Buckets.check(destination("archive-s3", Map.of(name, value))))
                .hasMessageStartingWith("tenants/muster.yaml: destination vault: settings." + name);
    }

    @Test
    void saysNothingOfItsSecret() {
        assertThat(settings("archive-s3", Map.of()).toString()).doesNotContain("s3cret", "AKID");
    }

    @Test
    void readsItsSecretFromAFile(@TempDir Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "of the file\n");

        assertThat(settings("archive-s3", Map.of("secretAccessKey", "file:" + secret)))
                .returns("of the file", BucketSettings::secretAccessKey);
    }

    private static BucketSettings settings(String route, Map<String, String> other) {
        return BucketSettings.of(destination(route, other));
    }

    private static Destination destination(String route, Map<String, String> other) {
        Map<String, String> settings =
                new HashMap<>(
                        Map.of(
                                "bucket", "muster-archive",
                                "accessKeyId", "AKID",
                                "secretAccessKey", "s3cret"));
        settings.putAll(other);
        return new Destination("muster", "vault", route, null, List.of("*"), true, null, settings);
    }
}
