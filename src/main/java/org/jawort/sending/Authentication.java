package org.jawort.sending;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/**
 * How one account proves to its provider who it is. Of a credential with several values the first
 * is used: the second is the one that comes after it.
 */
public final class Authentication {

    private final Function<Instant, String> header;
    private final Map<String, String> smsForm;

    private Authentication(Function<Instant, String> header, Map<String, String> smsForm) {
        this.header = header;
        this.smsForm = smsForm;
    }

    /**
     * Empty if the account has no credentials to send with: then it only receives.
     *
     * @throws IllegalArgumentException naming the account if they cannot be used
     */
    public static Optional<Authentication> of(Account account) {
        return switch (account.provider()) {
            case "twilio" -> twilio(account);
            case "messagebird" -> messageBird(account);
            case "vonage" -> vonage(account);
            case "smooch" -> smooch(account);
            default -> Optional.empty();
        };
    }

    /** Value of the header {@code Authorization}. */
    public String header(Instant now) {
        return header.apply(now);
    }

    /**
     * Key and secret as fields, where an SMS API wants them there and not in a header; else empty.
     */
    Map<String, String> smsForm() {
        return smsForm;
    }

    /**
     * Value of the header {@code Authorization} from key and secret of the account; empty if it has
     * none.
     */
    Optional<String> secretHeader() {
        return smsForm.isEmpty()
                ? Optional.empty()
                : basic(Optional.of(smsForm.get("api_key")), Optional.of(smsForm.get("api_secret")))
                        .map(authentication -> authentication.header(Instant.EPOCH));
    }

    private static Optional<Authentication> twilio(Account account) {
        Optional<Authentication> key =
                basic(first(account, "apiKeySid"), first(account, "apiKeySecret"));
        return key.isPresent()
                ? key
                : basic(first(account, "accountSid"), first(account, "authToken"));
    }

    private static Optional<Authentication> messageBird(Account account) {
        String scheme = "platform".equals(account.api()) ? "Bearer " : "AccessKey ";
        return first(account, "accessKey").map(key -> always(scheme + key));
    }

    /** An application's key opens all channels, the account's secret only some. */
    private static Optional<Authentication> vonage(Account account) {
        Map<String, String> form =
                first(account, "apiKey")
                        .flatMap(
                                key ->
                                        first(account, "apiSecret")
                                                .map(
                                                        secret ->
                                                                Map.of(
                                                                        "api_key", key,
                                                                        "api_secret", secret)))
                        .orElse(Map.of());
        Optional<String> privateKey = first(account, "privateKey");
        if (privateKey.isPresent()) {
            String application =
                    first(account, "applicationId")
                            .orElseThrow(() -> invalid(account, "needs applicationId"));
            ApplicationToken token;
            try {
                token = ApplicationToken.vonage(application, privateKey.get());
            } catch (IllegalArgumentException unusable) {
                throw invalid(account, "privateKey: " + unusable.getMessage());
            }
            return Optional.of(new Authentication(now -> "Bearer " + token.at(now), form));
        }
        return form.isEmpty()
                ? Optional.empty()
                : basic(first(account, "apiKey"), first(account, "apiSecret"))
                        .map(basic -> new Authentication(basic.header, form));
    }

    private static Optional<Authentication> smooch(Account account) {
        Optional<String> id = first(account, "keyId");
        Optional<String> secret = first(account, "keySecret");
        if (!account.setting("authentication", "basic").equals("jwt")) {
            return basic(id, secret);
        }
        return id.flatMap(
                key ->
                        secret.map(
                                value -> {
                                    ApplicationToken token = ApplicationToken.smooch(key, value);
                                    return new Authentication(
                                            now -> "Bearer " + token.at(now), Map.of());
                                }));
    }

    private static Optional<Authentication> basic(Optional<String> user, Optional<String> secret) {
        return user.flatMap(
                name ->
                        secret.map(
                                password ->
                                        always(
                                                "Basic "
                                                        + Base64.getEncoder()
                                                                .encodeToString(
                                                                        (name + ":" + password)
                                                                                .getBytes(
                                                                                        StandardCharsets
                                                                                                .UTF_8)))));
    }

    private static Authentication always(String header) {
        return new Authentication(now -> header, Map.of());
    }

    private static Optional<String> first(Account account, String credential) {
        return account.credential(credential).stream().findFirst().map(Secret::value);
    }

    private static IllegalArgumentException invalid(Account account, String problem) {
        return new IllegalArgumentException(
                "tenants/" + account.tenant() + ".yaml: account " + account.id() + " " + problem);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
