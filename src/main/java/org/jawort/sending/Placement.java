package org.jawort.sending;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.tenant.Account;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.tenant.Template;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/** Finds person, conversation and sender of messages, and opens conversations. */
final class Placement {

    /** A message with its person, place and sender found. */
    record Placed(
            OutgoingMessage wanted,
            Recipients.Recipient recipient,
            Channel channel,
            Account account,
            AccountChannel sender,
            Talk conversation) {

        UUID id() {
            return wanted.id();
        }

        String tenant() {
            return wanted.tenant();
        }

        boolean scheduled(Instant now) {
            return wanted.sendAt() != null && wanted.sendAt().isAfter(now);
        }
    }

    /** Where it goes, and what somebody said of that by law; {@code null} if nobody did. */
    record Talk(UUID id, String category) {}

    private final Tenants tenants;
    private final JdbcTemplate jdbc;
    private final Recipients recipients;
    private final Senders senders;
    private final AccountChoice choice;

    Placement(
            Tenants tenants,
            JdbcTemplate jdbc,
            Recipients recipients,
            Senders senders,
            AccountChoice choice) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.recipients = recipients;
        this.senders = senders;
        this.choice = choice;
    }

    /** Without those that could reach nobody. */
    List<Placed> place(List<OutgoingMessage> messages, Instant now) {
        List<Placed> placed = new ArrayList<>();
        for (Recipients.Recipient recipient : recipients.find(messages)) {
            OutgoingMessage wanted = recipient.wanted();
            Channel channel =
                    wanted.channel() != null
                            ? wanted.channel()
                            : recipient.place() == null ? null : recipient.place().channel();
            if (channel == null || recipient.key() == null || recipient.address() == null) {
                continue;
            }
            account(wanted, recipient, channel, now)
                    .ifPresent(
                            account -> {
                                AccountChannel sender = sender(account, channel, recipient.place());
                                placed.add(
                                        new Placed(
                                                wanted,
                                                recipient,
                                                channel,
                                                account,
                                                sender,
                                                conversation(
                                                        wanted, recipient, account, sender, now)));
                            });
        }
        return placed;
    }

    private Optional<Account> account(
            OutgoingMessage wanted, Recipients.Recipient recipient, Channel channel, Instant now) {
        Recipients.Place place = recipient.place();
        String own = place == null ? null : place.account();
        boolean isBound =
                place != null && AccountChoice.isBoundToANumber(channel, wanted.template());
        Predicate<Account> mayAnswer =
                account ->
                        !isBound
                                || account.id().equals(own)
                                || Arrays.equals(
                                        senders.key(account, sender(account, channel, place)),
                                        place.businessKey());
        Predicate<Account> may = mayAnswer.and(account -> knows(wanted, channel, account));
        return choice.candidates(tenants.get(wanted.tenant()), channel, own, may, now).stream()
                .filter(
                        account ->
                                wanted.account() == null || account.id().equals(wanted.account()))
                .findFirst();
    }

    /** Whether the account's provider has the message's template, if the channel needs one. */
    private boolean knows(OutgoingMessage wanted, Channel channel, Account account) {
        if (wanted.template() == null || channel != Channel.WHATSAPP) {
            return true;
        }
        Template template = tenants.get(wanted.tenant()).templates().get(wanted.template());
        String language = wanted.content().at("/template/language").asText();
        return template != null && template.registered(language, account.provider()) != null;
    }

    private Talk conversation(
            OutgoingMessage wanted,
            Recipients.Recipient recipient,
            Account account,
            AccountChannel sender,
            Instant now) {
        Recipients.Place place = recipient.place();
        // of a conversation that retention has deleted meanwhile there is no place any more
        boolean isThere =
                place != null
                        && (wanted.conversation() != null || place.account().equals(account.id()));
        return jdbc.queryForObject(
                """
                insert into conversation as c (tenant, id, subject_id, account, channel, business_key, opened_at, last_message_at)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (tenant, subject_id, account, channel, business_key) where closed_at is null
                   do update set last_message_at = greatest(c.last_message_at, excluded.last_message_at)
                returning id, category""",
                (row, n) -> new Talk(row.getObject(1, UUID.class), row.getString(2)),
                wanted.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                wanted.subject(),
                isThere ? place.account() : account.id(),
                sender.channel().wireName(),
                isThere ? place.businessKey() : senders.key(account, sender),
                Bulk.timestamp(now),
                Bulk.timestamp(now));
    }

    private AccountChannel sender(Account account, Channel channel, Recipients.Place place) {
        return senders.of(account, channel, place == null ? null : place.businessKey());
    }
}
