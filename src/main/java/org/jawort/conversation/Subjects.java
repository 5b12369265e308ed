package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.SuppressionStubs;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;
import org.jawort.message.Scheme;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds the subject behind each entry, or makes one. A subject is found by any of its identifiers:
 * the address, its aliases, and the provider's conversation id, which stands for the person where
 * an event names no address.
 */
final class Subjects {

    private static final String ANY_CHANNEL = "*";

    /**
     * One identifier, hashed for the lookup and in the clear only until it is sealed.
     *
     * @param former hashes it may still stand under since the tenant's key was replaced
     */
    private record Identifier(
            String tenant,
            ByteBuffer lookup,
            List<ByteBuffer> former,
            String channel,
            String scheme,
            String address) {}

    private record Hash(String tenant, ByteBuffer lookup) {}

    private record Found(UUID address, UUID subject, SubjectKey key) {}

    private record NewSubject(String tenant, UUID id, byte[] wrapped) {}

    private record NewAddress(UUID id, UUID subject, SubjectKey key, Identifier identifier) {}

    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;
    private final SubjectKeys keys;
    private final SuppressionStubs stubs;

    Subjects(JdbcTemplate jdbc, Pseudonyms pseudonyms, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
        this.keys = keys;
        this.stubs = new SuppressionStubs(jdbc, pseudonyms);
    }

    /**
     * Sets the subject of every item that is about somebody.
     *
     * @throws Contended if another transaction made one of the addresses at the same time
     */
    void resolve(List<Incoming> items, Instant now) {
        Map<Incoming, List<Identifier>> wanted = new LinkedHashMap<>();
        for (Incoming item : items) {
            List<Identifier> identifiers = identifiers(item);
            if (!identifiers.isEmpty()) {
                wanted.put(item, identifiers);
            }
        }
        Map<ByteBuffer, Found> known =
                find(wanted.values().stream().flatMap(List::stream).toList());
        List<NewSubject> subjects = new ArrayList<>();
        List<NewAddress> addresses = new ArrayList<>();
        Map<UUID, NewSubject> fresh = new HashMap<>();
        wanted.forEach(
                (item, identifiers) -> {
                    Found owner =
                            identifiers.stream()
                                    .map(identifier -> known.get(identifier.lookup()))
                                    .filter(found -> found != null)
                                    .findFirst()
                                    .orElse(null);
                    if (owner == null) {
                        UUID id = UuidCreator.getTimeOrderedEpoch();
                        SubjectKeys.NewKey key = keys.create(item.tenant(), id);
                        NewSubject subject = new NewSubject(item.tenant(), id, key.wrapped());
                        subjects.add(subject);
                        fresh.put(id, subject);
                        owner = new Found(null, id, key.key());
                    }
                    for (Identifier identifier : identifiers) {
                        if (!known.containsKey(identifier.lookup())) {
                            UUID address = UuidCreator.getTimeOrderedEpoch();
                            addresses.add(
                                    new NewAddress(
                                            address, owner.subject(), owner.key(), identifier));
                            known.put(
                                    identifier.lookup(),
                                    new Found(address, owner.subject(), owner.key()));
                        }
                    }
                    Found main = known.get(identifiers.getFirst().lookup());
                    item.subject =
                            new Subject(
                                    owner.subject(),
                                    main.address(),
                                    owner.key(),
                                    !fresh.containsKey(owner.subject()));
                });
        insert(subjects, addresses, now);
        items.forEach(this::findOther);
    }

    private void findOther(Incoming item) {
        if (item.entry instanceof ProviderEntry.Identity identity
                && identity.channel() != null
                && identity.surviving() != null
                && identity.discarded() != null) {
            List<Identifier> identifiers =
                    identifiers(item, identity.channel(), identity.discarded());
            Map<ByteBuffer, Found> known = find(identifiers);
            identifiers.stream()
                    .map(identifier -> known.get(identifier.lookup()))
                    .filter(found -> found != null && !found.subject().equals(item.subject.id()))
                    .findFirst()
                    .ifPresent(
                            found ->
                                    item.other =
                                            new Subject(
                                                    found.subject(),
                                                    found.address(),
                                                    found.key(),
                                                    true));
        }
    }

    /** The subject an address belongs to, {@code null} if nobody is known under it. */
    Subject find(String tenant, Channel channel, String address) {
        Identifier identifier = identifier(tenant, channel, "", address);
        Found found = find(List.of(identifier)).get(identifier.lookup());
        return found == null
                ? null
                : new Subject(found.subject(), found.address(), found.key(), true);
    }

