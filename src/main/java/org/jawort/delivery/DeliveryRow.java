package org.jawort.delivery;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.label.StoredLabels;
import org.jawort.store.Bulk;

/** One delivery joined with its event, message and subject. */
final class DeliveryRow {
    UUID eventId;
    UUID lane;
    long sequence;
    int attempts;
    boolean woken;
    String type;
    String account;
    UUID subjectId;
    UUID conversationId;
    UUID messageId;
    Instant createdAt;
    byte[] sealedData;
    String detail;
    boolean hasMessage;
    String provider;
    String channel;
    String direction;
    Instant receivedAt;
    byte[] sealedBody;
    String decision;
    String reason;
    String purpose;
    String consentState;
    UUID consentRecord;
    List<String> flags;
    String category;
    boolean restricted;
    boolean erasing;
    byte[] wrapped;

    /** Whether what is sealed was not read, because there was too much of it before. */
    boolean leftOff;

    List<StoredLabels.Sealed> labels = List.of();
    byte[] sealedOriginal;

    /** Whether its event is all of a message. */
    boolean isWhole() {
        return sealedData == null && detail == null;
    }

    /** Whether its event is made of what only the subject's key opens. */
    boolean isSealed() {
        return sealedData != null || hasMessage && detail == null || isOfFile();
    }

    /** Whether its event is made of one medium of its message. */
    boolean isOfFile() {
        return type.equals(LateFiles.EVENT);
    }

    static DeliveryRow read(ResultSet row) throws SQLException {
        DeliveryRow read = new DeliveryRow();
        read.eventId = row.getObject("event_id", UUID.class);
        read.lane = row.getObject("lane", UUID.class);
        read.sequence = row.getLong("sequence");
        read.attempts = row.getInt("attempts");
        read.woken = row.getBoolean("woken");
        read.type = row.getString("type");
        read.account = row.getString("account");
        read.subjectId = row.getObject("subject_id", UUID.class);
        read.conversationId = row.getObject("conversation_id", UUID.class);
        read.messageId = row.getObject("message_id", UUID.class);
        read.createdAt = Bulk.instant(row, "created_at");
        read.sealedData = row.getBytes("sealed_data");
        read.detail = row.getString("detail");
        read.hasMessage = row.getBoolean("has_message");
        read.provider = row.getString("provider");
        read.channel = row.getString("channel");
        read.direction = row.getString("direction");
        read.receivedAt = Bulk.instant(row, "received_at");
        read.sealedBody = row.getBytes("sealed_body");
        read.decision = row.getString("decision");
        read.reason = row.getString("reason");
        read.purpose = row.getString("purpose");
        read.consentState = row.getString("consent_state");
        read.consentRecord = row.getObject("consent_record", UUID.class);
        Array flags = row.getArray("flags");
        read.flags = flags == null ? List.of() : List.of((String[]) flags.getArray());
        read.category = row.getString("category");
        read.restricted = row.getBoolean("restricted");
        read.erasing = row.getBoolean("erasing");
        read.wrapped = row.getBytes("wrapped");
        read.leftOff = row.getBoolean("left_off");
        return read;
    }
}
