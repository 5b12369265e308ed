package org.jawort.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jawort.consent.ConsentBook;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What people were written last before they wrote, by an agent or an application: a "Nein" answers
 * that, and not a prompt of earlier (CON-11). What the hub says by itself asks nothing but its
 * prompts.
 */
final class AskedSince {

    private final JdbcTemplate jdbc;

    AskedSince(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** When, for entries of people who have a prompt that a "Nein" could still be about. */
    Map<Incoming, Instant> find(List<Incoming> items, ConsentBook book) {
        Map<Incoming, Instant> offered = new LinkedHashMap<>();
        items.forEach(item -> offeredAt(item, book).ifPresent(at -> offered.put(item, at)));
        List<Incoming> wanted = List.copyOf(offered.keySet());
        Map<Incoming, Instant> found = new HashMap<>();
        if (wanted.isEmpty()) {
            return found;
        }
        Bulk.query(
                jdbc,
                """
                select w.n, max(said.at)
                  from unnest(?::text[], ?::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[])
                       with ordinality as w(tenant, subject, channel, offered, at, n)
                 cross join lateral (
                       select o.channel, o.claimed_at as at from outbound o
                        where o.tenant = w.tenant and o.subject_id = w.subject and o.trigger_kind = 'API'
                          and o.state in ('sending', 'sent', 'unknown')
                        union all
                       select m.channel, m.received_at from message m
                        where m.tenant = w.tenant and m.subject_id = w.subject and m.direction = 'outbound'
                          and m.reason = ?) as said
                 where said.at between w.offered and w.at
                   and case said.channel when 'mms' then 'sms' when '' then w.channel else said.channel end = w.channel
                 group by w.n""",
                row -> found.put(wanted.get(row.getInt(1) - 1), Bulk.instant(row, "max")),
                Column.of("text", wanted, Incoming::tenant),
                Column.of("uuid", wanted, item -> item.subject.id()),
                Column.of("text", wanted, item -> channel(item).wireName()),
                Column.of("timestamptz", wanted, offered::get),
                Column.of("timestamptz", wanted, item -> item.time().effective()),
                Column.one(EchoEntries.SENT_ELSEWHERE));
        return found;
    }

    /** The later of what the store knows and what came before the entry in its own batch. */
    static Instant of(Incoming item, Batch batch) {
        Instant last = batch.asked.get(item);
        List<Instant> echoes = new ArrayList<>();
        for (Messages.Decided message : batch.messages) {
            Incoming echo = message.item();
            if (echo.entry instanceof ProviderEntry.Echo said
                    && echo.person().equals(item.person())
                    && (said.channel() == null
                            || said.channel().consentChannel() == channel(item))) {
                echoes.add(echo.time().effective());
            }
        }
        if (last != null) {
            echoes.add(last);
        }
        Instant written = item.time().effective();
        return echoes.stream()
                .filter(at -> !at.isAfter(written))
                .max(Instant::compareTo)
                .orElse(null);
    }

    /** When the first prompt was offered that the entry could decline, empty if it could none. */
    private static Optional<Instant> offeredAt(Incoming item, ConsentBook book) {
        if (!(item.entry instanceof ProviderEntry.Received)) {
            return Optional.empty();
        }
        Instant at = item.time().effective();
        return book.records(item.person()).stream()
                .filter(record -> record.channel() == channel(item))
                .filter(record -> record.hasOpenPrompt() || record.mayStillDecline(at))
                .map(record -> record.prompt().offeredAt())
                .min(Instant::compareTo);
    }

    private static Channel channel(Incoming item) {
        return ((ProviderEntry.Received) item.entry).channel().consentChannel();
    }
}
