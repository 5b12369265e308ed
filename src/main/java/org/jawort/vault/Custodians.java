package org.jawort.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Finds the custodian a tenant file names: {@code file:/run/keys/muster.key} and {@code
 * env:MUSTER_KEY} hold 32 bytes in Base64, {@code pkcs11:muster} is the label of an AES key that
 * stays in a token.
 */
public final class Custodians {

    /** Name of the root key's custodian, which no tenant file writes. */
    public static final String ROOT = "root";

    private final UnaryOperator<String> environment;
    private final Supplier<Pkcs11Token> token;
    private final Map<String, KeyCustodian> known = new ConcurrentHashMap<>();
    private Pkcs11Token opened;

    /**
     * @param environment value of a variable, {@code null} if it has none
     * @param token asked once, when the first tenant names a key in it
     */
    public Custodians(UnaryOperator<String> environment, Supplier<Pkcs11Token> token) {
        this.environment = environment;
        this.token = token;
    }

    /**
     * @throws IllegalStateException with one line that says what to mend, if there is none
     */
    public KeyCustodian of(String line) {
        KeyCustodian found = known.get(line);
        if (found == null) {
            found = find(line);
            known.put(line, found);
        }
        return found;
    }

    public KeyCustodian root(RootKey root, String tenant) {
        return known.computeIfAbsent(
                ROOT + "|" + tenant, missing -> LocalCustodian.ofRoot(root, tenant));
    }

    private KeyCustodian find(String line) {
        int colon = line.indexOf(':');
        String where = line.substring(colon + 1);
        return switch (colon < 0 || where.isBlank() ? "" : line.substring(0, colon)) {
            case "file" ->
                    new LocalCustodian(line, KeyBytes.parse(read(where), "key file " + where));
            case "env" -> {
                String value = environment.apply(where);
                if (value == null || value.isBlank()) {
                    throw new IllegalStateException(
                            "environment variable "
                                    + where
                                    + " is not set; it shall hold a tenant's key, 32 bytes in Base64");
                }
                yield new LocalCustodian(line, KeyBytes.parse(value, "the key in " + where));
            }
            case "pkcs11" -> token().custodian(line, where);
            default ->
                    throw new IllegalStateException(
                            "key '"
                                    + line
                                    + "' is none of file:<path>, env:<variable>, pkcs11:<label>");
        };
    }

    private synchronized Pkcs11Token token() {
        if (opened == null) {
            opened = token.get();
        }
        return opened;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException unreadable) {
            throw new IllegalStateException(
                    "key file " + file + " cannot be read; is it there, and may this user read it?",
                    unreadable);
        }
    }
}