    /**
     * The subject an address belongs to, made if nobody is known under it.
     *
     * @throws Contended if another transaction made the address at the same time
     */
    Subject findOrMake(String tenant, Channel channel, Address address, Instant now) {
        Identifier identifier = identifier(tenant, channel, address);
        Found found = find(List.of(identifier)).get(identifier.lookup());
        if (found != null) {
            return new Subject(found.subject(), found.address(), found.key(), true);
        }
        UUID id = UuidCreator.getTimeOrderedEpoch();
        UUID addressId = UuidCreator.getTimeOrderedEpoch();
        SubjectKeys.NewKey key = keys.create(tenant, id);
        insert(
                List.of(new NewSubject(tenant, id, key.wrapped())),
                List.of(new NewAddress(addressId, id, key.key(), identifier)),
                now);
        return new Subject(id, addressId, key.key(), false);
    }

    private List<Identifier> identifiers(Incoming item) {
        ProviderEntry entry = item.entry;
        return switch (entry) {
            case ProviderEntry.Received received ->
                    identifiers(item, received.channel(), received.from());
            case ProviderEntry.Echo echo ->
                    orUnnamed(item, identifiers(item, echo.channel(), echo.to()));
            case ProviderEntry.Status status ->
                    orUnnamed(item, identifiers(item, status.channel(), status.to()));
            case ProviderEntry.Preference preference ->
                    identifiers(item, preference.channel(), preference.address());
            case ProviderEntry.Identity identity -> {
                Address address =
                        identity.surviving() == null ? identity.discarded() : identity.surviving();
                yield identity.channel() == null
                        ? List.of()
                        : identifiers(item, identity.channel(), address);
            }
            case ProviderEntry.Template template -> List.of();
            case ProviderEntry.Ignored ignored -> List.of();
        };
    }

    private List<Identifier> identifiers(Incoming item, Channel channel, Address address) {
        List<Identifier> identifiers = new ArrayList<>();
        if (address != null && channel != null) {
            identifiers.add(identifier(item.tenant(), channel, address));
            for (Address alias : address.aliases()) {
                identifiers.add(identifier(item.tenant(), channel, alias));
            }
        }
        String conversation = item.entry.providerConversationId();
        if (conversation != null) {
            identifiers.add(
                    new Identifier(
                            item.tenant(),
                            ByteBuffer.wrap(
                                    pseudonyms.conversation(
                                            item.tenant(), item.account.id(), conversation)),
                            List.of(),
                            ANY_CHANNEL,
                            Scheme.OPAQUE.wireName(),
                            conversation));
        }
        return identifiers;
    }

    private Identifier identifier(String tenant, Channel channel, Address address) {
        return identifier(tenant, channel, address.scheme().wireName(), address.address());
    }

    private Identifier identifier(String tenant, Channel channel, String scheme, String address) {
        String name = channel.consentChannel().wireName();
        List<ByteBuffer> hashes =
                pseudonyms.addresses(tenant, name, address).stream().map(ByteBuffer::wrap).toList();
        return new Identifier(
                tenant, hashes.getFirst(), hashes.subList(1, hashes.size()), name, scheme, address);
    }

    /** Where nobody is named, the message itself is all that is known of the person. */
    private List<Identifier> orUnnamed(Incoming item, List<Identifier> identifiers) {
        if (!identifiers.isEmpty()) {
            return identifiers;
        }
        String message =
                item.entry.providerMessageId() == null
                        ? item.entry.eventId()
                        : item.entry.providerMessageId();
        return List.of(
                new Identifier(
                        item.tenant(),
                        ByteBuffer.wrap(
                                pseudonyms.conversation(
                                        item.tenant(), item.account.id(), "message " + message)),
                        List.of(),
                        ANY_CHANNEL,
                        Scheme.OPAQUE.wireName(),
                        message));
    }

    /** By the hash each identifier is written under now, whichever it was found by. */
    private Map<ByteBuffer, Found> find(Collection<Identifier> identifiers) {
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
                select a.tenant, a.lookup, a.id, a.subject_id, k.wrapped
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
                                            row.getBytes("wrapped"))));
                    return null;
                },
                Column.of("text", wanted, Hash::tenant),
                Column.of("bytea", wanted, hash -> hash.lookup().array()));
        return found;
    }

    private void insert(List<NewSubject> subjects, List<NewAddress> addresses, Instant now) {
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
            return;
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
                                address ->
                                        address.key()
                                                .seal(
                                                        "address",
                                                        address.identifier()
                                                                .address()
                                                                .getBytes(
                                                                        StandardCharsets.UTF_8))));
        if (inserted < addresses.size()) {
            throw new Contended("address");
        }
        stubs.revive(
                addresses.stream()
                        .flatMap(
                                address ->
                                        Stream.concat(
                                                        Stream.of(address.identifier().lookup()),
                                                        address.identifier().former().stream())
                                                .map(
                                                        lookup ->
                                                                new SuppressionStubs.NewAddress(
                                                                        address.identifier()
                                                                                .tenant(),
                                                                        address.subject(),
                                                                        address.identifier()
                                                                                .channel(),
                                                                        lookup.array())))
                        .toList());
    }
}
