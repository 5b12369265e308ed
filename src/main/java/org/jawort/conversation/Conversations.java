package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds the open conversation an entry belongs to, or opens one: per subject, account, channel and
 * business address, because a provider's reply window belongs to one number. One that fell idle is
 * closed first (RET-4).
 */
final class Conversations {

    private static final Duration IDLE = Duration.ofDays(30);

    private record Place(
            String tenant, UUID subject, String account, String channel, ByteBuffer business) {}

    private record Open(UUID id, Instant lastMessageAt, String category) {}

    /** What one batch does to one conversation. */
    private static final class Touched {
        final Place place;
        final UUID id;
        final boolean fresh;
        final String category;
        Instant lastMessageAt;
        Instant lastInboundAt;

        /** By the clock that times a refusal too: a STOP is not newer than itself. */
        Instant lastWrittenAt;

        Instant adClickAt;

        Touched(Place place, UUID id, boolean fresh, String category) {
            this.place = place;
            this.id = id;
            this.fresh = fresh;
            this.category = category;
        }
    }

    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;

    Conversations(JdbcTemplate jdbc, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
    }

    /**
     * Sets the conversation of each message and echo.
     *
     * @throws Contended if another transaction opened one of them at the same time
     */
    void resolve(List<Incoming> items) {
        Map<Place, Open> open = find(items);
        Map<Place, Touched> touched = new LinkedHashMap<>();
        List<UUID> idle = new ArrayList<>();
        List<String> idleTenants = new ArrayList<>();
        for (Incoming item : items) {
            Place place = find(item, open, touched);
            if (place == null) {
                continue;
            }
            Touched one =
                    touched.computeIfAbsent(
                            place,
                            missing -> {
                                Open known = open.get(place);
                                if (known != null
                                        && known.lastMessageAt()
                                                .plus(IDLE)
                                                .isBefore(item.receivedAt)) {
                                    idle.add(known.id());
                                    idleTenants.add(place.tenant());
                                    known = null;
                                }
                                return known == null
                                        ? new Touched(
                                                place,
                                                UuidCreator.getTimeOrderedEpoch(),
                                                true,
                                                null)
                                        : new Touched(place, known.id(), false, known.category());
                            });
            one.lastMessageAt = later(one.lastMessageAt, item.receivedAt);
            if (item.entry instanceof ProviderEntry.Received) {
                one.lastInboundAt = later(one.lastInboundAt, item.receivedAt);
                one.lastWrittenAt = later(one.lastWrittenAt, item.time().effective());
                if (isByAdvertisement(item)) {
                    one.adClickAt = later(one.adClickAt, item.time().effective());
                }
            }
            item.conversation = new Conversation(one.id, place.channel(), one.category);
        }
        close(idleTenants, idle);
        insert(touched.values().stream().filter(one -> one.fresh).toList());
        update(touched.values().stream().filter(one -> !one.fresh).toList());
    }

    /** Null for an entry that is no message. */
    private Place find(Incoming item, Map<Place, Open> open, Map<Place, Touched> touched) {
        return switch (item.entry) {
            case ProviderEntry.Received received ->
                    place(
                            item,
                            received.channel(),
                            received.to() == null ? null : received.to().address());
            case ProviderEntry.Echo echo ->
                    echo.channel() != null
                            ? place(
                                    item,
                                    echo.channel(),
                                    echo.from() == null ? null : echo.from().address())
                            : placeOfUnknownChannel(item, open, touched);
            case ProviderEntry.Status status -> null;
            case ProviderEntry.Preference preference -> null;
            case ProviderEntry.Identity identity -> null;
            case ProviderEntry.Template template -> null;
            case ProviderEntry.Ignored ignored -> null;
        };
    }

    private Place place(Incoming item, Channel channel, String business) {
        return new Place(
                item.tenant(),
                item.subject.id(),
                item.account.id(),
                channel == null ? "" : channel.wireName(),
                ByteBuffer.wrap(pseudonyms.business(item.tenant(), business)));
    }

    /**
     * An echo that tells no channel goes where its person talked with this account last; beside all
     * channels only if there is no such talk.
     */
    private Place placeOfUnknownChannel(
            Incoming item, Map<Place, Open> open, Map<Place, Touched> touched) {
        Map<Place, Instant> talked = new HashMap<>();
        open.forEach((place, conversation) -> talked.put(place, conversation.lastMessageAt()));
        touched.forEach((place, conversation) -> talked.put(place, conversation.lastMessageAt));
        return talked.entrySet().stream()
                .filter(
                        one ->
                                one.getKey().tenant().equals(item.tenant())
                                        && one.getKey().subject().equals(item.subject.id())
                                        && one.getKey().account().equals(item.account.id()))
                .max(
                        Comparator.<Map.Entry<Place, Instant>, Boolean>comparing(
                                        one -> !one.getKey().channel().isEmpty())
                                .thenComparing(Map.Entry.comparingByValue()))
                .map(Map.Entry::getKey)
                .orElseGet(() -> place(item, null, null));
    }

