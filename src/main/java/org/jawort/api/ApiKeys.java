package org.jawort.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** The keys of all tenants, as SHA-256 digests; a key that is taken away opens nothing any more. */
final class ApiKeys {

    record Owner(String tenant, Tenant.ApiKey key) {}

    private final Tenants tenants;

    ApiKeys(Tenants tenants) {
        this.tenants = tenants;
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
        for (Tenant one : tenants.all()) {
            for (Tenant.ApiKey known : one.apiKeys()) {
                boolean matches =
                        MessageDigest.isEqual(digest, HexFormat.of().parseHex(known.sha256()));
                if (matches && (owner == null || one.id().equals(tenant))) {
                    owner = new Owner(one.id(), known);
                }
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
