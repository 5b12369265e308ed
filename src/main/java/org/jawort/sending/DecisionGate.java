package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.Exchange;
import org.jawort.sending.SendForbidden.Reason;

/**
 * Lets a message pass to a provider only with a fresh decision of the consent filter about this
 * very message and person (FLT-2). First step of every route under {@code routes/sending},
 * registered as {@code decisionGate}. The key lives and dies with the process: a token is handed on
 * within one exchange and never stored.
 */
public final class DecisionGate {

    static final Duration VALID_FOR = Duration.ofSeconds(60);

    private static final HexFormat HEX = HexFormat.of();

    private final InstantSource clock;
    private final SecretKeySpec key;

    public DecisionGate(InstantSource clock) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.clock = clock;
        this.key = new SecretKeySpec(random, "HmacSHA256");
    }

    /**
     * To be called by the code that decided {@code OUT_OK} about exactly this request, and by
     * nothing else.
     *
     * @param decidedAt when the filter decided
     */
    public DecisionToken mint(SendRequest request, Instant decidedAt) {
        String messageHash = HEX.formatHex(sha256(request.canonical()));
        String recipient = recipient(request.document());
        Instant expiresAt = decidedAt.plus(VALID_FOR);
        return new DecisionToken(
                messageHash, recipient, expiresAt, seal(messageHash, recipient, expiresAt));
    }

    /**
     * @throws SendForbidden unless the exchange carries a request of this account and a valid token
     *     for it
     */
    public void check(Exchange exchange, String tenant, String account) {
        SendRequest request = exchange.getProperty(SendRequest.PROPERTY, SendRequest.class);
        DecisionToken token = exchange.getProperty(DecisionToken.PROPERTY, DecisionToken.class);
        if (request == null || token == null) {
            throw new SendForbidden(Reason.MISSING);
        }
        if (!request.tenant().equals(tenant) || !request.account().equals(account)) {
            throw new SendForbidden(Reason.OTHER_ACCOUNT);
        }
        if (!same(token.mac(), seal(token.messageHash(), token.recipient(), token.expiresAt()))) {
            throw new SendForbidden(Reason.FORGED);
        }
        if (clock.instant().isAfter(token.expiresAt())) {
            throw new SendForbidden(Reason.EXPIRED);
        }
        if (!same(token.recipient(), recipient(request.document()))) {
            throw new SendForbidden(Reason.OTHER_RECIPIENT);
        }
        if (!same(token.messageHash(), HEX.formatHex(sha256(request.canonical())))) {
            throw new SendForbidden(Reason.OTHER_MESSAGE);
        }
    }

    private String seal(String messageHash, String recipient, Instant expiresAt) {
        return mac("token", messageHash, recipient, expiresAt.toString());
    }

    /** Whom it would reach: for some providers the conversation says so, not the address. */
    private String recipient(JsonNode document) {
        JsonNode to = document.get("to");
        return mac(
                "recipient",
                document.path("channel").asText(),
                to.path("address").asText(),
                to.path("scheme").asText(),
                document.path("providerConversationId").asText(""));
    }

    private String mac(String... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                // with its length, or "a", "bc" would be "ab", "c"
                mac.update(
                        new byte[] {
                            (byte) (bytes.length >>> 24),
                            (byte) (bytes.length >>> 16),
                            (byte) (bytes.length >>> 8),
                            (byte) bytes.length
                        });
                mac.update(bytes);
            }
            return HEX.formatHex(mac.doFinal());
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }
}
