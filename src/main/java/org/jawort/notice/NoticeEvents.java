package org.jawort.notice;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.notice.NoticeLedger.Arrived;
import org.jawort.notice.NoticeLedger.Failed;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Tells the tenant's destinations that a notice arrived, or that it is given up (INF-3). The data
 * is sealed under the person's key, because a provider's id of a message may hold their number.
 * Works inside the caller's transaction.
 */
final class NoticeEvents {

    private static final String DELIVERED = "jawort.notice.delivered.v1";
    private static final String FAILED = "jawort.notice.failed.v1";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Tenants tenants;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Outbox outbox;

    NoticeEvents(Tenants tenants, JdbcTemplate jdbc, SubjectKeys keys, Outbox outbox) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.keys = keys;
        this.outbox = outbox;
    }

    /** What arrived now, for the first time. */
    List<DeliveryRecord> delivered(List<Arrived> arrived, Instant now) {
        return arrived.stream()
                .filter(one -> isAwaited(one.tenant(), DELIVERED))
                .map(one -> event(one.tenant(), one.notice(), DELIVERED, null, now))
                .filter(Objects::nonNull)
                .flatMap(event -> tell(event, now).stream())
                .toList();
    }

    /**
     * Nothing more is tried by itself.
     *
     * @param why {@code not_delivered}, or the code of the decision that kept the last try here
     */
    List<DeliveryRecord> failed(Failed failed, String why, Instant now) {
        String tenant = failed.slot().person().tenant();
        NewEvent event =
                isAwaited(tenant, FAILED) ? event(tenant, failed.notice(), FAILED, why, now) : null;
        return event == null ? List.of() : tell(event, now);
    }

    private boolean isAwaited(String tenant, String type) {
        return !receivers(tenant, type).isEmpty();
    }

    private Collection<Destination> receivers(String tenant, String type) {
        return tenants.get(tenant).destinations().values().stream()
                .filter(destination -> destination.receives(type, false))
                .toList();
    }

    private List<DeliveryRecord> tell(NewEvent event, Instant now) {
        return outbox.addDue(List.of(event), told -> receivers(told.tenant(), told.type()), now);
    }

    /** {@code null} if the person's key is destroyed. */
    private NewEvent event(String tenant, UUID notice, String type, String why, Instant now) {
        return Bulk.query(
                        jdbc,
                        """
                        select n.*, m.account, m.provider, m.conversation_id, m.sealed_body, k.wrapped
                          from notice_delivery n
                          join subject_key k on k.tenant = n.tenant and k.subject_id = n.subject_id and k.key_group = 'ordinary'
                          left join message m on m.tenant = n.tenant and m.id = n.message_id
                         where n.tenant = ? and n.id = ?""",
                        row -> event(tenant, row, type, why, now),
                        Column.one(tenant),
                        Column.one(notice))
                .stream()
                .findFirst()
                .orElse(null);
    }

    private NewEvent event(String tenant, ResultSet row, String type, String why, Instant now)
            throws SQLException {
        UUID subject = row.getObject("subject_id", UUID.class);
        SubjectKey key = keys.open(tenant, subject, row.getBytes("wrapped"));
        byte[] body = row.getBytes("sealed_body");
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        UUID message = row.getObject("message_id", UUID.class);
        data.put("messageId", message == null ? null : message.toString());
        data.put("channel", row.getString("channel"));
        data.put("via", row.getString("via"));
        data.put("provider", row.getString("provider"));
        data.put("account", row.getString("account"));
        data.put(
                "providerMessageId",
                body == null
                        ? null
                        : read(key.open("message.body", body))
                                .path("providerMessageId")
                                .asText(null));
        data.put("noticeVersion", row.getString("notice_version"));
        data.put("textVersion", row.getString("text_version"));
        data.put("textSha256", HexFormat.of().formatHex(row.getBytes("text_sha256")));
        data.put("language", row.getString("language"));
        data.put("cause", row.getString("cause"));
        data.put("template", row.getString("template"));
        data.put("attempt", row.getInt("attempt"));
        for (String moment : List.of("sent", "delivered", "read", "failed")) {
            Instant at = Bulk.instant(row, moment + "_at");
            data.put(moment + "At", at == null ? null : at.toString());
        }
        if (type.equals(FAILED)) {
            data.put("status", "failed");
            data.put("reason", why);
        } else {
            data.put("status", row.getObject("delivered_at") == null ? "read" : "delivered");
        }
        return new NewEvent(
                tenant,
                UuidCreator.getTimeOrderedEpoch(),
                type,
                row.getString("account"),
                subject,
                row.getObject("conversation_id", UUID.class),
                message,
                false,
                now,
                null,
                key.seal("event.data", data.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
