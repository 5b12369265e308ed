package org.jawort.local;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Credentials of the tenant {@code autohaus-muster} for trying the hub out: invented, published,
 * and accepted by no provider. The names are the variables its tenant file refers to; a value in
 * the environment wins.
 */
public final class DemoTenant {

    public static final String ID = "autohaus-muster";

    /** Signs events to the demo CRM: a Standard Webhooks secret of 32 bytes. */
    public static final String CRM_SECRET = "whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=";

    /** Opens the API of this tenant in the local hub. */
    public static final String API_KEY = "jawort-demo-api-key-0123456789abcdef";

    private static final Map<String, String> DEFAULTS = defaults();

    private DemoTenant() {}

    /**
     * All credentials by variable name, each as {@code environment} has it or else the published
     * one.
     */
    public static Map<String, String> credentials(UnaryOperator<String> environment) {
        var credentials = new LinkedHashMap<String, String>();
        DEFAULTS.forEach(
                (name, published) -> {
                    String own = environment.apply(name);
                    credentials.put(name, own == null || own.isBlank() ? published : own);
                });
        return credentials;
    }

    /**
     * What {@link ProviderSigner} signs this provider's webhooks with, under the names of the
     * tenant file.
     */
    public static Map<String, String> signing(String provider, UnaryOperator<String> environment) {
        Map<String, String> all = credentials(environment);
        return switch (provider) {
            case "twilio" -> Map.of("authToken", all.get("TWILIO_TOKEN"));
            case "messagebird" -> Map.of("signingKey", all.get("MESSAGEBIRD_SIGNING_KEY"));
            case "vonage" ->
                    Map.of(
                            "signatureSecret", all.get("VONAGE_SECRET"),
                            "apiKey", all.get("VONAGE_API_KEY"),
                            "applicationId", all.get("VONAGE_APPLICATION_ID"),
                            "smsSignature", all.get("VONAGE_SMS_SIGNATURE"));
            case "smooch" -> Map.of("secret", all.get("SMOOCH_SECRET"));
            default ->
                    throw new LocalStartFailed(
                            "tenant " + ID + " has no account at a provider \"" + provider + "\"");
        };
    }

    /** What the fake providers ask for, by provider, under the names of the tenant file. */
    public static Map<String, Map<String, String>> sending(UnaryOperator<String> environment) {
        Map<String, String> all = credentials(environment);
        return Map.of(
                "twilio",
                Map.of(
                        "accountSid", all.get("TWILIO_ACCOUNT_SID"),
                        "authToken", all.get("TWILIO_TOKEN")),
                "messagebird",
                Map.of("accessKey", all.get("MESSAGEBIRD_ACCESS_KEY")),
                "vonage",
                Map.of(
                        "apiKey", all.get("VONAGE_API_KEY"),
                        "apiSecret", all.get("VONAGE_API_SECRET"),
                        "applicationId", all.get("VONAGE_APPLICATION_ID")),
                "smooch",
                Map.of(
                        "appId", all.get("SMOOCH_APP_ID"),
                        "webhookId", all.get("SMOOCH_WEBHOOK_ID"),
                        "keyId", all.get("SMOOCH_KEY_ID"),
                        "keySecret", all.get("SMOOCH_KEY_SECRET")));
    }

    private static Map<String, String> defaults() {
        var defaults = new LinkedHashMap<String, String>();
        defaults.put("TWILIO_ACCOUNT_SID", "ACf00df00df00df00df00df00df00df00d");
        defaults.put("TWILIO_TOKEN", "test_auth_token_0123456789abcdef");
        defaults.put("VONAGE_SECRET", "test_signature_secret_0123456789abcdef");
        defaults.put("VONAGE_API_KEY", "abcd1234");
        defaults.put("VONAGE_APPLICATION_ID", "11112222-3333-4444-8555-666677778888");
        defaults.put("VONAGE_SMS_SIGNATURE", "sha256");
        defaults.put("VONAGE_API_SECRET", "vonage_demo_api_secret_5d4e");
        defaults.put("MESSAGEBIRD_SIGNING_KEY", "mb_demo_signing_key_0f1e2d3c4b5a");
        defaults.put("MESSAGEBIRD_ACCESS_KEY", "mb_demo_access_key_7c6b5a4938");
        defaults.put("SMOOCH_SECRET", "sunco_demo_webhook_secret_3b7e");
        defaults.put("SMOOCH_APP_ID", "69a49395db255efaed482b38");
        defaults.put("SMOOCH_WEBHOOK_ID", "6912be5b2da8eacdee145d7e");
        defaults.put("SMOOCH_KEY_ID", "app_69a49395db255efaed482b39");
        defaults.put("SMOOCH_KEY_SECRET", "sunco_demo_key_secret_91af");
        return defaults;
    }
}
