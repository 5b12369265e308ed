package org.jawort.sending;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Fake providers, and the environment that points the demo tenant's accounts to them. */
abstract class SendingToFakes {

    static final InstantSource CLOCK = InstantSource.system();
    static final List<String> PROVIDERS = List.of("twilio", "messagebird", "vonage", "smooch");
    static final KeyPair APPLICATION = keyPair();

    final Map<String, Map<String, String>> credentials = credentials();
    final FakeProvider fake = new FakeProvider(0, credentials, CLOCK).start();
    final Map<String, String> environment = new HashMap<>();
    SendingRoutes routes;

    @BeforeEach
    void pointTheAccountsToTheFake() {
        PROVIDERS.forEach(
                provider ->
                        environment.put(
                                provider.toUpperCase(Locale.ROOT) + "_API_URL",
                                fake.url(provider)));
        environment.put("MESSAGEBIRD_SMS_API_URL", fake.url("messagebird"));
        environment.put("VONAGE_SMS_API_URL", fake.url("vonage"));
    }

    @AfterEach
    void stop() {
        if (routes != null) {
            routes.close();
        }
        fake.close();
    }

    void start() throws Exception {
        routes = new SendingRoutes(environment, "classic", CLOCK, 5000);
    }

    SendResult send(String provider) {
        return routes.send(text(provider));
    }

    static ObjectNode text(String provider) {
        return SendingRoutes.example(
                provider,
                provider.equals("messagebird") ? "classic-whatsapp-text" : "whatsapp-text");
    }

    private static Map<String, Map<String, String>> credentials() {
        var all = new HashMap<>(DemoTenant.sending(name -> null));
        var twilio = new HashMap<>(all.get("twilio"));
        twilio.put("apiKeySid", "SK00000000000000000000000000000001");
        twilio.put("apiKeySecret", "key-secret");
        all.put("twilio", twilio);
        var vonage = new HashMap<>(all.get("vonage"));
        vonage.put(
                "publicKey",
                Base64.getEncoder().encodeToString(APPLICATION.getPublic().getEncoded()));
        all.put("vonage", vonage);
        return all;
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(2048);
            return rsa.generateKeyPair();
        } catch (java.security.GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
