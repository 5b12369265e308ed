package org.jawort.media;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.UUID;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;

/**
 * Links to files: tenant, file and end of validity, signed under the tenant's key (HMAC-SHA-256).
 * Whoever has one gets the file until then, as long as it is there and may be read.
 */
public final class MediaLinks {

    /** What a link says of itself. */
    public enum State {
        GOOD,
        /** It was one. */
        EXPIRED,
        /** Nobody of the hub made it. */
        FORGED
    }

    private final TenantKeys keys;
    private final String publicUrl;
    private final Duration life;
    private final InstantSource clock;

    MediaLinks(TenantKeys keys, URI publicUrl, Duration life, InstantSource clock) {
        this.keys = keys;
        this.publicUrl = publicUrl.toString().replaceAll("/$", "");
        this.life = life;
        this.clock = clock;
    }

    /** A link that is good from now on. */
    String to(String tenant, UUID file) {
        long expires = clock.instant().plus(life).getEpochSecond();
        return "%s/media/%s/%s?expires=%d&signature=%s"
                .formatted(
                        publicUrl,
                        tenant,
                        file,
                        expires,
                        signature(tenant, file, String.valueOf(expires)));
    }

    /**
     * @param tenant one there is
     * @param expires as in the link
     */
    public State check(String tenant, UUID file, String expires, String signature) {
        boolean isOurs =
                MessageDigest.isEqual(
                        signature(tenant, file, expires).getBytes(StandardCharsets.US_ASCII),
                        signature.getBytes(StandardCharsets.US_ASCII));
        if (!isOurs) {
            return State.FORGED;
        }
        return clock.instant().isBefore(Instant.ofEpochSecond(Long.parseLong(expires)))
                ? State.GOOD
                : State.EXPIRED;
    }

    private String signature(String tenant, UUID file, String expires) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        keys.mac(tenant, Use.LINK, "media", tenant, file.toString(), expires));
    }
}
