package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.OutboundCheck;
import org.jawort.consent.OutboundReason;
import org.jawort.message.MessageStatus;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Writer;
import org.springframework.jdbc.core.JdbcTemplate;

/** What is known of messages the hub shall send or has sent. Works in the caller's transaction. */
public final class MessageViews {

    /**
     * @param reason why it was denied, failed or is in doubt; {@code null} otherwise
     * @param writtenBy {@code human} or {@code bot}; {@code null} for what was written in advance
     * @param disclosure who writes from here on, if that is what this message tells
     * @param authentication when and how the person asked for it; {@code null} if nobody said
     * @param statuses what was told of it, in the order it was heard
     */
    public record View(
            UUID messageId,
            String state,
            String channel,
            String purpose,
            String template,
            String account,
            UUID subjectId,
            UUID conversationId,
            String reference,
            String reason,
            Instant sendAt,
            Instant createdAt,
            String writtenBy,
            JsonNode disclosure,
            JsonNode authentication,
            List<Status> statuses) {}

    public record Status(String status, String occurredAt, String error) {}

    /**
     * @param check as {@link OutboundCheck} names it, or {@code BOT_DISCLOSURE} or {@code CAP}
     */
    public record Check(String check, String answer) {}

    public record Decision(
            String stage,
            Instant decidedAt,
            String reason,
            boolean allowed,
            String account,
            String basis,
            String consentState,
            UUID record,
            String textVersion,
            String window,
            Instant windowEndsAt,
            Set<String> obligations,
            List<Check> checks) {}

    /**
     * The message that told the person that a bot writes (FLT-7).
     *
     * @param textVersion with which text; {@code null} if it is deleted, as the language is
     */
    public record DisclosedBy(UUID messageId, String state, String textVersion, String language) {}

    /**
     * @param disclosedBy {@code null} for what no bot wrote
     */
    public record Explained(
            UUID messageId,
            String state,
            String writtenBy,
            DisclosedBy disclosedBy,
            List<Decision> decisions) {}

    /** Asked after the filter has allowed a message, in this order: what denies, and its check. */
    private static final List<Map.Entry<String, String>> AFTER_THE_FILTER =
            List.of(
                    Map.entry(SendClaim.UNDISCLOSED, "BOT_DISCLOSURE"),
                    Map.entry(SendClaim.CAP, "CAP"));

