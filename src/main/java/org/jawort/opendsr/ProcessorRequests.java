package org.jawort.opendsr;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What was asked of which processor, and how far it is; the task of the erasure follows. Works
 * inside the caller's transaction.
 */
final class ProcessorRequests {

    /** As OpenDSR names them; a request is QUEUED before it is received. */
    enum Status {
        PENDING,
        IN_PROGRESS,
        COMPLETED,
        CANCELLED
    }

    /**
     * @param sealed identities, {@code null} once received
     * @param wrappedKey of the run, {@code null} once that is over
     */
    record Asked(UUID id, UUID run, Instant submittedAt, byte[] sealed, byte[] wrappedKey) {}

    private final JdbcTemplate jdbc;

    ProcessorRequests(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    void insert(
            String tenant,
            UUID id,
            UUID run,
            String recipient,
            UUID event,
            Instant submitted,
            byte[] sealed) {
        jdbc.update(
                """
                insert into processor_request (tenant, id, run, recipient, event_id, submitted_at, sealed_identities, status)
                values (?, ?, ?, ?, ?, ?, ?, 'QUEUED')""",
                tenant,
                id,
                run,
                recipient,
                event,
                Bulk.timestamp(submitted),
                sealed);
    }

    Optional<Asked> ofEvent(String tenant, UUID event, String recipient) {
        return Bulk.query(
                        jdbc,
                        """
                        select p.id, p.run, p.submitted_at, p.sealed_identities, r.wrapped_key from processor_request p
                          left join erasure_run r on r.tenant = p.tenant and r.id = p.run
                         where p.tenant = ? and p.event_id = ? and p.recipient = ?""",
                        row ->
                                new Asked(
                                        row.getObject(1, UUID.class),
                                        row.getObject(2, UUID.class),
                                        Bulk.instant(row, "submitted_at"),
                                        row.getBytes(4),
                                        row.getBytes(5)),
                        Column.one(tenant),
                        Column.one(event),
                        Column.one(recipient))
                .stream()
                .findFirst();
    }

    /**
     * The processor has it and promises a time; of the first receipt its hash is kept. What the
     * processor told since, it told later.
     */
    void received(
            String tenant,
            UUID id,
            String recipient,
            byte[] receipt,
            Instant expected,
            Instant now) {
        Bulk.query(
                        jdbc,
                        """
                        update processor_request set received_at = ?::timestamptz, receipt_sha256 = ?, sealed_identities = null,
                               status = case status when 'QUEUED' then 'PENDING' else status end,
                               expected_at = coalesce(expected_at, ?::timestamptz)
                         where tenant = ? and id = ? and recipient = ? and received_at is null
                        returning status, expected_at""",
                        row ->
                                row.getString("status").matches("PENDING|IN_PROGRESS")
                                        ? Bulk.instant(row, "expected_at")
                                        : null,
                        Column.one(now),
                        Column.one(sha256(receipt)),
                        Column.one(expected),
                        Column.one(tenant),
                        Column.one(id),
                        Column.one(recipient))
                .stream()
                .filter(Objects::nonNull)
                .forEach(until -> task(tenant, id, "EXPIRES_AT", until, "RECEIPT", now));
    }

    /**
     * A processor may be faster than its receipt is written down.
     *
     * @return false if there is no such request, or it is over
     */
    boolean told(
            String tenant,
            UUID id,
            String recipient,
            Status status,
            Instant expected,
            Instant now) {
        int moved =
                jdbc.update(
                        """
                        update processor_request set status = ?, expected_at = coalesce(?, expected_at), told_at = ?
                         where tenant = ? and id = ? and recipient = ? and status in ('QUEUED', 'PENDING', 'IN_PROGRESS')""",
                        status.name(),
                        expected == null ? null : Bulk.timestamp(expected),
                        Bulk.timestamp(now),
                        tenant,
                        id,
                        recipient);
        if (moved == 0) {
            return false;
        }
        switch (status) {
            case COMPLETED -> {
                task(tenant, id, "DONE", null, null, now);
                settle(tenant, id);
            }
            case CANCELLED -> {
                task(tenant, id, "MANUAL", null, "CANCELLED", now);
                jdbc.update(
                        """
                        update erasure_run set status = 'COMPLETED_WITH_EXCEPTIONS'
                         where tenant = ? and status = 'COMPLETED'
                           and id = (select run from processor_request where tenant = ? and id = ?)""",
                        tenant,
                        tenant,
                        id);
            }
            case PENDING, IN_PROGRESS -> {
                if (expected != null) {
                    task(tenant, id, "EXPIRES_AT", expected, "RECEIPT", now);
                    settle(tenant, id);
                }
            }
        }
        return true;
    }

    private void task(
            String tenant, UUID id, String status, Instant until, String reason, Instant now) {
        jdbc.update(
                """
                update erasure_task t set status = ?, until = ?, reason = ?, updated_at = ?
                  from processor_request p
                 where p.tenant = ? and p.id = ? and t.tenant = p.tenant and t.run = p.run and t.recipient = p.recipient""",
                status,
                until == null ? null : Bulk.timestamp(until),
                reason,
                Bulk.timestamp(now),
                tenant,
                id);
    }

    /** A processor whose receipt nobody could believe, until it was given up, may still do it. */
    private void settle(String tenant, UUID id) {
        jdbc.update(
                """
                update erasure_run r set status = 'COMPLETED'
                 where r.tenant = ? and r.status = 'COMPLETED_WITH_EXCEPTIONS'
                   and r.id = (select run from processor_request where tenant = ? and id = ?)
                   and not exists (select 1 from erasure_task t where t.tenant = r.tenant and t.run = r.id
                                      and t.status not in ('DONE', 'EXPIRES_AT'))""",
                tenant,
                tenant,
                id);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
