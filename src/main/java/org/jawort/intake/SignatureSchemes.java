package org.jawort.intake;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/** Chooses how the webhooks of an account prove where they come from. */
public final class SignatureSchemes {

    /** A little more than the 24 hours for which Vonage tries again. */
    private static final String VONAGE_WINDOW = "PT25H";

    /**
     * The scheme for this account's provider, API generation and settings: {@code jwtWindow} (ISO
     * 8601 duration, default {@code PT25H}) and {@code smsSignature} ({@code md5hash}, {@code md5},
     * {@code sha1}, {@code sha256} or {@code sha512}, as chosen at Vonage, whose default is {@code
     * md5hash}). Cheap enough to be asked for every webhook; safe for many threads.
     *
     * @throws IllegalArgumentException if provider, generation or a setting is unknown or
     *     unreadable, or a MessageBird platform key is not Base64; says what would be right, never
     *     a credential
     */
    public SignatureScheme of(Account account) {
        return switch (String.valueOf(account.provider())) {
            case "twilio" -> new TwilioSignature();
            case "messagebird" -> messageBird(account);
            case "vonage" -> vonage(account);
            case "smooch" -> new SmoochSignature();
            default ->
                    throw refused(
                            account,
                            "provider '%s' is not one of twilio, messagebird, vonage, smooch"
                                    .formatted(account.provider()));
        };
    }

    private static SignatureScheme messageBird(Account account) {
        return switch (Objects.requireNonNullElse(account.api(), "classic")) {
            case "classic" -> MessageBirdSignature.CLASSIC;
            case "channels" -> MessageBirdSignature.CHANNELS;
            case "platform" -> platform(account);
            default ->
                    throw refused(
                            account,
                            "api '%s' is not one of classic, channels, platform"
                                    .formatted(account.api()));
        };
    }

    private static SignatureScheme platform(Account account) {
        List<Secret> keys = account.credential("signingKey");
        if (!keys.stream()
                .allMatch(key -> key.isEmpty() || StandardWebhooks.key(key).isPresent())) {
            throw refused(account, "signingKey of the platform API is whsec_ followed by Base64");
        }
        return MessageBirdSignature.PLATFORM;
    }

    private static SignatureScheme vonage(Account account) {
        Duration window = window(account);
        String word = account.setting("smsSignature", "md5hash");
        VonageSmsSignature.Method method =
                VonageSmsSignature.Method.named(word)
                        .orElseThrow(
                                () ->
                                        refused(
                                                account,
                                                "smsSignature '%s' is not one of md5hash, md5, sha1, sha256, sha512"
                                                        .formatted(word)));
        return new VonageSignature(window, new VonageSmsSignature(method, window));
    }

    private static Duration window(Account account) {
        String text = account.setting("jwtWindow", VONAGE_WINDOW);
        try {
            Duration window = Duration.parse(text);
            if (window.isPositive() && window.compareTo(Duration.ofDays(365)) <= 0) {
                return window;
            }
        } catch (DateTimeException e) {
            // refused below like a window that is no window
        }
        throw refused(
                account,
                "jwtWindow '%s' is not an ISO 8601 duration of up to a year".formatted(text));
    }

    private static IllegalArgumentException refused(Account account, String because) {
        return new IllegalArgumentException(
                "account %s of %s: %s".formatted(account.id(), account.tenant(), because));
    }
}
