package org.jawort.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import org.jawort.consent.CanonicalJson;
import org.jawort.vault.TenantSigner;

/**
 * How far a tenant's chain reached on one day, signed with Ed25519 over the RFC 8785 form of {@code
 * tenant, date, chainIndex, entryHash}.
 *
 * @param entryHash of the last entry, lower-case hex
 */
public record Anchor(
        String tenant,
        LocalDate date,
        long chainIndex,
        String entryHash,
        byte[] publicKey,
        byte[] signature) {

    static final String ALGORITHM = "Ed25519";

    static Anchor signed(
            TenantSigner signer, String tenant, LocalDate date, long chainIndex, String entryHash) {
        return new Anchor(
                tenant,
                date,
                chainIndex,
                entryHash,
                signer.publicKey(tenant),
                signer.sign(tenant, message(tenant, date, chainIndex, entryHash)));
    }

    /**
     * Reads the data of a {@code ledger.anchored} event.
     *
     * @return empty if it is none
     */
    static Optional<Anchor> of(String tenant, JsonNode data) {
        try {
            return Optional.of(
                    new Anchor(
                            tenant,
                            LocalDate.parse(data.path("date").asText()),
                            data.path("chainIndex").asLong(),
                            data.path("entryHash").asText(),
                            Base64.getDecoder().decode(data.path("publicKey").asText()),
                            Base64.getDecoder().decode(data.path("signature").asText())));
        } catch (DateTimeParseException | IllegalArgumentException other) {
            return Optional.empty();
        }
    }

    ObjectNode json() {
        return signedPart(tenant, date, chainIndex, entryHash)
                .put("algorithm", ALGORITHM)
                .put("publicKey", Base64.getEncoder().encodeToString(publicKey))
                .put("signature", Base64.getEncoder().encodeToString(signature));
    }

    /** Whether the holder of this key signed it. */
    boolean isSignedWith(byte[] key) {
        return TenantSigner.isSigned(key, message(tenant, date, chainIndex, entryHash), signature);
    }

    private static byte[] message(
            String tenant, LocalDate date, long chainIndex, String entryHash) {
        return CanonicalJson.bytes(signedPart(tenant, date, chainIndex, entryHash));
    }

    private static ObjectNode signedPart(
            String tenant, LocalDate date, long chainIndex, String entryHash) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("tenant", tenant)
                .put("date", date.toString())
                .put("chainIndex", chainIndex)
                .put("entryHash", entryHash);
    }

    @Override
    public String toString() {
        return "Anchor[" + tenant + ", " + date + ", " + chainIndex + "]";
    }
}