    private Map<Place, Open> find(List<Incoming> items) {
        Set<UUID> subjects =
                items.stream()
                        .filter(item -> item.subject != null && item.subject.known())
                        .map(item -> item.subject.id())
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tenants = items.stream().map(Incoming::tenant).collect(Collectors.toSet());
        Map<Place, Open> open = new HashMap<>();
        if (subjects.isEmpty()) {
            return open;
        }
        Bulk.query(
                jdbc,
                "select tenant, id, subject_id, account, channel, business_key, last_message_at, category from conversation"
                        + " where tenant = any(?::text[]) and subject_id = any(?::uuid[]) and closed_at is null",
                row ->
                        open.put(
                                new Place(
                                        row.getString("tenant"),
                                        row.getObject("subject_id", UUID.class),
                                        row.getString("account"),
                                        row.getString("channel"),
                                        ByteBuffer.wrap(row.getBytes("business_key"))),
                                new Open(
                                        row.getObject("id", UUID.class),
                                        Bulk.instant(row, "last_message_at"),
                                        row.getString("category"))),
                Column.of("text", tenants, value -> value),
                Column.of("uuid", subjects, value -> value));
        return open;
    }

    private void close(List<String> tenants, List<UUID> ids) {
        if (ids.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                // Calendar days in Berlin, as the retention route counts them, whatever the
                // session's zone.
                """
                update conversation c
                   set closed_at = (c.last_message_at at time zone 'Europe/Berlin' + make_interval(days => ?))
                                   at time zone 'Europe/Berlin'
                  from unnest(?::text[], ?::uuid[]) as idle(tenant, id)
                 where c.tenant = idle.tenant and c.id = idle.id""",
                Column.one((int) IDLE.toDays()),
                Column.of("text", tenants, value -> value),
                Column.of("uuid", ids, value -> value));
    }

    private void insert(List<Touched> fresh) {
        if (fresh.isEmpty()) {
            return;
        }
        int inserted =
                Bulk.update(
                        jdbc,
                        """
                insert into conversation (tenant, id, subject_id, account, channel, business_key, opened_at, last_message_at,
                                          last_inbound_at, last_written_at, ad_click_at)
                select tenant, id, subject_id, account, channel, business_key, last_message_at, last_message_at, last_inbound_at,
                       last_written_at, ad_click_at
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::bytea[], ?::timestamptz[], ?::timestamptz[],
                              ?::timestamptz[], ?::timestamptz[])
                    as n(tenant, id, subject_id, account, channel, business_key, last_message_at, last_inbound_at, last_written_at,
                         ad_click_at)
                on conflict (tenant, subject_id, account, channel, business_key) where closed_at is null do nothing""",
                        Column.of("text", fresh, one -> one.place.tenant()),
                        Column.of("uuid", fresh, one -> one.id),
                        Column.of("uuid", fresh, one -> one.place.subject()),
                        Column.of("text", fresh, one -> one.place.account()),
                        Column.of("text", fresh, one -> one.place.channel()),
                        Column.of("bytea", fresh, one -> one.place.business().array()),
                        Column.of("timestamptz", fresh, one -> one.lastMessageAt),
                        Column.of("timestamptz", fresh, one -> one.lastInboundAt),
                        Column.of("timestamptz", fresh, one -> one.lastWrittenAt),
                        Column.of("timestamptz", fresh, one -> one.adClickAt));
        if (inserted < fresh.size()) {
            throw new Contended("conversation");
        }
    }

    private void update(List<Touched> known) {
        if (known.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                update conversation c
                   set last_message_at = greatest(c.last_message_at, t.last_message_at),
                       last_inbound_at = greatest(c.last_inbound_at, t.last_inbound_at),
                       last_written_at = greatest(c.last_written_at, t.last_written_at),
                       ad_click_at = greatest(c.ad_click_at, t.ad_click_at)
                  from unnest(?::text[], ?::uuid[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[])
                    as t(tenant, id, last_message_at, last_inbound_at, last_written_at, ad_click_at)
                 where c.tenant = t.tenant and c.id = t.id""",
                Column.of("text", known, one -> one.place.tenant()),
                Column.of("uuid", known, one -> one.id),
                Column.of("timestamptz", known, one -> one.lastMessageAt),
                Column.of("timestamptz", known, one -> one.lastInboundAt),
                Column.of("timestamptz", known, one -> one.lastWrittenAt),
                Column.of("timestamptz", known, one -> one.adClickAt));
    }

    /** By the clock that times refusals; {@code null} if never on this channel. */
    Instant lastWrittenAt(Person person, Channel channel) {
        return Bulk.query(
                        jdbc,
                        "select max(last_written_at) as at from conversation where tenant = ? and subject_id = ? and channel = ?",
                        row -> Optional.ofNullable(Bulk.instant(row, "at")),
                        Column.one(person.tenant()),
                        Column.one(person.subject()),
                        Column.one(channel.wireName()))
                .getFirst()
                .orElse(null);
    }

    private static boolean isByAdvertisement(Incoming item) {
        String source = item.entry.json().path("referral").path("sourceType").asText("");
        return source.equalsIgnoreCase("ad") || source.equalsIgnoreCase("ads");
    }

    private static Instant later(Instant one, Instant other) {
        return one == null || other.isAfter(one) ? other : one;
    }
}
