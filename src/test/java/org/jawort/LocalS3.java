package org.jawort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jawort.local.Ports;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/**
 * S3Mock as a process of its own, one for all tests of this JVM; each takes a bucket of its own. It
 * stores checksums, conditions, versions, locks and holds, and answers like S3. It knows no
 * credentials, and it deletes what is locked.
 */
public final class LocalS3 {

    private static LocalS3 shared;

    private final int port;
    public final S3Client client;

    private LocalS3(int port) {
        this.port = port;
        this.client =
                S3Client.builder()
                        .endpointOverride(URI.create(url()))
                        .region(Region.EU_CENTRAL_1)
                        .forcePathStyle(true)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("test", "test")))
                        .build();
    }

    public static synchronized LocalS3 shared() {
        if (shared == null) {
            shared = start();
        }
        return shared;
    }

    private static LocalS3 start() {
        try {
            Path root = Files.createTempDirectory("jawort-s3");
            int port = Ports.free();
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx128m",
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "-jar",
                                    jar(),
                                    "--server.port=" + Ports.free(),
                                    "--http.port=" + port,
                                    "--com.adobe.testing.s3mock.store.root=" + root)
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    root.resolveSibling(root.getFileName() + ".log").toFile())
                            .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            LocalS3 server = new LocalS3(port);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .ignoreExceptions()
                    .until(
                            () -> {
                                try (Socket open = new Socket("localhost", port)) {
                                    return server.client.listBuckets().hasBuckets();
                                }
                            });
            server.warmUp();
            return server;
        } catch (IOException unstartable) {
            throw new UncheckedIOException(unstartable);
        }
    }

    /** What it does for the first time takes it longer than many a test waits. */
    private void warmUp() {
        String bucket = newBucket();
        client.putObject(put -> put.bucket(bucket).key("first"), RequestBody.fromString("1"));
        client.getObjectAsBytes(get -> get.bucket(bucket).key("first"));
        client.listObjectsV2(list -> list.bucket(bucket));
    }

    private static String jar() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> path.matches(".*s3mock-.*-exec\\.jar"))
                .findFirst()
                .orElseThrow();
    }

    public String url() {
        return "http://localhost:" + port;
    }

    /** An empty bucket that keeps versions and can lock them. */
    public String newBucket() {
        String name = "b-" + UUID.randomUUID();
        client.createBucket(bucket -> bucket.bucket(name).objectLockEnabledForBucket(true));
        client.putBucketVersioning(
                versions ->
                        versions.bucket(name)
                                .versioningConfiguration(
                                        on -> on.status(BucketVersioningStatus.ENABLED)));
        return name;
    }
}
