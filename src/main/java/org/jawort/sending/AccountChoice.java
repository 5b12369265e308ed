package org.jawort.sending;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jawort.message.Channel;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenant;

/**
 * Which account sends: those that carry the channel and can send, permitted by the tenant's
 * residency, the conversation's own first, then by order of preference; one that is failing comes
 * last.
 */
final class AccountChoice {

    private final SendingAccounts accounts;
    private final AccountHealth health;

    AccountChoice(SendingAccounts accounts, AccountHealth health) {
        this.accounts = accounts;
        this.health = health;
    }

    /**
     * @param own the account the conversation is held over, {@code null} if there is none yet
     * @return the best first; empty if no account carries the channel
     */
    List<Account> candidates(Tenant tenant, Channel channel, String own, Instant now) {
        return candidates(tenant, channel, own, account -> true, now);
    }

    /**
     * @param mayAnswer whether the account writes from the number that may, and what its provider
     *     has; the others come after all of these, also after one that is failing, for it will be
     *     well again
     */
    List<Account> candidates(
            Tenant tenant, Channel channel, String own, Predicate<Account> mayAnswer, Instant now) {
        return tenant.accounts().values().stream()
                .filter(account -> canSend(tenant, account, channel))
                .sorted(
                        Comparator.comparing((Account account) -> !mayAnswer.test(account))
                                .thenComparing(
                                        account -> health.isSpared(tenant.id(), account.id(), now))
                                .thenComparing(account -> !account.id().equals(own))
                                .thenComparing(account -> account.sending().order()))
                .toList();
    }

    /** Whether the account can send on the channel, and the tenant's residency lets it. */
    boolean canSend(Tenant tenant, Account account, Channel channel) {
        return carries(account, channel)
                && accounts.canSend(account)
                && Residency.allows(tenant, account, channel);
    }

    /**
     * Whom a message is handed on to. Outside a template the person answered one number, and only
     * this number may write back, so only an account with the same one can take over.
     *
     * @param tried accounts that had their turn
     */
    Optional<Account> next(
            Tenant tenant, Outbound row, Set<String> tried, String business, Instant now) {
        return takers(tenant, row, business, now)
                .filter(account -> !tried.contains(account.id()))
                .filter(account -> !health.isSpared(tenant.id(), account.id(), now))
                .findFirst();
    }

    /**
     * Who takes over from an account that is gone, or cannot carry the message: also one that had
     * its turn, or is failing, for it will be well again.
     */
    Optional<Account> instead(Tenant tenant, Outbound row, String business, Instant now) {
        return takers(tenant, row, business, now)
                .filter(account -> !account.id().equals(row.account()))
                .filter(account -> !row.unable().contains(account.id()))
                .findFirst();
    }

    private Stream<Account> takers(Tenant tenant, Outbound row, String business, Instant now) {
        if (row.fixed()) {
            return Stream.empty();
        }
        return candidates(tenant, row.channel(), null, now).stream()
                .filter(
                        account ->
                                !isBoundToANumber(row.channel(), row.template())
                                        || business != null
                                                && account.channels().stream()
                                                        .anyMatch(
                                                                one ->
                                                                        one.channel()
                                                                                        == row
                                                                                                .channel()
                                                                                && business.equals(
                                                                                        one
                                                                                                .address())));
    }

    /** Whether only the number that the person wrote to may write to them. */
    static boolean isBoundToANumber(Channel channel, String template) {
        return template == null && !isFreeOfWindows(channel);
    }

    static boolean carries(Account account, Channel channel) {
        return account.channels().stream().anyMatch(one -> one.channel() == channel);
    }

    private static boolean isFreeOfWindows(Channel channel) {
        return switch (channel) {
            case SMS, MMS, RCS -> true;
            case WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, LINE, WEB -> false;
        };
    }
}
