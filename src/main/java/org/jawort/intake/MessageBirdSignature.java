package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.jawort.intake.SignatureCheck.Authentic;
import org.jawort.intake.SignatureCheck.Forged;
import org.jawort.tenant.Account;

/**
 * The three generations of MessageBird, now Bird. The account says which one it is: the second
 * takes the header names of the first for another signed text, so trying both would let a code made
 * for one pass for the other. Credential {@code signingKey}.
 */
enum MessageBirdSignature implements SignatureScheme {

    /**
     * {@code MessageBird-Signature-JWT}; where it is absent, the older HMAC over time, sorted query
     * and body digest.
     */
    CLASSIC {
        @Override
        public SignatureCheck check(WebhookRequest request, Account account, Instant now) {
            String token = request.header("messagebird-signature-jwt");
            return token == null
                    ? checkDigest(request, account, now, sortedQuery(request.rawQuery()))
                    : checkToken(token, request, account, now);
        }
    },

    /** The second generation: HMAC over time, whole URL and body digest. */
    CHANNELS {
        @Override
        public SignatureCheck check(WebhookRequest request, Account account, Instant now) {
            return checkDigest(request, account, now, request.url());
        }
    },

    /** The third generation: Standard Webhooks. */
    PLATFORM {
        @Override
        public SignatureCheck check(WebhookRequest request, Account account, Instant now) {
            // Neither method nor query are signed: what a query says could be anybody's.
            return request.rawQuery() == null
                    ? StandardWebhooks.check(request, account.credential("signingKey"), now)
                    : new Forged("query");
        }
    };

    private static final Set<String> ALGORITHMS = Set.of("HS256", "HS384", "HS512");
    private static final Duration LEEWAY = Duration.ofSeconds(5);
    private static final Duration WINDOW = Duration.ofSeconds(100);

    private static SignatureCheck checkToken(
            String token, WebhookRequest request, Account account, Instant now) {
        Optional<CompactJws> jws = CompactJws.parse(token);
        if (jws.isEmpty()) {
            return new Forged("malformed");
        }
        if (!jws.get().isOneOf(ALGORITHMS)) {
            return new Forged("algorithm");
        }
        if (!jws.get().isMadeWith(account.credential("signingKey"))) {
            return new Forged("signature");
        }
        return jws.get()
                .claims()
                .map(claims -> checkClaims(claims, request, now))
                .orElse(new Forged("malformed"));
    }

    private static SignatureCheck checkClaims(
            BoundedJson claims, WebhookRequest request, Instant now) {
        Optional<EpochSeconds> notBefore = claims.seconds("nbf");
        Optional<EpochSeconds> expires = claims.seconds("exp");
        if (!"MessageBird".equals(claims.text("iss"))) {
            return new Forged("issuer");
        }
        if (notBefore.isEmpty() || expires.isEmpty()) {
            return new Forged("malformed");
        }
        if (notBefore.get().isAfter(now, LEEWAY)) {
            return new Forged("not_yet_valid");
        }
        if (expires.get().isBefore(now, LEEWAY)) {
            return new Forged("expired");
        }
        if (!Sha256.matches(
                claims.text("url_hash"), request.url().getBytes(StandardCharsets.UTF_8))) {
            return new Forged("url_hash");
        }
        boolean claimed = claims.has("payload_hash");
        boolean bound =
                request.body().length == 0
                        ? !claimed
                        : Sha256.matches(claims.text("payload_hash"), request.body());
        return bound ? new Authentic() : new Forged("payload_hash");
    }

    /**
     * Base64 of HMAC-SHA256 over timestamp, LF, what is signed of the URL, LF, and the 32 bytes of
     * the body's SHA-256.
     */
    private static SignatureCheck checkDigest(
            WebhookRequest request, Account account, Instant now, String signedUrl) {
        String presented = request.header("messagebird-signature");
        String timestamp = request.header("messagebird-request-timestamp");
        if (presented == null || presented.isEmpty() || timestamp == null) {
            return new Forged("missing");
        }
        Optional<EpochSeconds> signedAt = EpochSeconds.parse(timestamp);
        if (signedAt.isEmpty()) {
            return new Forged("malformed");
        }
        byte[] head = (timestamp + '\n' + signedUrl + '\n').getBytes(StandardCharsets.UTF_8);
        boolean made =
                KeyedHash.HMAC_SHA256.made(
                        presented,
                        Base64.getEncoder()::encodeToString,
                        account.credential("signingKey"),
                        head,
                        Sha256.of(request.body()));
        return made ? signedAt.get().within(now, WINDOW, WINDOW) : new Forged("signature");
    }

    /**
     * The pairs as they were sent, still encoded, sorted as text. The vendor's libraries differ on
     * odd escapes; Java's does this.
     */
    private static String sortedQuery(String rawQuery) {
        if (rawQuery == null) {
            return "";
        }
        String[] pairs = rawQuery.split("&");
        Arrays.sort(pairs);
        return String.join("&", pairs);
    }
}
