package org.jawort.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** The keys of all tenants, as SHA-256 digests. */
final class ApiKeys {

    record Owner(String tenant, String keyId) {}

    private record Known(Owner owner, byte[] sha256) {}

    private final List<Known> known = new ArrayList<>();

    ApiKeys(Tenants tenants) {
        for (Tenant tenant : tenants.all()) {
            for (Tenant.ApiKey key : tenant.apiKeys()) {
                known.add(
                        new Known(
                                new Owner(tenant.id(), key.id()),
                                HexFormat.of().parseHex(key.sha256())));
            }
        }
    }

    /**
     * Whose key this is. Compares with every known key in constant time, so that the time tells
     * neither how much of a key is right nor whose it is.
     *
     * @param tenant wins if several tenants share a key
     */
    Optional<Owner> owner(String key, String tenant) {
        byte[] digest = sha256(key.getBytes(StandardCharsets.UTF_8));
        Owner owner = null;
        for (Known one : known) {
            boolean matches = MessageDigest.isEqual(digest, one.sha256());
            if (matches && (owner == null || one.owner().tenant().equals(tenant))) {
                owner = one.owner();
            }
        }
        return Optional.ofNullable(owner);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
