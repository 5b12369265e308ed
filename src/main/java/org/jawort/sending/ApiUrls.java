package org.jawort.sending;

import java.net.URI;
import java.util.Set;
import java.util.regex.Pattern;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/**
 * Where an account's provider takes messages: {@code settings.apiUrl}, else the host its
 * documentation names for the API generation.
 *
 * @param api for everything but what {@code sms} is for
 * @param sms for the SMS APIs that live elsewhere: MessageBird's classic one and Vonage's old one;
 *     {@code settings.smsApiUrl}
 */
public record ApiUrls(String api, String sms) {

    private static final Pattern PROVIDER =
            Pattern.compile(
                    "(?i)(^|[^a-z0-9-])([a-z0-9-]+\\.)*(twilio\\.com|messagebird\\.com|bird\\.com|nexmo\\.com|vonage\\.com|smooch\\.io|zendesk\\.com)([^a-z0-9.-]|\\.?$)");
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * @throws IllegalArgumentException naming file and account if a URL is none that credentials
     *     may be sent to, or there is none
     */
    public static ApiUrls of(Account account) {
        String api = account.setting("apiUrl", "");
        String sms = account.setting("smsApiUrl", "");
        return new ApiUrls(
                checked(account, "apiUrl", api.isEmpty() ? documented(account) : api),
                checked(account, "smsApiUrl", sms.isEmpty() ? documentedForSms(account) : sms));
    }

    /**
     * Where an account's provider takes requests to erase that its other APIs do not: {@code
     * settings.eraseApiUrl}, else the documented host. {@code settings.apiUrl} names no such host:
     * a 404 of another would be taken for an erasure.
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public static String forErasing(Account account) {
        String own = account.setting("eraseApiUrl", "");
        return checked(account, "eraseApiUrl", own.isEmpty() ? documentedForErasing(account) : own);
    }

    private static String documentedForErasing(Account account) {
        return switch (account.provider()) {
            case "twilio" -> "https://conversations.twilio.com";
            case "vonage" -> "https://api.nexmo.com"; // redaction is not regional
            default -> documentedOrApi(account); // all of it is erased there
        };
    }

    /** Whether a text, such as an endpoint's URI, names a host of one of the providers. */
    public static boolean nameAProvider(String text) {
        return PROVIDER.matcher(text).find();
    }

    private static String documented(Account account) {
        return switch (account.provider()) {
            case "twilio" -> "https://api.twilio.com";
            case "vonage" -> "https://api-eu.nexmo.com"; // api.nexmo.com picks a region by itself
            case "messagebird" ->
                    switch (account.api() == null ? "classic" : account.api()) {
                        case "channels" -> "https://api.bird.com";
                        case "platform" -> "https://" + region(account) + ".platform.bird.com";
                        default -> "https://conversations.messagebird.com";
                    };
            // A Zendesk account has a host of its own, and keys of one region are void in another.
            default ->
                    throw invalid(
                            account, "needs settings.apiUrl, e.g. https://api.eu-1.smooch.io");
        };
    }

    private static String documentedForSms(Account account) {
        return switch (account.provider()) {
            case "vonage" -> "https://rest.nexmo.com";
            case "messagebird" -> "https://rest.messagebird.com";
            default -> documentedOrApi(account);
        };
    }

    private static String documentedOrApi(Account account) {
        String api = account.setting("apiUrl", "");
        return api.isEmpty() ? documented(account) : api;
    }

    /** Read out of the key, {@code bk_eu1_…}. */
    private static String region(Account account) {
        String key =
                account.credential("accessKey").stream().findFirst().map(Secret::value).orElse("");
        String[] parts = key.split("_", 3);
        if (parts.length == 3 && parts[0].equals("bk") && parts[1].matches("[a-z]{2}[0-9]{1,2}")) {
            return parts[1];
        }
        throw invalid(
                account, "needs settings.apiUrl, since its accessKey is not of the form bk_eu1_…");
    }

    private static String checked(Account account, String setting, String url) {
        URI uri;
        try {
            uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
        } catch (IllegalArgumentException unreadable) {
            throw invalid(account, "settings." + setting + " is no URL");
        }
        boolean safe =
                "https".equals(uri.getScheme())
                        || "http".equals(uri.getScheme()) && THIS_MACHINE.contains(uri.getHost());
        if (!safe
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw invalid(
                    account,
                    "settings."
                            + setting
                            + " must be https://host/path without user, query and fragment; http only on this machine");
        }
        return uri.toString();
    }

    private static IllegalArgumentException invalid(Account account, String problem) {
        return new IllegalArgumentException(
                "tenants/" + account.tenant() + ".yaml: account " + account.id() + " " + problem);
    }
}
