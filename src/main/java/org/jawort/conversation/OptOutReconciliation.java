package org.jawort.conversation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Channel;
import org.jawort.sending.OptOuts;
import org.jawort.sending.SendError;
import org.jawort.sending.SendResult;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Compares what providers did with our messages and our own suppressions (CON-15). None of the four
 * has a list of opt-outs to read or a documented question for one number, so their side is what
 * they answered and reported: a message refused because of an opt-out means blocked, one delivered
 * means not blocked. The stricter side wins: a block we do not have is taken over (T9), one the
 * provider does not have stays ours. Either is told to the tenant's destinations, once. Registered
 * as {@code optOutReconciliation}.
 */
public final class OptOutReconciliation {

    /** As far back as statuses are kept. */
    private static final Duration LOOK_BACK = Duration.ofDays(90);

    private static final Logger LOG = LoggerFactory.getLogger(OptOutReconciliation.class);

    static final String TYPE = "jawort.consent.drifted.v1";

    /**
     * @param refused the newest message that the provider refused; {@code null} where the block is
     *     ours
     */
    private record Drift(
            UUID subject,
            Channel channel,
            boolean marketingOnly,
            Instant at,
            OptOuts.Refused refused) {}

    private final PersonalConsent.Desk desk;
    private final SendOutcomes outcomes;
    private final Outbox outbox;
    private final JdbcTemplate jdbc;
    private final TenantScope scope;
    private final InstantSource clock;
    private final MeterRegistry meters;

    OptOutReconciliation(
            PersonalConsent.Desk desk,
            SendOutcomes outcomes,
            Outbox outbox,
            JdbcTemplate jdbc,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        this.desk = desk;
        this.outcomes = outcomes;
        this.outbox = outbox;
        this.jdbc = jdbc;
        this.scope = scope;
        this.clock = clock;
        this.meters = meters;
    }

    public List<String> tenants() {
        return desk.tenants();
    }

    public void compare(String tenant) {
        Instant since = clock.instant().minus(LOOK_BACK);
        for (Drift drift : scope.call(tenant, () -> blockedThereOnly(tenant, since))) {
            scope.run(
                    tenant,
                    () -> {
                        outcomes.optedOut(
                                new Person(tenant, drift.subject()),
                                drift.channel(),
                                drift.refused(),
                                drift.at(),
                                clock.instant());
                        tell(tenant, drift, "provider");
                    });
            report(tenant, drift, "provider");
        }
        for (Drift drift : scope.call(tenant, () -> blockedHereOnly(tenant, since))) {
            scope.run(tenant, () -> tell(tenant, drift, "hub"));
            report(tenant, drift, "hub");
        }
    }

    /** Once per what was seen, however many nights it is seen again. */
    private void tell(String tenant, Drift drift, String blockedBy) {
        Integer told =
                jdbc.queryForObject(
                        """
                        select count(*) from event
                         where tenant = ? and subject_id = ? and type = ? and detail ->> 'channel' = ? and detail ->> 'blockedBy' = ?
                           and detail ->> 'seenAt' = ?""",
                        Integer.class,
                        tenant,
                        drift.subject(),
                        TYPE,
                        drift.channel().wireName(),
                        blockedBy,
                        drift.at().toString());
        if (told != null && told > 0) {
            return;
        }
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("channel", drift.channel().wireName());
        data.put("scope", drift.marketingOnly() ? "MARKETING" : "ALL");
        data.put("blockedBy", blockedBy);
        data.put("seenAt", drift.at().toString());
        Instant now = clock.instant();
        outbox.addDue(
                List.of(
                        new NewEvent(
                                tenant,
                                UuidCreator.getTimeOrderedEpoch(),
                                TYPE,
                                null,
                                drift.subject(),
                                null,
                                null,
                                false,
                                now,
                                data.toString(),
                                null)),
                event -> desk.policy(tenant).receivers(event),
                now);
    }

    /** Refused as opted out, and no suppression of ours that is as new. */
    private List<Drift> blockedThereOnly(String tenant, Instant since) {
        return Bulk.query(
                jdbc,
                """
                select distinct on (o.subject_id, o.channel, o.marketing)
                       o.subject_id, o.channel, o.marketing, o.updated_at as at, o.message_id, o.address_id, o.reason
                  from (select tenant, subject_id, case channel when 'mms' then 'sms' else channel end as channel,
                               reason = 'marketing_opted_out' as marketing, updated_at, message_id, address_id, reason
                          from outbound
                         where tenant = ? and state = 'failed' and updated_at >= ?::timestamptz
                           and reason in ('recipient_opted_out', 'recipient_blocked_sender', 'marketing_opted_out')) o
                 where not exists (
                         select 1 from suppression s
                          where s.tenant = o.tenant and s.subject_id = o.subject_id and s.channel = o.channel
                            and s.source = 'PROVIDER' and (s.scope = 'ALL' or o.marketing)
                            and (s.since > coalesce(s.lifted_at, '-infinity') or s.lifted_at >= o.updated_at))
                 order by o.subject_id, o.channel, o.marketing, o.updated_at desc, o.message_id""",
                row -> read(row, refused(row)),
                Column.one(tenant),
                Column.one(since));
    }

    /** Suppressed by the provider as far as we know, and it delivered something since. */
    private List<Drift> blockedHereOnly(String tenant, Instant since) {
        return Bulk.query(
                jdbc,
                """
                select s.subject_id, s.channel, false as marketing, max(m.updated_at) as at
                  from suppression s
                  join outbound o on o.tenant = s.tenant and o.subject_id = s.subject_id
                                 and case o.channel when 'mms' then 'sms' else o.channel end = s.channel
                  join message_status m on m.tenant = o.tenant and m.message_id = o.message_id
                 where s.tenant = ? and s.source = 'PROVIDER' and s.scope = 'ALL'
                   and s.since > coalesce(s.lifted_at, '-infinity') and m.status in ('delivered', 'read')
                   and m.updated_at >= ?::timestamptz and o.claimed_at > s.since
                 group by s.subject_id, s.channel""",
                row -> read(row, null),
                Column.one(tenant),
                Column.one(since));
    }

    /** The provider's own code is no longer known. */
    private static OptOuts.Refused refused(ResultSet row) throws SQLException {
        return new OptOuts.Refused(
                row.getObject("message_id", UUID.class),
                row.getObject("address_id", UUID.class),
                new SendResult.OptedOut(
                        new SendError(row.getString("reason"), null, null),
                        row.getBoolean("marketing")));
    }

    private static Drift read(ResultSet row, OptOuts.Refused refused) throws SQLException {
        return new Drift(
                row.getObject(1, UUID.class),
                Channel.of(row.getString(2)),
                row.getBoolean(3),
                Bulk.instant(row, "at"),
                refused);
    }

    /**
     * @param blockedBy which side alone blocks
     */
    private void report(String tenant, Drift drift, String blockedBy) {
        meters.counter(
                        "jawort.optout.drift",
                        "tenant",
                        tenant,
                        "channel",
                        drift.channel().wireName(),
                        "blocked_by",
                        blockedBy)
                .increment();
        LOG.warn(
                "optout.drift tenant={} subject={} channel={} blockedBy={}",
                tenant,
                drift.subject(),
                drift.channel().wireName(),
                blockedBy);
    }
}
