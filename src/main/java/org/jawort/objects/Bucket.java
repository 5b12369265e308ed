package org.jawort.objects;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHold;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * What the hub does with one bucket. Every method throws {@link DestinationUnavailable} if it is
 * worth trying again, {@link DestinationRefused} if not; neither names a key or repeats what the
 * server wrote.
 */
final class Bucket implements AutoCloseable {

    /** Codes of S3 with a 4xx status that passes. */
    private static final Set<String> PASSING =
            Set.of(
                    "RequestTimeout",
                    "RequestTimeTooSkewed",
                    "ConditionalRequestConflict",
                    "OperationAborted",
                    "SlowDown",
                    "TooManyRequests",
                    "Throttling");

    /** Bytes; what is slower is broken off, as far as the deadline of the attempt lets it come. */
    private static final long SLOWEST_PER_SECOND = 256 * 1024;

    /** One version of an object; {@code id} is {@code "null"} in a bucket without versions. */
    record Version(String key, String id, boolean isMarker, boolean isLatest) {}

    /**
     * Why a version cannot be deleted now.
     *
     * @param until {@code null} if it is not locked, or no longer
     */
    record Lock(Instant until, boolean isHeld) {}

    private final S3Client s3;
    private final BucketSettings settings;
    private final Duration response;

    /**
     * @param response how long a request without a file takes at most
     */
    Bucket(S3Client s3, BucketSettings settings, Duration response) {
        this.s3 = s3;
        this.settings = settings;
        this.response = response;
    }

    boolean locks() {
        return settings.lock() != null;
    }

    /**
     * Writes an object under a key nothing stands under; the server compares the bytes with their
     * SHA-256 before it takes them. What an earlier attempt wrote stays, and is locked for longer
     * if that is asked for now.
     *
     * @param lockedUntil {@code null}: not locked
     */
    void put(String key, byte[] bytes, Map<String, String> metadata, Instant lockedUntil) {
        PutObjectRequest.Builder put =
                PutObjectRequest.builder()
                        .key(key)
                        .contentType("application/json")
                        .checksumSHA256(Base64.getEncoder().encodeToString(sha256(bytes)))
                        .metadata(metadata);
        put(key, put, RequestBody.fromBytes(bytes), lockedUntil);
    }

    /**
     * The same with bytes that are never all in memory. What stands there is not sent again.
     *
     * @param bytes as often as they are asked for
     */
    void putFile(
            FileObjects.Stored file, Map<String, String> metadata, ContentStreamProvider bytes) {
        if (isThere(file.key())) {
            if (locks() && file.lockedUntil() != null) {
                lock(file.key(), file.lockedUntil().truncatedTo(ChronoUnit.SECONDS));
            }
            return;
        }
        byte[] sha256 = HexFormat.of().parseHex(file.sha256());
        Duration takes = response.plusSeconds(file.size() / SLOWEST_PER_SECOND);
        PutObjectRequest.Builder put =
                PutObjectRequest.builder()
                        .key(file.key())
                        .contentType(file.contentType())
                        .checksumSHA256(Base64.getEncoder().encodeToString(sha256))
                        .metadata(metadata)
                        .overrideConfiguration(over -> over.apiCallTimeout(takes));
        put(
                file.key(),
                put,
                RequestBody.fromContentProvider(bytes, file.size(), file.contentType()),
                file.lockedUntil());
    }

    /** Where the hub may not ask, it writes and is told. */
    private boolean isThere(String key) {
        return call(
                () -> {
                    try {
                        s3.headObject(request -> request.bucket(settings.bucket()).key(key));
                        return true;
                    } catch (S3Exception none) {
                        if (none.statusCode() == 404 || none.statusCode() == 403) {
                            return false;
                        }
                        throw none;
                    }
                });
    }

    private void put(
            String key, PutObjectRequest.Builder put, RequestBody bytes, Instant lockedUntil) {
        Instant until =
                locks() && lockedUntil != null ? lockedUntil.truncatedTo(ChronoUnit.SECONDS) : null;
        put.bucket(settings.bucket()).ifNoneMatch("*");
        if (until != null) {
            put.objectLockMode(settings.lock()).objectLockRetainUntilDate(until);
        }
        call(
                () -> {
                    try {
                        s3.putObject(put.build(), bytes);
                    } catch (S3Exception refused) {
                        if (refused.statusCode() != 412) {
                            throw refused;
                        }
                        // an earlier attempt's
                    }
                    return null;
                });
        if (until != null) {
            lock(key, until);
        }
    }

    /**
     * Asks what lock there is, because a server may take an object and pay no attention to its
     * lock. Never shortens.
     */
    private void lock(String key, Instant until) {
        Instant now = retainedUntil(key, null);
        if (now == null || now.isBefore(until)) {
            call(
                    () ->
                            s3.putObjectRetention(
                                    request ->
                                            request.bucket(settings.bucket())
                                                    .key(key)
                                                    .retention(
                                                            lock ->
                                                                    lock.mode(mode())
                                                                            .retainUntilDate(
                                                                                    until))));
        }
    }

    private ObjectLockRetentionMode mode() {
        return ObjectLockRetentionMode.fromValue(settings.lock().toString());
    }

