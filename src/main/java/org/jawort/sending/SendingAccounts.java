package org.jawort.sending;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;

/**
 * The accounts that can send: those whose tenant file has {@code sending} and the credentials for
 * it. All others only receive.
 */
public final class SendingAccounts {

    /** Credentials that are ids; all others are secrets and never reach a mapping. */
    private static final Set<String> IDS =
            Set.of("accountSid", "apiKeySid", "applicationId", "appId", "webhookId", "workspaceId");

    private final Map<String, Authentication> authentications = new HashMap<>();
    private final List<Account> accounts = new ArrayList<>();

    /**
     * @throws IllegalArgumentException naming the account whose credentials or URLs cannot be used
     */
    public SendingAccounts(Tenants tenants) {
        tenants.all().stream()
                .flatMap(tenant -> tenant.accounts().values().stream())
                .filter(account -> account.sending() != null)
                .forEach(
                        account ->
                                Authentication.of(account)
                                        .ifPresent(
                                                authentication -> {
                                                    ApiUrls.of(account); // here rather than at the
                                                    // first message
                                                    accounts.add(account);
                                                    authentications.put(
                                                            key(account.tenant(), account.id()),
                                                            authentication);
                                                }));
    }

    /**
     * @throws IllegalArgumentException if credentials or URLs of the account cannot be used
     */
    public static void check(Account account) {
        Authentication.of(account).ifPresent(usable -> ApiUrls.of(account));
    }

    /** Whether a credential of this name is an id, and no secret. */
    public static boolean isId(String credential) {
        return IDS.contains(credential);
    }

    /** In the order of the tenant files. */
    public List<Account> all() {
        return List.copyOf(accounts);
    }

    /** Ids of those of a tenant. */
    List<String> of(String tenant) {
        return accounts.stream()
                .filter(account -> account.tenant().equals(tenant))
                .map(Account::id)
                .toList();
    }

    public boolean canSend(Account account) {
        return authentications.containsKey(key(account.tenant(), account.id()));
    }

    /** {@code ids} of a {@link SendRequest}'s document: what may be told of the account. */
    public static Map<String, String> ids(Account account) {
        Map<String, String> ids = new TreeMap<>(account.settings());
        ids.values().removeIf(String::isEmpty); // left open in the environment: not there
        account.credentials()
                .forEach(
                        (name, values) -> {
                            if (IDS.contains(name) && !values.isEmpty()) {
                                ids.put(name, values.getFirst().value());
                            }
                        });
        return ids;
    }

    /**
     * @throws IllegalStateException if the account cannot send; its route would not be there
     */
    Authentication authentication(String tenant, String account) {
        Authentication authentication = authentications.get(key(tenant, account));
        if (authentication == null) {
            throw new IllegalStateException("account " + account + " cannot send");
        }
        return authentication;
    }

    private static String key(String tenant, String account) {
        return tenant + "/" + account;
    }
}
