package org.jawort.vault;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * By what the addresses of somebody who goes are known again when they come back: hashed under the
 * tenant's oldest key. {@code address} has them under whichever wrote or was walked to, and that
 * may be destroyed one day, when nobody can hash them anew any more. Works inside the caller's
 * transaction, while addresses and key of the person are still there.
 */
public final class LastingLookups {

    /**
     * @param channel wire name of the channel consent is kept for
     * @param hash as {@link Pseudonyms#addresses} gives it under the oldest key
     */
    public record Lookup(String channel, byte[] hash) {}

    private final JdbcTemplate jdbc;
    private final StoredKeys stored;
    private final Pseudonyms pseudonyms;

    public LastingLookups(JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.stored = new StoredKeys(jdbc, keys);
        this.pseudonyms = pseudonyms;
    }

    /** An address that does not open any more is as it is, and the keys of today stay for it. */
    public List<Lookup> of(String tenant, UUID subject) {
        Optional<SubjectKey> key = key(tenant, subject);
        return jdbc.query(
                "select channel, lookup, sealed_address from address where tenant = ? and subject_id = ? and channel <> '*'",
                (row, n) -> lookup(tenant, key, row.getString(1), row.getBytes(2), row.getBytes(3)),
                tenant,
                subject);
    }

    private Optional<SubjectKey> key(String tenant, UUID subject) {
        try {
            return stored.find(tenant, subject, SubjectKeys.ORDINARY);
        } catch (Undecipherable damaged) {
            return Optional.empty();
        }
    }

    private Lookup lookup(
            String tenant, Optional<SubjectKey> key, String channel, byte[] hash, byte[] sealed) {
        if (key.isPresent()) {
            try {
                String address =
                        new String(key.get().open("address", sealed), StandardCharsets.UTF_8);
                return new Lookup(channel, pseudonyms.lastingAddress(tenant, channel, address));
            } catch (Undecipherable damaged) {
                // as if there were no key
            }
        }
        jdbc.update("update tenant_key set hashes = true where tenant = ?", tenant);
        return new Lookup(channel, hash);
    }
}