    private final OutboundRows rows;
    private final SendDecisions decisions;
    private final SendDocuments documents;
    private final SendEvents events;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    MessageViews(
            OutboundRows rows,
            SendDecisions decisions,
            SendDocuments documents,
            SendEvents events,
            JdbcTemplate jdbc,
            InstantSource clock) {
        this.rows = rows;
        this.decisions = decisions;
        this.documents = documents;
        this.events = events;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @param restricted whether who asks may read of somebody whose data is restricted (GDPR Art.
     *     18) or being erased; all others get of those what the hub itself says of the message
     */
    public Optional<View> view(String tenant, UUID message, boolean restricted) {
        return rows.find(tenant, message)
                .map(
                        row ->
                                view(
                                        row,
                                        restricted || isReadable(row)
                                                ? documents.open(row)
                                                : Optional.empty()));
    }

    private boolean isReadable(Outbound row) {
        return jdbc.queryForList(
                        "select 1 from subject where tenant = ? and id = ?"
                                + " and (restricted_at is not null or erasing_at is not null)",
                        Integer.class,
                        row.tenant(),
                        row.subject())
                .isEmpty();
    }

    /**
     * Stops a message that has not been decided about for good, and tells so.
     *
     * @return whether it could still be stopped
     */
    public boolean cancel(String tenant, UUID message) {
        Instant now = clock.instant();
        if (!rows.cancel(tenant, message, now)) {
            return false;
        }
        Outbound row = rows.find(tenant, message).orElseThrow();
        documents
                .open(row)
                .ifPresent(
                        opened ->
                                rows.tell(
                                        List.of(
                                                events.status(
                                                        row,
                                                        opened,
                                                        MessageStatus.CANCELED,
                                                        null,
                                                        now)),
                                        now));
        return true;
    }

    /** Every decision about a message with each check in its order, without content or address. */
    public Optional<Explained> explain(String tenant, UUID message) {
        return rows.find(tenant, message)
                .map(
                        row ->
                                new Explained(
                                        message,
                                        row.state().wireName(),
                                        writtenBy(row),
                                        disclosedBy(row),
                                        decisions.of(tenant, message).stream()
                                                .map(MessageViews::decision)
                                                .toList()));
    }

    private static Decision decision(SendDecisions.Kept kept) {
        return new Decision(
                kept.stage(),
                kept.decidedAt(),
                kept.reason(),
                kept.reason().equals(OutboundReason.OUT_OK.name()),
                kept.account(),
                kept.basis(),
                kept.consentState(),
                kept.record(),
                kept.textVersion(),
                kept.window(),
                kept.windowEndsAt(),
                kept.obligations(),
                checks(kept.reason()));
    }

    private static String writtenBy(Outbound row) {
        return row.writer() == Writer.SYSTEM ? null : row.writer().wireName();
    }

    private DisclosedBy disclosedBy(Outbound row) {
        if (row.disclosedBy() == null) {
            return null;
        }
        Optional<Outbound> told = rows.find(row.tenant(), row.disclosedBy());
        Optional<JsonNode> how = told.flatMap(this::disclosure);
        return new DisclosedBy(
                row.disclosedBy(),
                told.map(one -> one.state().wireName()).orElse(null),
                how.map(one -> one.path("textVersion").textValue()).orElse(null),
                how.map(one -> one.path("language").textValue()).orElse(null));
    }

    private Optional<JsonNode> disclosure(Outbound row) {
        return documents.open(row).map(one -> one.body().get(Disclosures.DISCLOSURE));
    }

    private static List<Check> checks(String reason) {
        boolean isLater = AFTER_THE_FILTER.stream().anyMatch(one -> one.getKey().equals(reason));
        OutboundReason filter = isLater ? OutboundReason.OUT_OK : OutboundReason.valueOf(reason);
        List<Check> checks = new ArrayList<>();
        Stream.of(OutboundCheck.values())
                .forEach(check -> checks.add(new Check(check.name(), check.in(filter).name())));
        boolean asked = filter == OutboundReason.OUT_OK;
        for (Map.Entry<String, String> later : AFTER_THE_FILTER) {
            OutboundCheck.Answer answer =
                    !asked
                            ? OutboundCheck.Answer.NOT_ASKED
                            : later.getKey().equals(reason)
                                    ? OutboundCheck.Answer.DENIED
                                    : OutboundCheck.Answer.PASSED;
            checks.add(new Check(later.getValue(), answer.name()));
            asked = answer == OutboundCheck.Answer.PASSED;
        }
        return checks;
    }

    private View view(Outbound row, Optional<SendDocuments.Opened> opened) {
        return new View(
                row.message(),
                row.state().wireName(),
                row.channel().wireName(),
                row.purpose().name(),
                row.template(),
                row.account(),
                row.subject(),
                row.conversation(),
                opened.map(one -> one.body().path("reference").textValue()).orElse(null),
                row.reason(),
                row.sendAt(),
                row.createdAt(),
                writtenBy(row),
                opened.map(one -> one.body().get(Disclosures.DISCLOSURE)).orElse(null),
                opened.map(one -> Written.authentication(one.body())).orElse(null),
                opened.map(one -> statuses(row, one)).orElse(List.of()));
    }

    private List<Status> statuses(Outbound row, SendDocuments.Opened opened) {
        return Bulk.query(
                jdbc,
                """
                select sealed_data from event where tenant = ? and message_id = ? and type = 'jawort.message.status.v1'
                 and subject_id = ? and sealed_data is not null order by created_at, id""",
                found -> {
                    ObjectNode data =
                            MessageBody.read(opened.key().open("event.data", found.getBytes(1)));
                    JsonNode error = data.path("error").path("code");
                    return new Status(
                            data.path("status").asText(),
                            data.path("occurredAt").textValue(),
                            error.textValue());
                },
                Column.one(row.tenant()),
                Column.one(row.message()),
                Column.one(row.subject()));
    }
}
