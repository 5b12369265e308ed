package org.jawort.archive;

import java.util.Map;
import org.jawort.tenant.Destination;

/** Whether the settings of a destination of this package can be used. */
public final class ArchiveSettings {

    private static final String SFTP = "dms-sftp";
    private static final String HOST_KEY = "(ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]{40,}={0,2}( .*)?";

    private ArchiveSettings() {}

    /**
     * @throws IllegalArgumentException naming file, destination and setting, if one cannot be used;
     *     a destination of another route is passed over
     */
    public static void check(Destination destination) {
        switch (destination.route()) {
            case Archives.JOURNAL -> RollLimits.of(destination);
            case ArchiveMail.ROUTE -> ArchiveMail.check(destination);
            case SFTP -> sftp(destination, destination.settings());
            default -> {
                // has none, or is not of this package
            }
        }
    }

    private static void sftp(Destination destination, Map<String, String> settings) {
        if (!settings.getOrDefault("hostKey", "").matches(HOST_KEY)) {
            throw unusable(
                    destination,
                    "hostKey",
                    "must be a key of known_hosts, such as ssh-ed25519 AAAA…");
        }
        if (settings.getOrDefault("passwordSecret", "").isBlank()
                && settings.getOrDefault("privateKeySecret", "").isBlank()) {
            throw unusable(
                    destination, "passwordSecret", "or settings.privateKeySecret must be there");
        }
    }

    static IllegalArgumentException unusable(Destination destination, String setting, String why) {
        return new IllegalArgumentException(
                "tenants/%s.yaml: destination %s: settings.%s %s"
                        .formatted(destination.tenant(), destination.id(), setting, why));
    }
}
