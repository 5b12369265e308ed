package org.jawort.notice;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jawort.message.Channel;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * By what other road a notice can reach a person who did not get it (INF-3): another account on the
 * same channel where the person's address is a telephone number, which every account can reach;
 * else another channel on which the person has an address and refused nothing. Whether it may leave
 * is decided when it is sent, as for any message. Works inside the caller's transaction.
 */
final class AlternativeRoutes {

    /**
     * @param account to send over, {@code null} to let the hub choose
     */
    record Route(Channel channel, String account) {

        /** How it differs from the road that failed. */
        String via() {
            return account == null ? channel.wireName() : account;
        }
    }

    /** Ids of the accounts that can carry a channel at a moment, the best first. */
    interface Senders {
        List<String> of(String tenant, Channel channel, Instant now);
    }

    private final JdbcTemplate jdbc;
    private final Senders senders;

    AlternativeRoutes(JdbcTemplate jdbc, Senders senders) {
        this.jdbc = jdbc;
        this.senders = senders;
    }

    Optional<Route> after(Slot failed, Instant now) {
        return otherAccount(failed, now).or(() -> otherChannel(failed, now));
    }

    private Optional<Route> otherAccount(Slot failed, Instant now) {
        boolean isNumber =
                switch (failed.channel()) {
                    case SMS, MMS, RCS, WHATSAPP -> true;
                    case MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, LINE, WEB -> false;
                };
        if (!isNumber) {
            return Optional.empty();
        }
        Set<String> used =
                Set.copyOf(
                        Bulk.query(
                                jdbc,
                                """
                                select distinct unnest(o.account || o.tried) from notice_delivery n
                                  join outbound o on o.tenant = n.tenant and o.message_id = n.message_id
                                 where n.tenant = ? and n.subject_id = ? and n.channel = ?""",
                                row -> row.getString(1),
                                Column.one(failed.person().tenant()),
                                Column.one(failed.person().subject()),
                                Column.one(failed.channel().wireName())));
        return senders.of(failed.person().tenant(), failed.channel(), now).stream()
                .filter(account -> !used.contains(account))
                .findFirst()
                .map(account -> new Route(failed.channel(), account));
    }

    private Optional<Route> otherChannel(Slot failed, Instant now) {
        return Bulk.query(
                        jdbc,
                        """
                        select a.channel from address a
                         where a.tenant = ? and a.subject_id = ? and a.channel not in ('*', ?)
                           and not exists (select 1 from suppression s
                                            where s.tenant = a.tenant and s.subject_id = a.subject_id and s.channel = a.channel
                                              and s.scope = 'ALL' and s.since > coalesce(s.lifted_at, '-infinity'))
                           and not exists (select 1 from consent_record r
                                            where r.tenant = a.tenant and r.subject_id = a.subject_id and r.channel = a.channel
                                              and r.state in ('WITHDRAWN', 'OBJECTED', 'DECLINED'))
                         group by a.channel order by max(a.created_at) desc, a.channel""",
                        row -> Channel.of(row.getString(1)),
                        Column.one(failed.person().tenant()),
                        Column.one(failed.person().subject()),
                        Column.one(failed.channel().wireName()))
                .stream()
                .filter(channel -> !senders.of(failed.person().tenant(), channel, now).isEmpty())
                .findFirst()
                .map(channel -> new Route(channel, null));
    }
}
