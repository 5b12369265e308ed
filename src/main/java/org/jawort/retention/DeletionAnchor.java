package org.jawort.retention;

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
 * How far a tenant's journal of deletions reached on one day, signed with Ed25519 over the RFC 8785
 * form of {@code journal, tenant, date, position, entryHash}.
 *
 * @param entryHash of the last entry, lower-case hex
 */
public record DeletionAnchor(
        String tenant,
        LocalDate date,
        long position,
        String entryHash,
        byte[] publicKey,
        byte[] signature) {

    /** Told apart from an anchor of the consent ledger, which the same key signs. */
    private static final String JOURNAL = "deletions";

    static DeletionAnchor signed(
            TenantSigner signer, String tenant, LocalDate date, DeletionJournal.Head head) {
        return new DeletionAnchor(
                tenant,
                date,
                head.position(),
                head.entryHash(),
                signer.publicKey(tenant),
                signer.sign(tenant, message(tenant, date, head.position(), head.entryHash())));
    }

    /**
     * Reads the data of a {@code deletions.anchored} event.
     *
     * @return empty if it is none
     */
    static Optional<DeletionAnchor> of(String tenant, JsonNode data) {
        try {
            return Optional.of(
                    new DeletionAnchor(
                            tenant,
                            LocalDate.parse(data.path("date").asText()),
                            data.path("position").asLong(),
                            data.path("entryHash").asText(),
                            Base64.getDecoder().decode(data.path("publicKey").asText()),
                            Base64.getDecoder().decode(data.path("signature").asText())));
        } catch (DateTimeParseException | IllegalArgumentException other) {
            return Optional.empty();
        }
    }

    ObjectNode json() {
        return signedPart(tenant, date, position, entryHash)
                .put("algorithm", "Ed25519")
                .put("publicKey", Base64.getEncoder().encodeToString(publicKey))
                .put("signature", Base64.getEncoder().encodeToString(signature));
    }

    /** Whether the holder of this key signed it. */
    boolean isSignedWith(byte[] key) {
        return TenantSigner.isSigned(key, message(tenant, date, position, entryHash), signature);
    }

    private static byte[] message(String tenant, LocalDate date, long position, String entryHash) {
        return CanonicalJson.bytes(signedPart(tenant, date, position, entryHash));
    }

    private static ObjectNode signedPart(
            String tenant, LocalDate date, long position, String entryHash) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("journal", JOURNAL)
                .put("tenant", tenant)
                .put("date", date.toString())
                .put("position", position)
                .put("entryHash", entryHash);
    }

    @Override
    public String toString() {
        return "DeletionAnchor[" + tenant + ", " + date + ", " + position + "]";
    }
}
