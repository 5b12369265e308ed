package org.jawort;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the hub, prefix {@code jawort}. Each can be given by an environment variable: the one
 * that {@code application.yaml} names, else its key without dashes and with underscores for dots,
 * such as {@code JAWORT_RETENTION_BATCHSIZE}.
 *
 * @param home folder that holds routes/, mappings/ and tenants/
 * @param publicUrl what providers call; signatures cover it
 * @param clockOffset how far the hub's clock runs ahead, for trying out retention
 */
@ConfigurationProperties("jawort")
public record HubProperties(
        Path home,
        URI publicUrl,
        Duration clockOffset,
        String rootKey,
        String rootKeyFile,
        Intake intake,
        Kafka kafka,
        Delivery delivery,
        Retention retention,
        Archive archive,
        Tombstones tombstones) {

    /**
     * @param allBodiesBytes what the bodies of webhooks under way take together at most
     */
    public record Intake(int maxBodyBytes, int allBodiesBytes, int retryAfterSeconds) {

        /** What query, headers, key, seal and Kafka's own fields add to a body at most. */
        private static final int BESIDE_THE_BODY = 16 * 1024;

        public Intake {
            if (allBodiesBytes < 2L * maxBodyBytes) {
                throw new IllegalArgumentException(
                        "jawort.intake.all-bodies-bytes is %d: it must be twice jawort.intake.max-body-bytes (%d) or more"
                                .formatted(allBodiesBytes, maxBodyBytes));
            }
        }

        /** How many bytes a webhook has at most with what is sealed beside its body. */
        public long maxWebhookBytes() {
            return (long) maxBodyBytes + BESIDE_THE_BODY / 2;
        }

        /** How many bytes of a topic the largest webhook takes that passes the gate. */
        long maxRecordBytes() {
            return (long) maxBodyBytes + BESIDE_THE_BODY;
        }
    }

    /**
     * @param minInsyncReplicas the hub does not start against topics that guarantee less
     * @param maxRequestBytes the largest record a producer of webhooks can send
     */
    public record Kafka(
            String brokers,
            int partitions,
            short replicationFactor,
            int minInsyncReplicas,
            String groupPrefix,
            int consumers,
            int batchSize,
            int maxRequestBytes,
            Topics topics,
            Duration webhooksRetention,
            Duration deliveriesRetention) {}

    public record Topics(String webhooks, String deliveries) {}

    /**
     * @param batchBytes how much of what is stored sealed one destination has in memory
     */
    public record Delivery(
            int connectTimeoutMillis,
            int responseTimeoutMillis,
            int threadsPerDestination,
            int batchBytes,
            int relayPeriodMillis) {}

    /**
     * @param dailyCap how many items of a tenant runs delete on one day at most
     * @param tenantsAtOnce for how many tenants the nightly run deletes at the same time; for as
     *     many again each hub does when the API is asked to
     * @param providerCallsPerSecond how many deletions one account of a provider is asked for
     */
    public record Retention(
            String cron,
            int batchSize,
            long dailyCap,
            int tenantsAtOnce,
            int providerCallsPerSecond) {}

    public record Archive(Path directory) {}

    /**
     * @param directory shared by all nodes, and in no backup of the database
     * @param acceptLoss whether to start although some are missing
     */
    public record Tombstones(Path directory, boolean acceptLoss) {}
}
