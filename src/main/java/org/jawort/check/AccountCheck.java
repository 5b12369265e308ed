package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jawort.intake.SignatureSchemes;
import org.jawort.media.MediaFetches;
import org.jawort.sending.SendingAccounts;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/**
 * What an account needs to receive, and to send if it does, is there; its secrets are elsewhere.
 */
final class AccountCheck {

    /** By provider: what its accounts may have, first what signs or shows that a webhook is its. */
    private static final Map<String, List<String>> CREDENTIALS =
            Map.of(
                    "twilio", List.of("authToken", "accountSid", "apiKeySid", "apiKeySecret"),
                    "messagebird", List.of("signingKey", "accessKey", "workspaceId"),
                    "vonage",
                            List.of(
                                    "signatureSecret",
                                    "apiKey",
                                    "applicationId",
                                    "apiSecret",
                                    "privateKey"),
                    "smooch", List.of("secret", "appId", "webhookId", "keyId", "keySecret"));

    /** An account has no secrets in files: what stands after {@code file:} would be the secret. */
    private static final Pattern REFERENCES =
            Pattern.compile("(\\$\\{[A-Z][A-Z0-9_]*(:[^}]*)?}\\s*)*");

    private final List<RouteFile> routes;
    private final List<Finding> findings = new ArrayList<>();

    AccountCheck(List<RouteFile> routes) {
        this.routes = routes;
    }

    List<Finding> findings() {
        return findings;
    }

    /**
     * @param at where in the file the account stands
     */
    void check(String file, YamlTree yaml, String at, Account account) {
        checkRoute(file, yaml, at, "fetch-", "gets files", "routes/media", account);
        checkCredentials(file, yaml, at, account);
        Account known = withoutUnset(account);
        if (!account.settings().containsValue(TenantCheck.UNSET)) {
            usable(file, yaml, at, known, new SignatureSchemes()::of);
            usable(file, yaml, at, known, MediaFetches::check);
        }
        if (account.sending() == null) {
            return;
        }
        checkRoute(file, yaml, at, "send-", "sends", "routes/sending", account);
        if (known.equals(account)) {
            usable(file, yaml, at, account, SendingAccounts::check);
        }
    }

    private void checkRoute(
            String file,
            YamlTree yaml,
            String at,
            String prefix,
            String does,
            String folder,
            Account account) {
        String route = prefix + account.provider();
        if (routes.stream().noneMatch(found -> found.id().equals(route))) {
            findings.add(
                    new Finding(
                            file,
                            yaml.line(at),
                            "account "
                                    + account.id()
                                    + " "
                                    + does
                                    + ", and there is no route "
                                    + route,
                            "add it under " + folder));
        }
    }

    private void checkCredentials(String file, YamlTree yaml, String at, Account account) {
        JsonNode credentials = yaml.root().at(at + "/credentials");
        List<String> names = CREDENTIALS.get(account.provider());
        String first = names.getFirst();
        if (values(credentials.path(first)).allMatch(String::isBlank)) {
            findings.add(
                    new Finding(
                            file,
                            yaml.line(at + "/credentials/" + first),
                            "account "
                                    + account.id()
                                    + " has no credential '"
                                    + first
                                    + "': each of its webhooks would be refused",
                            "write credentials: { " + first + ": \"${NAME}\" }"));
        }
        credentials
                .properties()
                .forEach(
                        credential -> {
                            String name = credential.getKey();
                            int line = yaml.line(at + "/credentials/" + name);
                            String which = "account " + account.id() + ": credentials." + name;
                            if (!names.contains(name)) {
                                findings.add(
                                        new Finding(
                                                file,
                                                line,
                                                which + " is unknown",
                                                "use one of " + String.join(", ", names)));
                            } else if (!SendingAccounts.isId(name)
                                    && !values(credential.getValue())
                                            .allMatch(text -> REFERENCES.matcher(text).matches())) {
                                findings.add(
                                        new Finding(
                                                file,
                                                line,
                                                which + " holds a secret",
                                                "write ${NAME} and keep the value there"));
                            }
                        });
    }

    private void usable(
            String file, YamlTree yaml, String at, Account account, Consumer<Account> check) {
        try {
            check.accept(account);
        } catch (IllegalArgumentException unusable) {
            String problem = unusable.getMessage().replaceFirst("^tenants/[^:]+: ", "");
            findings.add(new Finding(file, yaml.line(at + place(problem)), problem, ""));
        }
    }

    private static String place(String problem) {
        var setting =
                Pattern.compile("settings\\.([A-Za-z]+)|(jwtWindow|smsSignature) ")
                        .matcher(problem);
        if (!setting.find()) {
            return "/credentials";
        }
        return "/settings/" + (setting.group(1) == null ? setting.group(2) : setting.group(1));
    }

    /** A credential that is not set here is known only where the hub runs. */
    private static Account withoutUnset(Account account) {
        Map<String, List<Secret>> known = new LinkedHashMap<>();
        account.credentials()
                .forEach(
                        (name, values) ->
                                known.put(
                                        name,
                                        values.stream()
                                                .filter(
                                                        value ->
                                                                !value.value()
                                                                        .equals(TenantCheck.UNSET))
                                                .toList()));
        return new Account(
                account.tenant(),
                account.id(),
                account.provider(),
                account.processor(),
                account.api(),
                account.channels(),
                known,
                account.settings(),
                account.sending());
    }

    private static Stream<String> values(JsonNode credential) {
        Stream.Builder<String> values = Stream.builder();
        if (credential.isArray()) {
            credential.forEach(value -> values.add(value.asText()));
        } else {
            values.add(credential.asText(""));
        }
        return values.build();
    }
}
