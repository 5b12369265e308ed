package org.jawort.rights;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentErasure;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Erases a person from the store and tells the destinations that had data of them. Letters a
 * statute keeps stay, restricted; without any the person's key goes too. Providers are told
 * nothing: their copies are named as theirs to delete.
 */
final class StoreErasure implements ErasureRun {

    private static final String ERASED = "jawort.subject.erased.v1";

    /** Data type by category of what a statute keeps. */
    private static final Map<String, String> KEPT =
            Map.of("COMMERCIAL_LETTER", "commercial-letter", "VOUCHER", "voucher");

    private static final String LETTER = "category in ('COMMERCIAL_LETTER', 'VOUCHER')";

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Tenants tenants;
    private final ConsentErasure consent;
    private final SubjectKeys keys;
    private final Outbox outbox;
    private final RightsEvents events;
    private final Periods periods;
    private final InstantSource clock;

    StoreErasure(
            TenantScope scope,
            JdbcTemplate jdbc,
            Tenants tenants,
            ConsentErasure consent,
            SubjectKeys keys,
            Outbox outbox,
            RightsEvents events,
            Periods periods,
            InstantSource clock) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.consent = consent;
        this.keys = keys;
        this.outbox = outbox;
        this.events = events;
        this.periods = periods;
        this.clock = clock;
    }

    @Override
    public void erase(String tenant, UUID subject, UUID request) {
        boolean isGone =
                scope.call(
                        tenant,
                        () -> {
                            jdbc.update(
                                    "update subject set erasing_at = coalesce(erasing_at, ?) where tenant = ? and id = ?",
                                    Bulk.timestamp(clock.instant()),
                                    tenant,
                                    subject);
                            return progress(tenant, request).deleted();
                        });
        if (!isGone) {
            scope.run(tenant, () -> delete(tenant, subject, request));
            keys.forget(tenant, subject);
        }
    }

    private void delete(String tenant, UUID subject, UUID request) {
        Instant now = clock.instant();
        tell(tenant, subject, request, now);
        consent.erase(new Person(tenant, subject), now);
        for (String rows :
                List.of(
                        "media where message_id in (select id from message where tenant = ? and subject_id = ? and not "
                                + LETTER
                                + ") and tenant = ?",
                        "message_annotation where tenant = ? and subject_id = ?",
                        "message where tenant = ? and subject_id = ? and not " + LETTER,
                        "message_status where tenant = ? and subject_id = ?",
                        "notice_delivery where tenant = ? and subject_id = ?",
                        "send_decision where tenant = ? and subject_id = ?",
                        "outbound where tenant = ? and subject_id = ?",
                        "rights_package where tenant = ? and subject_id = ?",
                        "address where tenant = ? and subject_id = ?")) {
            if (rows.endsWith(") and tenant = ?")) {
                jdbc.update("delete from " + rows, tenant, subject, tenant);
            } else {
                jdbc.update("delete from " + rows, tenant, subject);
            }
        }
        jdbc.update(
                "update event set sealed_data = null where tenant = ? and subject_id = ? and sealed_data is not null",
                tenant,
                subject);
        boolean keepsLetters =
                Boolean.TRUE.equals(
                        jdbc.queryForObject(
                                "select exists (select 1 from message where tenant = ? and subject_id = ?)",
                                Boolean.class,
                                tenant,
                                subject));
        if (keepsLetters) {
            jdbc.update(
                    "update subject set restricted_at = coalesce(restricted_at, ?) where tenant = ? and id = ?",
                    Bulk.timestamp(now),
                    tenant,
                    subject);
        } else {
            jdbc.update(
                    "delete from subject_key where tenant = ? and subject_id = ?", tenant, subject);
        }
    }

    private void tell(String tenant, UUID subject, UUID request, Instant now) {
        Set<String> had = events.recipients(tenant, subject);
        NewEvent event =
                new NewEvent(
                        tenant,
                        UuidCreator.getTimeOrderedEpoch(),
                        ERASED,
                        null,
                        subject,
                        null,
                        null,
                        false,
                        now,
                        "{\"requestId\":\"" + request + "\"}",
                        null);
        outbox.addDue(
                List.of(event),
                any ->
                        tenants.get(tenant).destinations().values().stream()
                                .filter(
                                        one ->
                                                had.contains(one.id())
                                                        || one.receives(ERASED, false))
                                .toList(),
                now);
    }

    @Override
    public Progress progress(String tenant, UUID request) {
        Optional<UUID> subject =
                jdbc
                        .queryForList(
                                "select subject_id from rights_request where tenant = ? and id = ?",
                                UUID.class,
                                tenant,
                                request)
                        .stream()
                        .findFirst();
        if (subject.isEmpty()) {
            return new Progress(false, List.of(), List.of());
        }
        Boolean left =
                jdbc.queryForObject(
                        "select exists (select 1 from address where tenant = ? and subject_id = ?)"
                                + " or exists (select 1 from message where tenant = ? and subject_id = ? and not "
                                + LETTER
                                + ")",
                        Boolean.class,
                        tenant,
                        subject.get(),
                        tenant,
                        subject.get());
        return new Progress(
                Boolean.FALSE.equals(left),
                kept(tenant, subject.get()),
                told(tenant, request, subject.get()));
    }

    private List<Kept> kept(String tenant, UUID subject) {
        return jdbc.query(
                "select category, count(*) as n, max(received_at) as newest from message where tenant = ? and subject_id = ? and "
                        + LETTER
                        + " group by category order by category",
                (row, n) -> {
                    String dataType = KEPT.get(row.getString("category"));
                    Periods.Kept rule =
                            periods.of(tenant).stream()
                                    .filter(one -> one.dataType().equals(dataType))
                                    .findFirst()
                                    .orElseThrow();
                    return new Kept(
                            dataType,
                            row.getLong("n"),
                            periods.until(tenant, dataType, Bulk.instant(row, "newest")),
                            rule.basis(),
                            rule.rule());
                },
                tenant,
                subject);
    }

    private List<Recipient> told(String tenant, UUID request, UUID subject) {
        List<Recipient> told =
                new ArrayList<>(
                        jdbc.query(
                                """
                                select d.destination, d.state from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
                                 where e.tenant = ? and e.subject_id = ? and e.type = ? and e.detail ->> 'requestId' = ?
                                 order by d.destination""",
                                (row, n) ->
                                        new Recipient(
                                                row.getString("destination"),
                                                switch (row.getString("state")) {
                                                    case "delivered" -> "DONE";
                                                    case "dead" -> "MANUAL";
                                                    default -> "RETRY";
                                                },
                                                null),
                                tenant,
                                subject,
                                ERASED,
                                request.toString()));
        jdbc.queryForList(
                        """
                        select distinct d.destination from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
                         where e.tenant = ? and e.subject_id = ? and d.destination like ? and d.state = 'delivered' order by 1""",
                        String.class,
                        tenant,
                        subject,
                        Destination.SEND + "%")
                .forEach(one -> told.add(new Recipient(one, "NOT_SUPPORTED", null)));
        return told;
    }
}
