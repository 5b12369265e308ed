package org.jawort.objects;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Secret;
import org.jawort.tenant.SecretSettings;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

/**
 * The {@code settings} of a destination of {@code archive-s3} or {@code dms-s3}.
 *
 * @param endpoint {@code null}: that of AWS for the region
 * @param prefix before every key; empty, or ends with a slash
 * @param pathStyle the bucket in the path and not in the host, as MinIO has it
 * @param lock {@code null}: objects are not locked
 */
record BucketSettings(
        URI endpoint,
        String region,
        String bucket,
        String prefix,
        boolean pathStyle,
        ObjectLockMode lock,
        String accessKeyId,
        String secretAccessKey) {

    static final Set<String> ROUTES = Set.of("archive-s3", "dms-s3");

    private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9_-]+/)*");
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{2,32}");
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * @throws IllegalArgumentException naming tenant file, destination and the setting that cannot
     *     be used
     */
    static BucketSettings of(Destination destination) {
        Map<String, String> settings = destination.settings();
        URI endpoint = endpoint(destination, settings.getOrDefault("endpoint", ""));
        String lock =
                settings.getOrDefault(
                        "lock", destination.route().equals("archive-s3") ? "GOVERNANCE" : "none");
        return new BucketSettings(
                endpoint,
                matching(REGION, "region", destination, "eu-central-1"),
                matching(BUCKET, "bucket", destination, ""),
                matching(PREFIX, "prefix", destination, ""),
                settings.getOrDefault("pathStyle", String.valueOf(endpoint != null)).equals("true"),
                lock(destination, lock),
                given("accessKeyId", destination),
                given("secretAccessKey", destination));
    }

    private static URI endpoint(Destination destination, String value) {
        if (value.isEmpty()) {
            return null;
        }
        try {
            URI uri = new URI(value);
            boolean isSafe =
                    "https".equals(uri.getScheme())
                            || "http".equals(uri.getScheme())
                                    && THIS_MACHINE.contains(String.valueOf(uri.getHost()));
            if (isSafe && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException broken) {
            // told below
        }
        throw SecretSettings.invalid(
                destination, "endpoint", "must be https://host; http only on this machine");
    }

    private static ObjectLockMode lock(Destination destination, String value) {
        return switch (value) {
            case "none" -> null;
            case "GOVERNANCE" -> ObjectLockMode.GOVERNANCE;
            case "COMPLIANCE" -> ObjectLockMode.COMPLIANCE;
            default ->
                    throw SecretSettings.invalid(
                            destination, "lock", "must be GOVERNANCE, COMPLIANCE or none");
        };
    }

    private static String matching(
            Pattern pattern, String name, Destination destination, String otherwise) {
        String value = destination.settings().getOrDefault(name, otherwise);
        if (!pattern.matcher(value).matches()) {
            throw SecretSettings.invalid(destination, name, "must match " + pattern);
        }
        return value;
    }

    private static String given(String name, Destination destination) {
        return SecretSettings.value(destination, name)
                .map(Secret::value)
                .orElseThrow(() -> SecretSettings.invalid(destination, name, "is missing"));
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "BucketSettings[" + bucket + "]";
    }
}
