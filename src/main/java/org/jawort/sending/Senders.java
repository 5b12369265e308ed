package org.jawort.sending;

import java.util.Arrays;
import java.util.List;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Account;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * From which of an account's numbers a message goes: from the one its conversation is held with,
 * for a window belongs to one number; where the account does not have that, from its first on the
 * channel.
 */
final class Senders {

    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;

    Senders(JdbcTemplate jdbc, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
    }

    /**
     * @param account that carries the message's channel
     */
    AccountChannel of(Account account, Outbound row) {
        List<AccountChannel> numbers = numbers(account, row.channel());
        return numbers.size() == 1 ? numbers.getFirst() : of(account, row.channel(), business(row));
    }

    /**
     * @param business keyed hash of the number a conversation is held with, {@code null} if there
     *     is none yet
     */
    AccountChannel of(Account account, Channel channel, byte[] business) {
        List<AccountChannel> numbers = numbers(account, channel);
        return numbers.stream()
                .filter(one -> Arrays.equals(key(account, one), business))
                .findFirst()
                .orElseGet(numbers::getFirst);
    }

    /** As conversations have it. */
    byte[] key(Account account, AccountChannel sender) {
        return pseudonyms.business(account.tenant(), sender.sender());
    }

    private static List<AccountChannel> numbers(Account account, Channel channel) {
        return account.channels().stream().filter(one -> one.channel() == channel).toList();
    }

    private byte[] business(Outbound row) {
        return Bulk.query(
                        jdbc,
                        "select business_key from conversation where tenant = ? and id = ?",
                        found -> found.getBytes(1),
                        Column.one(row.tenant()),
                        Column.one(row.conversation()))
                .stream()
                .findFirst()
                .orElse(null);
    }
}
