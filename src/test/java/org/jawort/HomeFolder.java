package org.jawort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jawort.local.DemoTenant;

/** A copy of routes/, mappings/ and tenants/ that a test may change. */
public record HomeFolder(Path path) {

    /** One account that sends, as a tenant file lists it. */
    private static final Pattern ACCOUNT =
            Pattern.compile(
                    "^  - id: (\\w+)\n    provider: \\w+\n(?:    .*\n)+", Pattern.MULTILINE);

    public static HomeFolder copy() {
        try {
            Path copy = Files.createTempDirectory("jawort-home");
            for (String folder : List.of("routes", "mappings", "tenants")) {
                try (var files = Files.walk(Path.of(folder))) {
                    for (Path file : files.toList()) {
                        Files.copy(file, copy.resolve(file));
                    }
                }
            }
            return new HomeFolder(copy);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Whose account at Twilio takes whatever comes: many people are sent their notice at once. */
    public static HomeFolder withoutRate() {
        return copy().change("ratePerSecond: 20, order: 1", "ratePerSecond: 2000, order: 1");
    }

    /** Changes the demo tenant's file. */
    public HomeFolder change(String from, String to) {
        return change(DemoTenant.ID, from, to);
    }

    /**
     * Gives the demo tenant another API key.
     *
     * @param more further fields of its line, such as {@code , restricted: true}, or empty
     */
    public HomeFolder apiKey(String id, String key, String more) {
        try {
            byte[] sha256 =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.getBytes(StandardCharsets.UTF_8));
            return change(
                    "apiKeys:\n",
                    "apiKeys:\n  - { id: %s, sha256: \"%s\"%s }\n"
                            .formatted(id, HexFormat.of().formatHex(sha256), more));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Adds a tenant that is as the demo tenant but for its id, and its file's {@code from}. */
    public HomeFolder tenant(String id, String from, String to) {
        write(id, read(DemoTenant.ID).replace("tenant: " + DemoTenant.ID, "tenant: " + id));
        return change(id, from, to);
    }

    /** Changes a tenant's file. */
    public HomeFolder change(String id, String from, String to) {
        String before = read(id);
        if (!before.contains(from)) {
            throw new IllegalArgumentException("the tenant file does not say: " + from);
        }
        return write(id, before.replace(from, to));
    }

    /** Leaves a tenant these accounts only. */
    public HomeFolder keepAccounts(String id, Set<String> kept) {
        Matcher accounts = ACCOUNT.matcher(read(id));
        StringBuilder left = new StringBuilder();
        while (accounts.find()) {
            accounts.appendReplacement(
                    left,
                    kept.contains(accounts.group(1))
                            ? Matcher.quoteReplacement(accounts.group())
                            : "");
        }
        return write(id, accounts.appendTail(left).toString());
    }

    public HomeFolder remove(String id) {
        try {
            Files.delete(file(id));
            return this;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String read(String id) {
        try {
            return Files.readString(file(id));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private HomeFolder write(String id, String text) {
        try {
            Files.writeString(file(id), text);
            return this;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path file(String tenant) {
        return path.resolve("tenants").resolve(tenant + ".yaml");
    }
}
