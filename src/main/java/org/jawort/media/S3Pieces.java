package org.jawort.media;

import java.util.List;
import java.util.UUID;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Pieces in a bucket of an S3-compatible store, under {@code <tenant>/<object>/<position>}: ids and
 * numbers alone, nothing a sender wrote (S13).
 */
final class S3Pieces implements PieceStore, AutoCloseable {

    private final S3Client s3;
    private final String bucket;

    /**
     * @throws IllegalStateException if the bucket keeps versions of what is deleted
     */
    S3Pieces(S3Client s3, String bucket) {
        this.s3 = s3;
        this.bucket = bucket;
        if (s3.getBucketVersioning(request -> request.bucket(bucket)).status()
                == BucketVersioningStatus.ENABLED) {
            throw new IllegalStateException(
                    "jawort.media.s3.bucket "
                            + bucket
                            + " keeps versions: what the hub deletes there would stay. Suspend versioning, or name another bucket");
        }
    }

    @Override
    public void put(String tenant, UUID object, int position, byte[] bytes) {
        s3.putObject(
                request -> request.bucket(bucket).key(key(tenant, object, position)),
                RequestBody.fromBytes(bytes));
    }

    @Override
    public byte[] get(String tenant, UUID object, int position) {
        try {
            return s3.getObjectAsBytes(
                            request -> request.bucket(bucket).key(key(tenant, object, position)))
                    .asByteArrayUnsafe();
        } catch (NoSuchKeyException none) {
            return null;
        }
    }

    @Override
    public boolean delete(String tenant, UUID object) {
        List<String> there = keys(tenant, object);
        while (!there.isEmpty()) {
            there.forEach(key -> s3.deleteObject(request -> request.bucket(bucket).key(key)));
            List<String> left = keys(tenant, object);
            if (left.equals(there)) {
                return false; // it says yes and keeps them
            }
            there = left;
        }
        return true;
    }

    /** The first of them, up to a thousand. */
    private List<String> keys(String tenant, UUID object) {
        return s3
                .listObjectsV2(
                        request -> request.bucket(bucket).prefix(tenant + "/" + object + "/"))
                .contents()
                .stream()
                .map(S3Object::key)
                .toList();
    }

    private static String key(String tenant, UUID object, int position) {
        return "%s/%s/%05d".formatted(tenant, object, position);
    }

    @Override
    public void close() {
        s3.close();
    }
}
