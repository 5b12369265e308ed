package org.jawort.conversation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.SuppressionStubs;
import org.jawort.consent.SuppressionStubs.Refused;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/** The identifiers that are stored, and whose they are. */
final class Addresses {

    /** Of an identifier that is bound to no channel, as a conversation's. */
    static final String ANY_CHANNEL = "*";

    /**
     * One identifier, hashed for the lookup and in the clear only until it is sealed.
     *
     * @param former hashes it may still stand under since the tenant's key was replaced
     */
    record Identifier(
            String tenant,
            ByteBuffer lookup,
            List<ByteBuffer> former,
            String channel,
            String scheme,
            String address) {}

    /**
     * @param nameless whether this is a conversation's id and its subject has no address yet
     * @param several whether this is the id of a conversation in which several people write
     */
    record Found(UUID address, UUID subject, SubjectKey key, boolean nameless, boolean several) {}

    record NewSubject(String tenant, UUID id, byte[] wrapped) {}

    record NewAddress(UUID id, UUID subject, SubjectKey key, Identifier identifier) {}

    /** A conversation's id that becomes somebody else's. */
    record Handed(UUID address, UUID from, UUID to, SubjectKey key, Identifier identifier) {}

    private record Hash(String tenant, ByteBuffer lookup) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final SuppressionStubs stubs;

    Addresses(JdbcTemplate jdbc, Pseudonyms pseudonyms, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.stubs = new SuppressionStubs(jdbc, pseudonyms);
    }

    /** By the hash each identifier is written under now, whichever it was found by. */
    Map<ByteBuffer, Found> find(Collection<Identifier> identifiers) {
        Map<ByteBuffer, Found> found = new HashMap<>();
        Map<ByteBuffer, ByteBuffer> written = new HashMap<>();
        List<Hash> wanted = new ArrayList<>();
        for (Identifier identifier : identifiers) {
            written.put(identifier.lookup(), identifier.lookup());
            wanted.add(new Hash(identifier.tenant(), identifier.lookup()));
            for (ByteBuffer former : identifier.former()) {
                written.put(former, identifier.lookup());
                wanted.add(new Hash(identifier.tenant(), former));
            }
        }
        Bulk.query(
                jdbc,
                """
                select a.tenant, a.lookup, a.id, a.subject_id, a.several, k.wrapped,
                       a.channel = '*' and not exists (select 1 from address named
                                                        where named.tenant = a.tenant and named.subject_id = a.subject_id
                                                          and named.channel <> '*') as nameless
                  from unnest(?::text[], ?::bytea[]) as wanted(tenant, lookup)
                  join address a on a.tenant = wanted.tenant and a.lookup = wanted.lookup
                  join subject_key k on k.tenant = a.tenant and k.subject_id = a.subject_id and k.key_group = 'ordinary'""",
                row -> {
                    UUID subject = row.getObject("subject_id", UUID.class);
                    found.put(
                            written.get(ByteBuffer.wrap(row.getBytes("lookup"))),
                            new Found(
                                    row.getObject("id", UUID.class),
                                    subject,
                                    keys.open(
                                            row.getString("tenant"),
                                            subject,
                                            row.getBytes("wrapped")),
                                    row.getBoolean("nameless"),
                                    row.getBoolean("several")));
                    return null;
                },
                Column.of("text", wanted, Hash::tenant),
                Column.of("bytea", wanted, hash -> hash.lookup().array()));
        return found;
    }

