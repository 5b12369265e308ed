package org.jawort.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Secret;
import org.jawort.tenant.SecretSettings;

/** How the hub proves to one destination who it is, beside a certificate. */
sealed interface Credentials {

    /** A signature, a certificate or nothing. */
    record None() implements Credentials {}

    /** The same header on each request. */
    record Fixed(String header, Secret value) implements Credentials {}

    /**
     * OAuth 2.0 client credentials (RFC 6749 section 4.4).
     *
     * @param scope may be empty
     * @param audience may be empty; not of the standard, but some ask for it
     * @param inForm whether id and secret go into the form; else into a header, as the standard
     *     prefers
     */
    record ClientCredentials(
            String tokenUrl,
            String clientId,
            Secret clientSecret,
            String scope,
            String audience,
            boolean inForm)
            implements Credentials {}

    Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * @throws IllegalArgumentException naming the setting of the tenant file that cannot be used
     */
    static Credentials of(Destination destination) {
        Map<String, String> settings = destination.settings();
        List<String> kinds = new ArrayList<>(List.of("token", "username", "tokenUrl"));
        kinds.removeIf(kind -> settings.getOrDefault(kind, "").isBlank());
        if (kinds.size() > 1) {
            throw SecretSettings.invalid(
                    destination, kinds.get(1), "does not go together with " + kinds.get(0));
        }
        if (kinds.isEmpty()) {
            return new None();
        }
        return switch (kinds.getFirst()) {
            case "token" -> token(destination);
            case "username" -> basic(destination);
            default -> clientCredentials(destination);
        };
    }

    private static Credentials token(Destination destination) {
        Secret token = secret(destination, "token");
        String header = destination.settings().getOrDefault("tokenHeader", "");
        return header.isBlank()
                ? new Fixed("Authorization", new Secret("Bearer " + token.value()))
                : new Fixed(header, token);
    }

    private static Credentials basic(Destination destination) {
        String username = destination.settings().get("username");
        if (username.contains(":")) {
            throw SecretSettings.invalid(destination, "username", "must not hold a colon");
        }
        return new Fixed("Authorization", basic(username, secret(destination, "password").value()));
    }

    /** RFC 7617, in UTF-8. */
    static Secret basic(String username, String password) {
        return new Secret(
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (username + ":" + password)
                                                .getBytes(StandardCharsets.UTF_8)));
    }

    private static Credentials clientCredentials(Destination destination) {
        Map<String, String> settings = destination.settings();
        requireTls(destination, "tokenUrl");
        String clientId = settings.getOrDefault("clientId", "");
        if (clientId.isBlank()) {
            throw SecretSettings.invalid(destination, "clientId", "is missing");
        }
        String how = settings.getOrDefault("clientAuthentication", "basic");
        if (!Set.of("basic", "form").contains(how)) {
            throw SecretSettings.invalid(
                    destination, "clientAuthentication", "is either basic or form");
        }
        return new ClientCredentials(
                settings.get("tokenUrl"),
                clientId,
                secret(destination, "clientSecret"),
                settings.getOrDefault("scope", ""),
                settings.getOrDefault("audience", ""),
                how.equals("form"));
    }

    private static Secret secret(Destination destination, String setting) {
        Secret secret =
                SecretSettings.value(destination, setting)
                        .orElseThrow(
                                () -> SecretSettings.invalid(destination, setting, "is missing"));
        if (secret.value().chars().anyMatch(Character::isISOControl)) {
            throw SecretSettings.invalid(destination, setting, "holds a control character");
        }
        return secret;
    }

    static void requireTls(Destination destination, String setting) {
        if (!safe(destination.settings().getOrDefault(setting, ""))) {
            throw SecretSettings.invalid(
                    destination, setting, "must be https://…; http only on this machine");
        }
    }

    /** Whether credentials, and what people wrote, may be sent to a URL (SEC-6). */
    static boolean safe(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && ("https".equals(uri.getScheme())
                            || "http".equals(uri.getScheme())
                                    && THIS_MACHINE.contains(uri.getHost()));
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }
}
