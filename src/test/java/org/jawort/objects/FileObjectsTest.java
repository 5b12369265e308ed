package org.jawort.objects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jawort.LocalS3;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class FileObjectsTest {

    @Test
    @DisplayName("25 MB of video go into a bucket from a JVM that has 40 MB for everything")
    void needsLittleMemory() throws Exception {
        LocalS3 s3 = LocalS3.shared();
        String bucket = s3.newBucket();

        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx40m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LargeObject.class.getName(),
                                s3.url(),
                                bucket)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
        String[] stored = said.strip().lines().toList().getLast().split(" ");
        assertThat(stored).as(said).hasSize(2);
        var head = s3.client.headObject(request -> request.bucket(bucket).key(stored[0]));
        assertThat(head.contentLength()).isEqualTo(LargeObject.LENGTH);
        assertThat(head.contentType()).isEqualTo("video/mp4");
    }
}
