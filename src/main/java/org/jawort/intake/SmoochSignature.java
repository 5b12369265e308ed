package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/**
 * Sunshine Conversations v1, v1.1 and v2: {@code X-API-Key} carries the webhook's secret
 * (credential {@code secret}). Neither body nor time is signed, so replay has to be met by the
 * event ids.
 */
final class SmoochSignature implements SignatureScheme {

    @Override
    public SignatureCheck check(WebhookRequest request, Account account, Instant now) {
        String key = request.header("x-api-key");
        if (key == null || key.isEmpty()) {
            return new SignatureCheck.Forged("missing");
        }
        // digests have one length, so the time of the comparison does not tell the length of the
        // secret
        byte[] given = Sha256.of(key.getBytes(StandardCharsets.UTF_8));
        boolean known = false;
        for (Secret secret : account.credential("secret")) {
            known |= !secret.isEmpty() & MessageDigest.isEqual(Sha256.of(secret.utf8()), given);
        }
        return known ? new SignatureCheck.Authentic() : new SignatureCheck.Forged("api_key");
    }
}
