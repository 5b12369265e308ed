package org.jawort.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.LastingLookups.Lookup;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Refusals that outlive a person's data (SEC-4), and find who comes back; likewise what the tenant
 * itself suppressed or put on its block list. Works inside the caller's transaction.
 */
public final class SuppressionStubs {

    /**
     * An address that is new to the hub.
     *
     * @param channel wire name of the channel consent is kept for
     * @param lookup one of those {@link Pseudonyms#addresses} gives: the refusal may be older than
     *     the tenant's key
     */
    public record NewAddress(String tenant, UUID subject, String channel, byte[] lookup) {}

    /** What is blocked of somebody who turns out to be this person. */
    public record Refused(Person person, Channel channel, Suppression block) {}

    private record Stub(String channel, byte[] key, StubScope scope, Instant since) {}

    private static final String BACK =
            """
            with n as (select * from unnest(?::text[], ?::uuid[], ?::text[], ?::bytea[]) as n(tenant, subject_id, channel, key)),
                 back as (delete from suppression_stub s using n
                           where s.tenant = n.tenant and s.channel = n.channel and s.stub_key = n.key
                          returning n.tenant, n.subject_id, s.channel, s.scope, s.since),
                 listed as (update subject s set blocked_at = b.since
                              from (select tenant, subject_id, max(since) as since from back where scope = 'BLOCKED'
                                     group by tenant, subject_id) as b
                             where s.tenant = b.tenant and s.id = b.subject_id and s.blocked_at is null
                            returning s.tenant, s.id, s.blocked_at),
                 acts as (insert into tenant_act (tenant, id, subject_id, act, at)
                          select tenant, gen_random_uuid(), id, 'BLOCKED', blocked_at from listed),
                 found as (select tenant, subject_id, channel, scope, max(since) as since from back where scope <> 'BLOCKED'
                            group by tenant, subject_id, channel, scope)
            """;

    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;

    public SuppressionStubs(JdbcTemplate jdbc, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
    }

    /**
     * How many stubs an erasure leaves.
     *
     * @param refusals of the person
     * @param tenants what the tenant blocked or suppressed of its own
     */
    public record Left(int refusals, int tenants) {
        static final Left NOTHING = new Left(0, 0);
    }

    /**
     * For each address the person still has, what was refused on its channel.
     *
     * @param addresses the person's
     * @param blockedAt since when the person is on the block list, {@code null} if they are not
     * @return what stays
     */
    Left keep(
            Person person,
            List<Lookup> addresses,
            Map<Channel, List<Suppression>> refused,
            Instant blockedAt) {
        List<Stub> stubs = new ArrayList<>();
        for (Lookup address : addresses) {
            byte[] key = pseudonyms.stub(person.tenant(), address.hash());
            for (Suppression one : refused.getOrDefault(Channel.of(address.channel()), List.of())) {
                stubs.add(new Stub(address.channel(), key, StubScope.of(one), one.since()));
            }
            if (blockedAt != null) {
                stubs.add(new Stub(address.channel(), key, StubScope.BLOCKED, blockedAt));
            }
        }
        if (stubs.isEmpty()) {
            return Left.NOTHING;
        }
        List<Boolean> own =
                Bulk.query(
                        jdbc,
                        """
                insert into suppression_stub (tenant, channel, stub_key, scope, since)
                select ?, channel, key, scope, max(since)
                  from unnest(?::text[], ?::bytea[], ?::text[], ?::timestamptz[]) as n(channel, key, scope, since)
                 group by channel, key, scope
                on conflict do nothing returning scope""",
                        row ->
                                StubScope.valueOf(row.getString(1)).source
                                        == SuppressionSource.TENANT,
                        Column.one(person.tenant()),
                        Column.of("text", stubs, Stub::channel),
                        Column.of("bytea", stubs, Stub::key),
                        Column.of("text", stubs, one -> one.scope().name()),
                        Column.of("timestamptz", stubs, Stub::since));
        int tenants = (int) own.stream().filter(one -> one).count();
        return new Left(own.size() - tenants, tenants);
    }

    /**
     * Who comes with an address that somebody erased had is still who refused, or was blocked.
     *
     * @param addresses of people made in this transaction, of whom there is nothing else
     */
    public void revive(List<NewAddress> addresses) {
        if (addresses.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                BACK
                        + """
                 insert into suppression (tenant, id, subject_id, channel, scope, source, since)
                select tenant, gen_random_uuid(), subject_id, channel, replace(scope, 'TENANT_', ''),
                       case when scope like 'TENANT%' then 'TENANT' else 'SUBJECT' end, since
                  from found""",
                columns(addresses));
    }

    /**
     * The same of people who are known already: what comes back is no stub any more, and is to
     * become a refusal once they are locked ({@link ConsentBook#knowAgain}).
     */
    public List<Refused> take(List<NewAddress> addresses) {
        if (addresses.isEmpty()) {
            return List.of();
        }
        return Bulk.query(
                jdbc,
                BACK + " select tenant, subject_id, channel, scope, since from found",
                row -> {
                    StubScope stub = StubScope.valueOf(row.getString(4));
                    return new Refused(
                            new Person(row.getString(1), row.getObject(2, UUID.class)),
                            Channel.of(row.getString(3)),
                            new Suppression(
                                    stub.scope, stub.source, Bulk.instant(row, "since"), null));
                },
                columns(addresses));
    }

    /**
     * What the tenant itself had blocked of somebody who is gone, and lifts.
     *
     * @param addresses whose subject does not matter
     * @param scope of its suppression, {@code null} for the block list
     * @return whether there was anything
     */
    public boolean lift(List<NewAddress> addresses, SuppressionScope scope) {
        StubScope stub =
                scope == null ? StubScope.BLOCKED : StubScope.of(SuppressionSource.TENANT, scope);
        return Bulk.update(
                        jdbc,
                        "delete from suppression_stub s"
                                + " using unnest(?::text[], ?::uuid[], ?::text[], ?::bytea[]) as n(tenant, subject_id, channel, key)"
                                + " where s.tenant = n.tenant and s.channel = n.channel and s.stub_key = n.key and s.scope = ?",
                        Stream.concat(
                                        Stream.of(columns(addresses)),
                                        Stream.of(Column.one(stub.name())))
                                .toArray(Column[]::new))
                > 0;
    }

    private Column[] columns(List<NewAddress> addresses) {
        return new Column[] {
            Column.of("text", addresses, NewAddress::tenant),
            Column.of("uuid", addresses, NewAddress::subject),
            Column.of("text", addresses, NewAddress::channel),
            Column.of("bytea", addresses, one -> pseudonyms.stub(one.tenant(), one.lookup()))
        };
    }
}