    /**
     * @return what people who were known before turn out to have refused, by these addresses
     * @throws Contended if another transaction made one of the addresses at the same time
     */
    List<Refused> insert(List<NewSubject> subjects, List<NewAddress> addresses, Instant now) {
        if (!subjects.isEmpty()) {
            Bulk.update(
                    jdbc,
                    """
                    with n as (select * from unnest(?::text[], ?::uuid[], ?::bytea[]) as n(tenant, id, wrapped)),
                         s as (insert into subject (tenant, id, created_at) select tenant, id, ?::timestamptz from n)
                    insert into subject_key (tenant, subject_id, key_group, wrapped, created_at)
                    select tenant, id, 'ordinary', wrapped, ?::timestamptz from n""",
                    Column.of("text", subjects, NewSubject::tenant),
                    Column.of("uuid", subjects, NewSubject::id),
                    Column.of("bytea", subjects, NewSubject::wrapped),
                    Column.one(now),
                    Column.one(now));
        }
        if (addresses.isEmpty()) {
            return List.of();
        }
        int inserted =
                Bulk.update(
                        jdbc,
                        """
                insert into address (tenant, id, subject_id, channel, scheme, lookup, sealed_address, created_at)
                select *, ?::timestamptz from unnest(?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::bytea[], ?::bytea[])
                on conflict (tenant, lookup) do nothing""",
                        Column.one(now),
                        Column.of("text", addresses, address -> address.identifier().tenant()),
                        Column.of("uuid", addresses, NewAddress::id),
                        Column.of("uuid", addresses, NewAddress::subject),
                        Column.of("text", addresses, address -> address.identifier().channel()),
                        Column.of("text", addresses, address -> address.identifier().scheme()),
                        Column.of(
                                "bytea",
                                addresses,
                                address -> address.identifier().lookup().array()),
                        Column.of(
                                "bytea",
                                addresses,
                                address -> sealed(address.key(), address.identifier())));
        if (inserted < addresses.size()) {
            throw new Contended("address");
        }
        Set<UUID> made = subjects.stream().map(NewSubject::id).collect(Collectors.toSet());
        stubs.revive(
                lookups(addresses.stream().filter(one -> made.contains(one.subject())).toList()));
        return stubs.take(
                lookups(addresses.stream().filter(one -> !made.contains(one.subject())).toList()));
    }

    private static List<SuppressionStubs.NewAddress> lookups(List<NewAddress> addresses) {
        return addresses.stream()
                .flatMap(address -> lookups(address.identifier(), address.subject()).stream())
                .toList();
    }

    private static List<SuppressionStubs.NewAddress> lookups(Identifier known, UUID subject) {
        return Stream.concat(Stream.of(known.lookup()), known.former().stream())
                .map(
                        lookup ->
                                new SuppressionStubs.NewAddress(
                                        known.tenant(), subject, known.channel(), lookup.array()))
                .toList();
    }

    /** Of somebody who is gone and had the address, what the tenant itself had blocked. */
    boolean lift(Identifier identifier, SuppressionScope scope) {
        return stubs.lift(lookups(identifier, null), scope);
    }

    private static byte[] sealed(SubjectKey key, Identifier identifier) {
        return key.seal("address", identifier.address().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @throws Contended if another transaction did the same
     */
    void handOver(List<Handed> places) {
        if (places.isEmpty()) {
            return;
        }
        int done =
                Bulk.update(
                        jdbc,
                        """
                        update address a set subject_id = n.heir, sealed_address = n.sealed
                          from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bytea[]) as n(tenant, id, former, heir, sealed)
                         where a.tenant = n.tenant and a.id = n.id and a.subject_id = n.former""",
                        Column.of("text", places, place -> place.identifier().tenant()),
                        Column.of("uuid", places, Handed::address),
                        Column.of("uuid", places, Handed::from),
                        Column.of("uuid", places, Handed::to),
                        Column.of(
                                "bytea", places, place -> sealed(place.key(), place.identifier())));
        if (done < places.size()) {
            throw new Contended("address");
        }
    }

    /** From now on several people write in these conversations. */
    void share(String tenant, Collection<UUID> conversations) {
        Bulk.update(
                jdbc,
                "update address set several = true where tenant = ? and id = any(?::uuid[])",
                Column.one(tenant),
                Column.of("uuid", conversations, id -> id));
    }
}