    /** Every version of every object whose key begins so, marks of deletion among them. */
    List<Version> versions(String prefix) {
        return call(
                () -> {
                    List<Version> found = new ArrayList<>();
                    s3.listObjectVersionsPaginator(
                                    request -> request.bucket(settings.bucket()).prefix(prefix))
                            .forEach(
                                    page -> {
                                        page.versions()
                                                .forEach(
                                                        one ->
                                                                found.add(
                                                                        new Version(
                                                                                one.key(),
                                                                                one.versionId(),
                                                                                false,
                                                                                one.isLatest())));
                                        page.deleteMarkers()
                                                .forEach(
                                                        one ->
                                                                found.add(
                                                                        new Version(
                                                                                one.key(),
                                                                                one.versionId(),
                                                                                true,
                                                                                one.isLatest())));
                                    });
                    return found;
                });
    }

    Lock lock(Version version, Instant now) {
        if (!locks()) {
            return new Lock(null, false);
        }
        Instant until = retainedUntil(version.key(), version.id());
        return new Lock(until == null || !until.isAfter(now) ? null : until, isHeld(version));
    }

    /** Asked for by itself: not every server tells of locks in the head of an object. */
    private Instant retainedUntil(String key, String version) {
        return orNone(
                () -> {
                    ObjectLockRetention retention =
                            s3.getObjectRetention(
                                            request ->
                                                    request.bucket(settings.bucket())
                                                            .key(key)
                                                            .versionId(version))
                                    .retention();
                    return retention == null ? null : retention.retainUntilDate();
                });
    }

    boolean isHeld(Version version) {
        ObjectLockLegalHold hold =
                orNone(
                        () ->
                                s3.getObjectLegalHold(
                                                request ->
                                                        request.bucket(settings.bucket())
                                                                .key(version.key())
                                                                .versionId(version.id()))
                                        .legalHold());
        return hold != null && hold.status() == ObjectLockLegalHoldStatus.ON;
    }

    /** {@code null} of an object that has none. */
    private static <T> T orNone(Supplier<T> request) {
        return call(
                () -> {
                    try {
                        return request.get();
                    } catch (S3Exception none) {
                        if (none.statusCode() == 404) {
                            return null;
                        }
                        throw none;
                    }
                });
    }

    /** For good, with what a governance lock or a hold would refuse. */
    void delete(Version version) {
        call(
                () ->
                        s3.deleteObject(
                                request ->
                                        request.bucket(settings.bucket())
                                                .key(version.key())
                                                .versionId(version.id())));
    }

    /**
     * Puts a mark over an object whose versions are locked: whoever reads the bucket has it no
     * more.
     */
    void hide(String key) {
        call(() -> s3.deleteObject(request -> request.bucket(settings.bucket()).key(key)));
    }

    void hold(Version version, boolean on) {
        call(
                () ->
                        s3.putObjectLegalHold(
                                request ->
                                        request.bucket(settings.bucket())
                                                .key(version.key())
                                                .versionId(version.id())
                                                .legalHold(
                                                        hold ->
                                                                hold.status(
                                                                        on
                                                                                ? ObjectLockLegalHoldStatus
                                                                                        .ON
                                                                                : ObjectLockLegalHoldStatus
                                                                                        .OFF))));
    }

    /** Whether the bucket itself removes hidden versions under a prefix once their lock is over. */
    boolean removesHidden(String prefix) {
        return call(
                () -> {
                    try {
                        return s3
                                .getBucketLifecycleConfiguration(
                                        request -> request.bucket(settings.bucket()))
                                .rules()
                                .stream()
                                .anyMatch(rule -> removesHidden(rule, prefix));
                    } catch (S3Exception none) {
                        if (none.statusCode() == 404 || none.statusCode() == 403) {
                            return false;
                        }
                        throw none;
                    }
                });
    }

    private static boolean removesHidden(LifecycleRule rule, String prefix) {
        boolean isAboutAll =
                rule.filter() == null
                        || rule.filter().tag() == null
                                && rule.filter().and() == null
                                && rule.filter().objectSizeGreaterThan() == null
                                && rule.filter().objectSizeLessThan() == null;
        String of = rule.filter() == null ? null : rule.filter().prefix();
        return rule.status() == ExpirationStatus.ENABLED
                && rule.noncurrentVersionExpiration() != null
                && isAboutAll
                && prefix.startsWith(of == null ? "" : of);
    }

    private static <T> T call(Supplier<T> request) {
        try {
            return request.get();
        } catch (S3Exception answered) {
            int status = answered.statusCode();
            String code =
                    answered.awsErrorDetails() == null
                            ? null
                            : answered.awsErrorDetails().errorCode();
            String told = "S3 " + status + (isCode(code) ? " " + code : "");
            if (status >= 500 && status != 501
                    || status == 408
                    || status == 429
                    || code != null && PASSING.contains(code)) {
                throw new DestinationUnavailable(told, status, null);
            }
            throw new DestinationRefused(told, status);
        } catch (SdkException unreachable) {
            throw new DestinationUnavailable(
                    "S3 " + unreachable.getClass().getSimpleName(), null, null);
        }
    }

    /** A word, and not whatever a server may write there. */
    private static boolean isCode(String code) {
        return code != null && code.matches("[A-Za-z]{1,60}");
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Keys of which the newest version is a mark of deletion. */
    static Set<String> hidden(List<Version> versions) {
        Set<String> hidden = new HashSet<>();
        versions.stream()
                .filter(version -> version.isMarker() && version.isLatest())
                .forEach(version -> hidden.add(version.key()));
        return hidden;
    }

    @Override
    public void close() {
        s3.close();
    }
}
