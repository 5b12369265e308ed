package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jawort.intake.FormPairs.Pair;
import org.jawort.tenant.Account;

/**
 * Twilio: {@code X-Twilio-Signature} is the Base64 of HMAC-SHA1 with the auth token (credential
 * {@code authToken}, two while one is promoted) over the URL, followed for a form by its parameters
 * sorted by name, each as name and decoded value. Any other body is bound by {@code bodySHA256} in
 * the query. No time is signed.
 *
 * @see <a href="https://www.twilio.com/docs/usage/webhooks/webhooks-security">Twilio, webhooks
 *     security</a>
 */
final class TwilioSignature implements SignatureScheme {

    private static final String BODY_HASH = "bodySHA256=";

    @Override
    public SignatureCheck check(WebhookRequest request, Account account, Instant now) {
        String presented = request.header("x-twilio-signature");
        if (presented == null || presented.isEmpty()) {
            return new SignatureCheck.Forged("missing");
        }
        boolean form = FormPairs.isForm(request.contentType()) && !request.method().equals("GET");
        Optional<FormPairs> parameters = FormPairs.parse(form ? request.body() : new byte[0]);
        if (parameters.isEmpty()) {
            return new SignatureCheck.Forged("form");
        }
        byte[][] tail = signedParameters(parameters.get());
        String url = withoutFragment(request.url());
        if (!signed(presented, account, url, tail)
                && !signed(presented, account, otherPortSpelling(url), tail)) {
            return new SignatureCheck.Forged("signature");
        }
        // a claimed hash is always held to, else a signed JSON request could be replayed as an
        // empty form
        List<String> hashes = bodyHashes(url);
        boolean bodyUnsigned = !form && request.body().length > 0;
        if (hashes.isEmpty() ? bodyUnsigned : !onlyMatch(hashes, request.body())) {
            return new SignatureCheck.Forged("payload_hash");
        }
        return new SignatureCheck.Authentic();
    }

    private static boolean signed(String presented, Account account, String url, byte[][] tail) {
        if (url == null) {
            return false;
        }
        byte[][] parts = new byte[tail.length + 1][];
        parts[0] = url.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(tail, 0, parts, 1, tail.length);
        return KeyedHash.HMAC_SHA1.made(
                presented,
                Base64.getEncoder()::encodeToString,
                account.credential("authToken"),
                parts);
    }

    /** Name, value, name, value …; a repeated name with its distinct values in order. */
    private static byte[][] signedParameters(FormPairs parameters) {
        // UTF-8 bytes compare as code points do
        List<Pair> sorted =
                parameters.pairs().stream()
                        .sorted(
                                Comparator.comparing(Pair::name, Arrays::compareUnsigned)
                                        .thenComparing(Pair::value, Arrays::compareUnsigned))
                        .toList();
        List<byte[]> parts = new ArrayList<>();
        Pair previous = null;
        for (Pair pair : sorted) {
            boolean repeated =
                    previous != null
                            && Arrays.equals(previous.name(), pair.name())
                            && Arrays.equals(previous.value(), pair.value());
            if (!repeated) {
                parts.add(pair.name());
                parts.add(pair.value());
            }
            previous = pair;
        }
        return parts.toArray(byte[][]::new);
    }

    /**
     * The configured URL may carry connection overrides behind a {@code #}, which Twilio does not
     * sign.
     */
    private static String withoutFragment(String url) {
        int fragment = url.indexOf('#');
        return fragment < 0 ? url : url.substring(0, fragment);
    }

    /**
     * The URL with the scheme's default port written out if it was not, or left out if it was;
     * {@code null} if it has another port. By cutting text, because rebuilding a URL from decoded
     * parts changes its escapes.
     */
    static String otherPortSpelling(String url) {
        int schemeEnd = url.indexOf("://");
        if (schemeEnd < 0) {
            return null;
        }
        String port =
                switch (url.substring(0, schemeEnd)) {
                    case "https" -> ":443";
                    case "http" -> ":80";
                    default -> null;
                };
        int authorityEnd = schemeEnd + 3;
        while (authorityEnd < url.length() && "/?".indexOf(url.charAt(authorityEnd)) < 0) {
            authorityEnd++;
        }
        String authority = url.substring(schemeEnd + 3, authorityEnd);
        // the colons of an IPv6 address stand inside brackets, that of a password before the @
        int hostFrom = Math.max(authority.lastIndexOf('@'), authority.lastIndexOf(']'));
        boolean portWritten = authority.indexOf(':', hostFrom + 1) >= 0;
        if (port == null || portWritten && !authority.endsWith(port)) {
            return null;
        }
        String head = url.substring(0, authorityEnd);
        String tail = url.substring(authorityEnd);
        return portWritten
                ? head.substring(0, head.length() - port.length()) + tail
                : head + port + tail;
    }

    private static List<String> bodyHashes(String url) {
        int query = url.indexOf('?');
        if (query < 0) {
            return List.of();
        }
        return Arrays.stream(url.substring(query + 1).split("&"))
                .filter(pair -> pair.startsWith(BODY_HASH))
                .map(pair -> pair.substring(BODY_HASH.length()))
                .toList();
    }

    private static boolean onlyMatch(List<String> hashes, byte[] body) {
        return hashes.size() == 1 && Sha256.matches(hashes.getFirst(), body);
    }
}
