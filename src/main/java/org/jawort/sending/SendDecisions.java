package org.jawort.sending;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** Every decision about a message, without content or address (FLT-1). */
final class SendDecisions {

    /** When a decision was made: told to the caller at once, or the one that counts. */
    enum Stage {
        REQUEST,
        SEND
    }

    /**
     * One decision as it is kept.
     *
     * @param window {@code OPEN}, {@code WITHOUT_CONVERSATION} or {@code CLOSED}
     */
    record Kept(
            String stage,
            Instant decidedAt,
            String reason,
            String account,
            String basis,
            String consentState,
            UUID record,
            String textVersion,
            String window,
            Instant windowEndsAt,
            Set<String> obligations) {}

    private final JdbcTemplate jdbc;

    SendDecisions(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param reason of the filter, or why a message it allowed may not go all the same
     */
    void keep(Outbound row, SendDecider.Verdict verdict, String reason, Stage stage, Instant now) {
        ConsentRecord record = verdict.record();
        boolean onRecord = record != null && record.state() != ConsentState.NONE;
        String[] obligations =
                verdict.decision().obligations().stream().map(Enum::name).toArray(String[]::new);
        Bulk.update(
                jdbc,
                """
                insert into send_decision (tenant, id, message_id, subject_id, stage, decided_at, reason, account, basis, consent_state,
                                           record_id, text_version, window_kind, window_ends_at, obligations)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::uuid, ?, ?, ?::timestamptz, ?)""",
                Column.one(row.tenant()),
                Column.one(UuidCreator.getTimeOrderedEpoch()),
                Column.one(row.message()),
                Column.one(row.subject()),
                Column.one(stage.name().toLowerCase(java.util.Locale.ROOT)),
                Column.one(now),
                Column.one(reason),
                Column.one(row.account()),
                Column.one(record == null ? null : record.basis().name()),
                Column.one(record == null ? null : record.state().name()),
                Column.one(onRecord ? record.id().toString() : null),
                Column.one(verdict.decision().textVersion()),
                Column.one(window(verdict.window())),
                Column.one(
                        verdict.decision().windowEndsAt() == null
                                ? null
                                : verdict.decision().windowEndsAt().toString()),
                Column.of("text", Arrays.asList(obligations), value -> value));
        if (stage == Stage.SEND || !reason.equals("OUT_OK")) {
            jdbc.update(
                    "update message set decision = ?, reason = ?, consent_state = ?, consent_record = ?, account = ?,"
                            + " sent_at = coalesce(?, sent_at)"
                            + " where tenant = ? and id = ?",
                    reason.equals("OUT_OK") ? "accept" : "deny",
                    reason,
                    record == null ? null : record.state().name(),
                    onRecord ? record.id() : null,
                    row.account(),
                    stage == Stage.SEND && reason.equals("OUT_OK") ? Bulk.timestamp(now) : null,
                    row.tenant(),
                    row.message());
        }
    }

    /** In the order they were made. */
    List<Kept> of(String tenant, UUID message) {
        return jdbc.query(
                "select * from send_decision where tenant = ? and message_id = ? order by decided_at, id",
                (row, n) ->
                        new Kept(
                                row.getString("stage"),
                                Bulk.instant(row, "decided_at"),
                                row.getString("reason"),
                                row.getString("account"),
                                row.getString("basis"),
                                row.getString("consent_state"),
                                row.getObject("record_id", UUID.class),
                                row.getString("text_version"),
                                row.getString("window_kind"),
                                Bulk.instant(row, "window_ends_at"),
                                Arrays.stream((String[]) row.getArray("obligations").getArray())
                                        .collect(Collectors.toCollection(TreeSet::new))),
                tenant,
                message);
    }

    private static String window(ChannelWindow window) {
        return switch (window) {
            case ChannelWindow.Open open -> "OPEN";
            case ChannelWindow.WithoutConversation without -> "WITHOUT_CONVERSATION";
            case ChannelWindow.Closed closed -> "CLOSED";
            case null -> null;
        };
    }
}
