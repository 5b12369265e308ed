package org.jawort.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.jawort.tenant.Destination;
import org.jawort.tenant.SecretSettings;

/**
 * A destination that is reached by HTTP: one whose {@code settings.url} says so.
 *
 * @param settings those that are no secrets, as mappings see them
 */
record HttpDestination(
        String tenant,
        String id,
        String url,
        Credentials credentials,
        Optional<SSLContextParameters> tls,
        ObjectNode settings) {

    static boolean is(Destination destination) {
        return destination.settings().getOrDefault("url", "").matches("https?://.*");
    }

    /**
     * @throws IllegalArgumentException naming the setting of the tenant file that cannot be used
     */
    static HttpDestination of(Destination destination) {
        Credentials.requireTls(destination, "url");
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        destination
                .settings()
                .forEach(
                        (name, value) -> {
                            if (!SecretSettings.named(name)) {
                                settings.put(name, value);
                            }
                        });
        return new HttpDestination(
                destination.tenant(),
                destination.id(),
                destination.settings().get("url").replaceFirst("/$", ""),
                Credentials.of(destination),
                TlsSettings.of(destination),
                settings);
    }

    /** Under which its TLS parameters are bound for the routes. */
    String tlsName() {
        return "tls-" + tenant + "-" + id;
    }

    @Override
    public String toString() {
        return "HttpDestination[" + tenant + "/" + id + "]";
    }
}
