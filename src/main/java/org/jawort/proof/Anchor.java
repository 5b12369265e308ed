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
 * How far one of a tenant's chains reached on one day, signed with Ed25519 over the RFC 8785 form
 * of {@code tenant, date, entryHash} and what the {@linkplain Chain chain} calls the position.
 *
 * @param entryHash of the last entry, lower-case hex
 */
public record Anchor(
        Chain chain,
        String tenant,
        LocalDate date,
        long position,
        String entryHash,
        byte[] publicKey,
        byte[] signature) {

    /** What is anchored. The same key signs for all of them. */
    public enum Chain {
        /** Every declaration of consent, in order. */
        LEDGER("jawort.ledger.anchored.v1", "chainIndex") {
            @Override
            ObjectNode named() {
                return JsonNodeFactory.instance.objectNode();
            }
        },

        /** What was deleted; told apart by {@code journal}. */
        DELETIONS("jawort.deletions.anchored.v1", "position") {
            @Override
            ObjectNode named() {
                return JsonNodeFactory.instance.objectNode().put("journal", "deletions");
            }
        };

        private final String eventType;
        private final String positionField;

        Chain(String eventType, String positionField) {
            this.eventType = eventType;
            this.positionField = positionField;
        }

        /** Of the event whose data an anchor is. */
        String eventType() {
            return eventType;
        }

        abstract ObjectNode named();
    }

    static final String ALGORITHM = "Ed25519";

    static Anchor signed(
            TenantSigner signer,
            Chain chain,
            String tenant,
            LocalDate date,
            long position,
            String entryHash) {
        return new Anchor(
                chain,
                tenant,
                date,
                position,
                entryHash,
                signer.publicKey(tenant),
                signer.sign(tenant, message(chain, tenant, date, position, entryHash)));
    }

    /**
     * Reads the data of an event of the chain.
     *
     * @return empty if it is no anchor
     */
    static Optional<Anchor> of(Chain chain, String tenant, JsonNode data) {
        try {
            return Optional.of(
                    new Anchor(
                            chain,
                            tenant,
                            LocalDate.parse(data.path("date").asText()),
                            data.path(chain.positionField).asLong(),
                            data.path("entryHash").asText(),
                            Base64.getDecoder().decode(data.path("publicKey").asText()),
                            Base64.getDecoder().decode(data.path("signature").asText())));
        } catch (DateTimeParseException | IllegalArgumentException other) {
            return Optional.empty();
        }
    }

    ObjectNode json() {
        return signedPart(chain, tenant, date, position, entryHash)
                .put("algorithm", ALGORITHM)
                .put("publicKey", Base64.getEncoder().encodeToString(publicKey))
                .put("signature", Base64.getEncoder().encodeToString(signature));
    }

    /** Whether the holder of this key signed it. */
    boolean isSignedWith(byte[] key) {
        return TenantSigner.isSigned(
                key, message(chain, tenant, date, position, entryHash), signature);
    }

    private static byte[] message(
            Chain chain, String tenant, LocalDate date, long position, String entryHash) {
        return CanonicalJson.bytes(signedPart(chain, tenant, date, position, entryHash));
    }

    private static ObjectNode signedPart(
            Chain chain, String tenant, LocalDate date, long position, String entryHash) {
        return chain.named()
                .put("tenant", tenant)
                .put("date", date.toString())
                .put(chain.positionField, position)
                .put("entryHash", entryHash);
    }

    @Override
    public String toString() {
        return "Anchor[" + chain + ", " + tenant + ", " + date + ", " + position + "]";
    }
}
