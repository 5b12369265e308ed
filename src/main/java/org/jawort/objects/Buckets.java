package org.jawort.objects;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The bucket of each destination that has one, with a client and credentials of its own. */
public final class Buckets implements AutoCloseable {

    private record Id(String tenant, String destination) {}

    private final Map<Id, Bucket> buckets = new LinkedHashMap<>();
    private final Tenants tenants;

    /**
     * @throws IllegalArgumentException in one line, for settings that cannot be used
     */
    public Buckets(Tenants tenants, Duration connect, Duration response) {
        this.tenants = tenants;
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                if (BucketSettings.ROUTES.contains(destination.route())) {
                    BucketSettings settings = BucketSettings.of(destination);
                    buckets.put(
                            new Id(tenant.id(), destination.id()),
                            new Bucket(client(settings, connect, response), settings, response));
                }
            }
        }
    }

    /**
     * Whether the settings of a destination can be used; of one without a bucket they can.
     *
     * @throws IllegalArgumentException if not, as {@code tenants/<file>: destination <id>:
     *     settings.<name> …}
     */
    public static void check(Destination destination) {
        if (BucketSettings.ROUTES.contains(destination.route())) {
            BucketSettings.of(destination);
        }
    }

    Bucket of(String tenant, String destination) {
        return buckets.get(new Id(tenant, destination));
    }

    Destination destination(String tenant, String destination) {
        return tenants.get(tenant).destinations().get(destination);
    }

    ObjectKeys keys(String tenant, String destination) {
        String prefix = destination(tenant, destination).settings().getOrDefault("prefix", "");
        return new ObjectKeys(prefix, tenant, destination);
    }

    /**
     * One request per attempt, as for every destination: the schedule tries again, not the client.
     * What the machine has of AWS settings is nobody's business here.
     */
    private static S3Client client(BucketSettings settings, Duration connect, Duration response) {
        S3ClientBuilder client =
                S3Client.builder()
                        .region(Region.of(settings.region()))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                settings.accessKeyId(),
                                                settings.secretAccessKey())))
                        .forcePathStyle(settings.pathStyle())
                        .crossRegionAccessEnabled(false)
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(connect)
                                        .socketTimeout(response))
                        .overrideConfiguration(
                                over ->
                                        over.retryStrategy(AwsRetryStrategy.doNotRetry())
                                                .apiCallTimeout(response)
                                                .defaultProfileFile(
                                                        ProfileFile.aggregator().build()));
        if (settings.endpoint() != null) {
            client.endpointOverride(settings.endpoint());
        }
        return client.build();
    }

    @Override
    public void close() {
        buckets.values().forEach(Bucket::close);
    }
}
