package org.jawort.notice;

import com.github.f4b6a3.uuid.UuidCreator;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.conversation.Duties.Heard;
import org.jawort.message.Channel;
import org.jawort.message.MessageStatus;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Which notice a person was sent over which channel, and what became of it (INF-3). Works inside
 * the caller's transaction.
 */
final class NoticeLedger {

    /**
     * The attempt of a prompt that embeds the notice: numbered behind those at the notice itself,
     * of which there are three.
     */
    static final int BESIDE = 0;

    /** A person on a channel. */
    record Slot(Person person, Channel channel) {
        Slot {
            channel = channel.consentChannel();
        }
    }

    /** How far informing somebody with the notice in force has come. */
    enum Progress {
        NOT_BEGUN,
        UNDER_WAY,
        /** Once; it may be tried once more. */
        FAILED,
        GIVEN_UP,
        ARRIVED;

        /** Whether one more message is to be sent. */
        boolean isDue() {
            return this == NOT_BEGUN || this == FAILED;
        }

        int nextAttempt() {
            return this == FAILED ? 2 : 1;
        }

        Progress best(Progress other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    /**
     * A notice on its way.
     *
     * @param counts the notice it counts as, as {@code notice-v2}
     * @param attempt {@link #BESIDE} for a prompt
     * @param text what the person will read: the notice, or a prompt that embeds it
     * @param via the account or channel that carries it in the place of the one that failed, {@code
     *     null} as usual
     */
    record Underway(
            Slot slot,
            String counts,
            int attempt,
            Text text,
            UUID message,
            String cause,
            String template,
            String via) {}

    /** What a person had before their eyes: a notice, or a prompt that embeds it. */
    record Shown(String reference, String language) {}

    /** A notice that did not arrive. */
    record Failed(
            UUID notice, Slot slot, String counts, int attempt, String language, String cause) {}

    /** A notice that was delivered or read, of which nothing had been heard before. */
    record Arrived(String tenant, UUID notice) {}

    /** What statuses said that was new. */
    record News(List<Arrived> arrived, List<Failed> failed) {}

    private final JdbcTemplate jdbc;

    NoticeLedger(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param counting by tenant, the versions that inform as the one in force does
     * @return nothing for who was sent none of them. A prompt that failed was no attempt at it
     */
    Map<Slot, Progress> progress(Collection<Slot> slots, Map<String, List<String>> counting) {
        Map<Slot, Progress> progress = new HashMap<>();
        if (slots.isEmpty()) {
            return progress;
        }
        Bulk.query(
                jdbc,
                """
                select n.tenant, n.subject_id, n.channel, n.notice_version, n.attempt, n.failed_at is not null,
                       coalesce(n.delivered_at, n.read_at) is not null
                  from unnest(?::text[], ?::uuid[], ?::text[]) as w(tenant, subject_id, channel)
                  join notice_delivery n on n.tenant = w.tenant and n.subject_id = w.subject_id and n.channel = w.channel
                 where n.cause <> 'prompt' or n.failed_at is null or coalesce(n.delivered_at, n.read_at) is not null""",
                row -> {
                    Slot slot =
                            new Slot(
                                    new Person(row.getString(1), row.getObject(2, UUID.class)),
                                    Channel.of(row.getString(3)));
                    if (counting.getOrDefault(row.getString(1), List.of())
                            .contains(row.getString(4))) {
                        Progress one =
                                row.getBoolean(7)
                                        ? Progress.ARRIVED
                                        : !row.getBoolean(6)
                                                ? Progress.UNDER_WAY
                                                : row.getInt(5) > 1
                                                        ? Progress.GIVEN_UP
                                                        : Progress.FAILED;
                        progress.merge(slot, one, NoticeLedger::of);
                    }
                    return null;
                },
                Column.of("text", slots, slot -> slot.person().tenant()),
                Column.of("uuid", slots, slot -> slot.person().subject()),
                Column.of("text", slots, slot -> slot.channel().wireName()));
        return progress;
    }

    /**
     * A second attempt under way weighs more than the first that failed, and any that arrived most.
     */
    private static Progress of(Progress one, Progress other) {
        if (one == Progress.ARRIVED || other == Progress.ARRIVED) {
            return Progress.ARRIVED;
        }
        if (one == Progress.UNDER_WAY || other == Progress.UNDER_WAY) {
            return Progress.UNDER_WAY;
        }
        return one.best(other);
    }

    /**
     * @param counting the versions that inform as the one in force does
     */
    List<Shown> arrived(Slot slot, List<String> counting) {
        return Bulk.query(
                jdbc,
                """
                select text_version, language from notice_delivery
                 where tenant = ? and subject_id = ? and channel = ? and notice_version = any(?::text[])
                   and coalesce(delivered_at, read_at) is not null""",
                row -> new Shown(row.getString(1), row.getString(2)),
                Column.one(slot.person().tenant()),
                Column.one(slot.person().subject()),
                Column.one(slot.channel().wireName()),
                Column.of("text", counting, version -> version));
    }

    void add(List<Underway> notices, Instant now) {
        if (notices.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                insert into notice_delivery (tenant, id, subject_id, channel, notice_version, attempt, text_version, language,
                                             text_sha256, message_id, cause, template, via, queued_at)
                select tenant, id, subject_id, channel, notice_version,
                       case attempt when 0 then (select greatest(max(o.attempt), 3) from notice_delivery o
                                                  where o.tenant = n.tenant and o.subject_id = n.subject_id and o.channel = n.channel
                                                    and o.notice_version = n.notice_version)
                                                + row_number() over (partition by tenant, subject_id, channel, notice_version, attempt)
                            else attempt end,
                       text_version, language, text_sha256, message_id, cause, template, via, ?::timestamptz
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::smallint[], ?::text[], ?::text[],
                              ?::bytea[], ?::uuid[], ?::text[], ?::text[], ?::text[])
                    as n(tenant, id, subject_id, channel, notice_version, attempt, text_version, language, text_sha256, message_id, cause,
                         template, via)
                on conflict (tenant, subject_id, channel, notice_version, attempt) do nothing""",
                Column.one(now),
                Column.of("text", notices, one -> one.slot().person().tenant()),
                Column.of("uuid", notices, one -> UuidCreator.getTimeOrderedEpoch()),
                Column.of("uuid", notices, one -> one.slot().person().subject()),
                Column.of("text", notices, one -> one.slot().channel().wireName()),
                Column.of("text", notices, Underway::counts),
                Column.of("int2", notices, Underway::attempt),
                Column.of("text", notices, one -> one.text().reference()),
                Column.of("text", notices, one -> one.text().language()),
                Column.of("bytea", notices, one -> one.text().sha256()),
                Column.of("uuid", notices, Underway::message),
                Column.of("text", notices, Underway::cause),
                Column.of("text", notices, Underway::template),
                Column.of("text", notices, Underway::via));
    }

    /** Keeps when messages were sent, delivered, read or failed, if they carry a notice. */
    News heard(List<Heard> statuses) {
        List<Arrived> arrived = new ArrayList<>();
        List<Failed> failed = new ArrayList<>();
        List<Heard> telling =
                statuses.stream().filter(one -> column(one.status()) != null).toList();
        if (telling.isEmpty()) {
            return new News(arrived, failed);
        }
        Bulk.query(
                jdbc,
                """
                with w as (
                  select tenant, message_id, min(at) filter (where what = 'sent') as sent,
                         min(at) filter (where what = 'delivered') as delivered, min(at) filter (where what = 'read') as read,
                         min(at) filter (where what = 'failed') as failed
                    from unnest(?::text[], ?::uuid[], ?::text[], ?::timestamptz[]) as h(tenant, message_id, what, at)
                   group by tenant, message_id)
                update notice_delivery n
                   set sent_at = coalesce(n.sent_at, w.sent), delivered_at = coalesce(n.delivered_at, w.delivered),
                       read_at = coalesce(n.read_at, w.read), failed_at = coalesce(n.failed_at, w.failed)
                  from w join notice_delivery o on o.tenant = w.tenant and o.message_id = w.message_id
                 where n.tenant = o.tenant and n.id = o.id
                returning n.tenant, n.subject_id, n.channel, n.notice_version, n.attempt, n.language, n.cause, n.id,
                          w.failed is not null and n.failed_at = w.failed and n.delivered_at is null and n.read_at is null,
                          o.delivered_at is null and o.read_at is null and (w.delivered is not null or w.read is not null)""",
                row -> {
                    if (row.getBoolean(10)) {
                        arrived.add(new Arrived(row.getString(1), row.getObject(8, UUID.class)));
                    } else if (row.getBoolean(9)) {
                        failed.add(failed(row));
                    }
                    return null;
                },
                Column.of("text", telling, Heard::tenant),
                Column.of("uuid", telling, Heard::message),
                Column.of("text", telling, one -> column(one.status())),
                Column.of("timestamptz", telling, Heard::occurredAt));
        return new News(arrived, failed);
    }

    private static Failed failed(ResultSet row) throws SQLException {
        return new Failed(
                row.getObject("id", UUID.class),
                new Slot(
                        new Person(
                                row.getString("tenant"), row.getObject("subject_id", UUID.class)),
                        Channel.of(row.getString("channel"))),
                row.getString("notice_version"),
                row.getInt("attempt"),
                row.getString("language"),
                row.getString("cause"));
    }

    /** The notice that a message carried by another road than the usual, if it did not leave. */
    Optional<Failed> stranded(String tenant, UUID message) {
        return jdbc
                .query(
                        "select * from notice_delivery where tenant = ? and message_id = ? and sent_at is null"
                                + " and via is not null",
                        (row, n) -> failed(row),
                        tenant,
                        message)
                .stream()
                .findFirst();
    }

    /** A notice that was denied informed nobody, and may be tried as if it had not been. */
    void neverLeft(String tenant, UUID message) {
        jdbc.update(
                "delete from notice_delivery where tenant = ? and message_id = ? and sent_at is null",
                tenant,
                message);
    }

    /**
     * The person answered the prompt that embeds the notice: whatever the provider tells, it
     * arrived.
     */
    List<Arrived> answered(Slot slot, String promptVersion, Instant at) {
        return Bulk.query(
                        jdbc,
                        """
                update notice_delivery set delivered_at = ?::timestamptz
                 where tenant = ? and subject_id = ? and channel = ? and text_version = ? and delivered_at is null
                returning id, read_at is null""",
                        row ->
                                row.getBoolean(2)
                                        ? new Arrived(
                                                slot.person().tenant(),
                                                row.getObject(1, UUID.class))
                                        : null,
                        Column.one(at),
                        Column.one(slot.person().tenant()),
                        Column.one(slot.person().subject()),
                        Column.one(slot.channel().wireName()),
                        Column.one(promptVersion))
                .stream()
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * The language people last agreed, were asked or answered in on a channel, ISO 639-1; nothing
     * for those of whom none is known.
     */
    Map<Slot, String> languages(Collection<Slot> slots) {
        Map<Slot, String> languages = new HashMap<>();
        if (slots.isEmpty()) {
            return languages;
        }
        Bulk.query(
                jdbc,
                """
                select w.tenant, w.subject_id, w.channel, e.language
                  from unnest(?::text[], ?::uuid[], ?::text[]) as w(tenant, subject_id, channel)
                  join lateral (select language from consent_event e
                                 where e.tenant = w.tenant and e.subject_id = w.subject_id and e.channel = w.channel
                                   and e.language is not null and e.outcome <> 'rejected'
                                 order by e.chain_index desc limit 1) e on true""",
                row ->
                        languages.put(
                                new Slot(
                                        new Person(row.getString(1), row.getObject(2, UUID.class)),
                                        Channel.of(row.getString(3))),
                                row.getString(4).split("-")[0]),
                Column.of("text", slots, slot -> slot.person().tenant()),
                Column.of("uuid", slots, slot -> slot.person().subject()),
                Column.of("text", slots, slot -> slot.channel().wireName()));
        return languages;
    }

    private static String column(MessageStatus status) {
        return switch (status) {
            case SENT -> "sent";
            case DELIVERED -> "delivered";
            case READ -> "read";
            case FAILED, CANCELED -> "failed";
            case QUEUED, UNKNOWN -> null;
        };
    }
}
