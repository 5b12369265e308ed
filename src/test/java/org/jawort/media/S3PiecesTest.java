package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import java.net.URI;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Against a server that speaks S3 and is not ours. */
class S3PiecesTest extends PieceStoreContract {

    private static LocalS3 server;
    private static S3Client client;

    @BeforeAll
    static void start() {
        server = LocalS3.builder().port(-1).mode(LocalS3Mode.IN_MEMORY).build();
        server.start();
        client =
                MediaConfiguration.client(
                        new MediaProperties.S3(
                                URI.create("http://127.0.0.1:" + server.getPort()),
                                "eu-central-1",
                                "media",
                                "access",
                                "secret",
                                true));
        client.createBucket(request -> request.bucket("media"));
    }

    @AfterAll
    static void stop() {
        client.close();
        server.shutdown();
    }

    @Override
    PieceStore store() {
        return new S3Pieces(client, "media");
    }

    @Test
    @DisplayName("S13: keys are made of ids and numbers")
    void namesNothingASenderWrote() {
        UUID object = UUID.randomUUID();

        store().put(TENANT, object, 7, new byte[] {1});

        assertThat(
                        client.listObjectsV2(request -> request.bucket("media")).contents().stream()
                                .map(S3Object::key))
                .contains(TENANT + "/" + object + "/00007");
    }

    @Test
    void doesNotStartOnABucketThatKeepsWhatIsDeleted() {
        client.createBucket(request -> request.bucket("versions"));
        client.putBucketVersioning(
                request ->
                        request.bucket("versions")
                                .versioningConfiguration(
                                        versions ->
                                                versions.status(BucketVersioningStatus.ENABLED)));

        assertThatThrownBy(() -> new S3Pieces(client, "versions"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keeps versions");
    }
}
