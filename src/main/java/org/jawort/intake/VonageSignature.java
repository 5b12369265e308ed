package org.jawort.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jawort.intake.SignatureCheck.Forged;
import org.jawort.intake.SignatureCheck.Unsigned;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/**
 * Vonage: a bearer token over the body (Messages API), or, where there is no {@code Authorization},
 * the {@code sig} parameter of the older SMS API. Credentials {@code signatureSecret}, {@code
 * apiKey}, {@code applicationId}; the latter two are compared if the account has them.
 *
 * @param window how old a signature may be. Vonage tries again for 24 hours and does not say that
 *     it signs anew, so a short window would turn honest retries away for good
 * @param sms checks {@code sig}
 * @see <a href="https://developer.vonage.com/en/getting-started/concepts/webhooks">Vonage,
 *     validating signed webhooks</a>
 */
record VonageSignature(Duration window, VonageSmsSignature sms) implements SignatureScheme {

    static final Duration FORWARD = Duration.ofSeconds(60);

    private static final Set<String> ALGORITHMS = Set.of("HS256");
    private static final String BEARER = "bearer ";

    @Override
    public SignatureCheck check(WebhookRequest request, Account account, Instant now) {
        String authorization = request.header("authorization");
        if (authorization == null || authorization.isBlank()) {
            return switch (VonageSmsParameters.read(request)) {
                case VonageSmsParameters.Signed signed -> sms.check(signed, account, now);
                case VonageSmsParameters.NotSigned none -> new Unsigned();
                case VonageSmsParameters.Unreadable unreadable -> new Forged(unreadable.reason());
            };
        }
        if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return new Forged("malformed");
        }
        Optional<CompactJws> jws = CompactJws.parse(authorization.substring(BEARER.length()));
        if (jws.isEmpty()) {
            return new Forged("malformed");
        }
        if (!jws.get().isOneOf(ALGORITHMS)) {
            return new Forged("algorithm");
        }
        if (!jws.get().isMadeWith(account.credential("signatureSecret"))) {
            return new Forged("signature");
        }
        return jws.get()
                .claims()
                .map(claims -> checkClaims(claims, request, account, now))
                .orElse(new Forged("malformed"));
    }

    private SignatureCheck checkClaims(
            BoundedJson claims, WebhookRequest request, Account account, Instant now) {
        if (!"Vonage".equals(claims.text("iss"))) {
            return new Forged("issuer");
        }
        if (!isOneOf(account.credential("apiKey"), claims.text("api_key"))) {
            return new Forged("api_key");
        }
        boolean hasApplication = claims.has("application_id");
        if (hasApplication
                && !isOneOf(account.credential("applicationId"), claims.text("application_id"))) {
            return new Forged("application_id");
        }
        // the token binds nothing but the body: without one, whatever the query says would be
        // unsigned
        String payloadHash = claims.text("payload_hash");
        if (request.body().length == 0
                || payloadHash == null
                || !Sha256.matches(payloadHash.toLowerCase(Locale.ROOT), request.body())) {
            return new Forged("payload_hash");
        }
        return claims.seconds("iat")
                .map(issuedAt -> issuedAt.within(now, window, FORWARD))
                .orElse(new Forged("malformed"));
    }

    /** Whether the value is one of the configured ones; true if none is configured. */
    static boolean isOneOf(List<Secret> configured, String value) {
        boolean restricted = configured.stream().anyMatch(secret -> !secret.isEmpty());
        return !restricted || value != null && configured.contains(new Secret(value));
    }
}
