package org.jawort.rights;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.notice.Text;
import org.jawort.notice.Texts;
import org.jawort.sending.Outgoing;
import org.jawort.sending.OutgoingMessage;
import org.jawort.sending.Trigger;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a person is told in chat about their request: that it arrived, that it takes longer, where
 * the answer is, that a restriction ends. Never what the answer says (DSR-6). Inside the caller's
 * transaction.
 */
final class Replies {

    /**
     * Channels close their window after a day; a little before that a template is the safer way.
     */
    private static final Duration WINDOW = Duration.ofHours(23);

    private final Texts texts;
    private final Tenants tenants;
    private final Outgoing outgoing;
    private final JdbcTemplate jdbc;
    private final MeterRegistry meters;

    Replies(
            Texts texts,
            Tenants tenants,
            Outgoing outgoing,
            JdbcTemplate jdbc,
            MeterRegistry meters) {
        this.texts = texts;
        this.tenants = tenants;
        this.outgoing = outgoing;
        this.jdbc = jdbc;
        this.meters = meters;
    }

    /**
     * @param occasion tells this message from the request's others: it goes once
     * @param values of the text's placeholders beyond the hub's own
     * @return the message; empty if the person cannot be told in chat, or the tenant has no such
     *     text
     */
    Optional<UUID> say(
            RightsRequest request,
            TextKind kind,
            String occasion,
            Map<String, String> values,
            Instant now) {
        if (request.replyChannel() == null) {
            return Optional.empty();
        }
        Optional<Text> text = texts.current(request.tenant(), kind, request.language());
        if (text.isEmpty()) {
            return unsaid(request, kind, "text_missing");
        }
        Optional<Channel> road = road(request, now);
        if (road.isEmpty()) {
            return unsaid(request, kind, "provider_blocks");
        }
        Channel channel = road.get();
        UUID id = UuidCreator.getTimeOrderedEpoch();
        String words = texts.render(request.tenant(), text.get(), channel, values);
        String template =
                isWindowOpen(request, channel, now)
                        ? null
                        : tenants.get(request.tenant()).textTemplates().get(text.get().reference());
        outgoing.enqueue(
                List.of(
                        new OutgoingMessage(
                                id,
                                request.tenant(),
                                request.subject(),
                                null,
                                channel,
                                null,
                                null,
                                Purpose.DSR_REPLY,
                                content(template, text.get().language(), words, values),
                                template,
                                new Trigger(Trigger.Kind.DSR, request.id() + ":" + occasion),
                                null)),
                now);
        boolean goes =
                Boolean.TRUE.equals(
                        jdbc.queryForObject(
                                "select exists (select 1 from outbound where tenant = ? and message_id = ?)",
                                Boolean.class,
                                request.tenant(),
                                id));
        return goes ? Optional.of(id) : Optional.empty();
    }

    private Optional<UUID> unsaid(RightsRequest request, TextKind kind, String reason) {
        meters.counter(
                        "jawort.obliged.unsaid",
                        "tenant",
                        request.tenant(),
                        "kind",
                        kind.wireName(),
                        "reason",
                        reason)
                .increment();
        return Optional.empty();
    }

    /**
     * Where a provider takes nothing for the person, another channel on which they have an address
     * (FLT-4), one with an open window first. Empty if there is none, and where all that is known
     * of who asks is that they have the address that is blocked (DSR-2).
     */
    private Optional<Channel> road(RightsRequest request, Instant now) {
        Channel asked = request.replyChannel().consentChannel();
        List<Channel> blocked =
                Bulk.query(
                        jdbc,
                        "select channel from suppression where tenant = ? and subject_id = ? and scope = 'ALL'"
                                + " and source = 'PROVIDER' and since > coalesce(lifted_at, '-infinity')",
                        row -> Channel.of(row.getString(1)),
                        Column.one(request.tenant()),
                        Column.one(request.subject()));
        if (!blocked.contains(asked)) {
            return Optional.of(request.replyChannel());
        }
        if (request.channel() != null) {
            return Optional.empty();
        }
        return Bulk.query(
                        jdbc,
                        "select channel from address where tenant = ? and subject_id = ? and channel <> '*'"
                                + " group by channel order by max(created_at) desc, channel",
                        row -> Channel.of(row.getString(1)),
                        Column.one(request.tenant()),
                        Column.one(request.subject()))
                .stream()
                .filter(channel -> !blocked.contains(channel))
                .filter(channel -> !outgoing.senders(request.tenant(), channel, now).isEmpty())
                .min(Comparator.comparing(channel -> !isWindowOpen(request, channel, now)));
    }

    /** The language in which the person is answered. */
    String language(RightsRequest request) {
        return request.language() != null
                ? request.language()
                : tenants.get(request.tenant()).language();
    }

    /** A day as people write it. */
    String day(RightsRequest request, LocalDate day) {
        return AnswerWords.day(day, Locale.forLanguageTag(language(request)));
    }

    private boolean isWindowOpen(RightsRequest request, Channel channel, Instant now) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        "select exists (select 1 from conversation where tenant = ? and subject_id = ?"
                                + " and case channel when 'mms' then 'sms' else channel end = ? and last_inbound_at > ?)",
                        Boolean.class,
                        request.tenant(),
                        request.subject(),
                        channel.consentChannel().wireName(),
                        Bulk.timestamp(now.minus(WINDOW))));
    }

    /** A registered template gets the values in the alphabetical order of their names. */
    private static ObjectNode content(
            String template, String language, String words, Map<String, String> values) {
        ObjectNode content =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("type", template == null ? "text" : "template")
                        .put("text", words);
        if (template != null) {
            var parameters =
                    content.putObject("template")
                            .put("name", template)
                            .put("language", language)
                            .putArray("parameters");
            new ArrayList<>(new TreeMap<>(values).values()).forEach(parameters::add);
        }
        return content;
    }
}
