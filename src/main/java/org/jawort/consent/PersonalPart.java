package org.jawort.consent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Base64;

/**
 * What an entry says about a person beyond random ids, and the salt that hides it. The commitment
 * is SHA-256 over the salt followed by the RFC 8785 form (CON-21). It is made over the evidence as
 * stored, so that an auditor can check it without any key.
 *
 * @param salt 32 random bytes
 * @param addressLookup keyed hash of the address, {@code null} if none is known
 * @param evidence the declaration, sealed under the person's key; {@code null} if there is none
 */
public record PersonalPart(byte[] salt, byte[] addressLookup, byte[] evidence) {

    public byte[] commitment() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("addressLookup", LedgerEntry.hex(addressLookup));
        json.put(
                "evidence", evidence == null ? null : Base64.getEncoder().encodeToString(evidence));
        return CanonicalJson.sha256(salt, json);
    }

    /** Whether this is what the entry committed to. */
    public boolean opens(LedgerEntry entry) {
        return Arrays.equals(
                commitment(), java.util.HexFormat.of().parseHex(entry.text("commitment")));
    }

    @Override
    public String toString() {
        return "PersonalPart[redacted]";
    }
}
