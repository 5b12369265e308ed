package org.jawort.media;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of media, prefix {@code jawort.media}.
 *
 * @param store {@code postgres} or {@code s3}
 * @param deliveriesWait how long the deliveries of a message wait for its files
 * @param timeCap after which a fetch is broken off, however much has come
 * @param maxBytes the largest file, unless an account says otherwise
 * @param fetchesAtOnce on one node
 * @param linkLife how long a link to a file opens it
 * @param standIn who plays the hosts of providers on a machine that tries the hub out; {@code null}
 *     everywhere else
 */
@ConfigurationProperties("jawort.media")
public record MediaProperties(
        String store,
        Duration deliveriesWait,
        Duration timeCap,
        long maxBytes,
        int fetchesAtOnce,
        Duration linkLife,
        URI standIn,
        S3 s3) {

    /**
     * @param endpoint {@code null} for Amazon's own of the region
     * @param accessKey empty: the SDK looks where it always does, such as the role of the machine
     * @param pathStyle whether the bucket stands in the path instead of the host name
     */
    public record S3(
            URI endpoint,
            String region,
            String bucket,
            String accessKey,
            String secretKey,
            boolean pathStyle) {

        @Override
        public String toString() {
            return "S3[" + endpoint + ", " + bucket + "]";
        }
    }
}
