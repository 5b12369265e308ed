package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.SuppressionStubs.Refused;
import org.jawort.conversation.Addresses.Found;
import org.jawort.conversation.Addresses.Handed;
import org.jawort.conversation.Addresses.Identifier;
import org.jawort.conversation.Addresses.NewAddress;
import org.jawort.conversation.Addresses.NewSubject;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;
import org.jawort.message.ProviderEntry.Participants;
import org.jawort.message.Scheme;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds the subject behind each entry, or makes one. A subject is found by any of its identifiers:
 * the address and its aliases, and the provider's conversation id where only one person writes or
 * an entry names nobody. Where several people may write, whoever is named is themselves (decision
 * 0028).
 */
final class Subjects {

    /**
     * What an entry says of whom it is about.
     *
     * @param person address and aliases, as far as it names any
     * @param place the provider's conversation or else what stands for it, {@code null} if the
     *     entry tells none
     * @param participants who writes there: of one person it is an identifier like any other
     */
    private record Named(List<Identifier> person, Identifier place, Participants participants) {
        static final Named NOBODY = new Named(List.of(), null, Participants.ONE);

        List<Identifier> all() {
            return place == null
                    ? person
                    : Stream.concat(person.stream(), Stream.of(place)).toList();
        }
    }

    private final Pseudonyms pseudonyms;
    private final SubjectKeys keys;
    private final Addresses addresses;

    Subjects(JdbcTemplate jdbc, Pseudonyms pseudonyms, SubjectKeys keys) {
        this.pseudonyms = pseudonyms;
        this.keys = keys;
        this.addresses = new Addresses(jdbc, pseudonyms, keys);
    }

    /** One batch of entries, each of which may know who an earlier one was about. */
    private final class Resolution {
        final Map<ByteBuffer, Found> known;
        final List<NewSubject> made = new ArrayList<>();
        final List<NewAddress> added = new ArrayList<>();
        final List<Handed> handed = new ArrayList<>();
        final Map<String, Set<UUID>> shared = new HashMap<>();
        final Set<UUID> fresh = new HashSet<>();
        final Set<UUID> nameless = new HashSet<>();

        Resolution(Map<ByteBuffer, Found> known) {
            this.known = known;
            known.values().stream()
                    .filter(Found::nameless)
                    .forEach(found -> nameless.add(found.subject()));
        }

        void resolve(Incoming item, Named named) {
            Found owner = owner(named);
            if (owner == null) {
                UUID id = UuidCreator.getTimeOrderedEpoch();
                SubjectKeys.NewKey key = keys.create(item.tenant(), id);
                made.add(new NewSubject(item.tenant(), id, key.wrapped()));
                fresh.add(id);
                nameless.add(id);
                owner = new Found(null, id, key.key(), false, false);
            }
            for (Identifier identifier : named.all()) {
                if (!known.containsKey(identifier.lookup())) {
                    add(owner, identifier);
                }
            }
            if (!named.person().isEmpty()) {
                nameless.remove(owner.subject());
            }
            item.subject = subject(known.get(named.all().getFirst().lookup()));
            item.others = others(named, owner);
            item.inGroup = isInGroup(item, named, owner);
        }

        /** A conversation several may write in stands for nobody who is named otherwise. */
        private Found owner(Named named) {
            for (Identifier identifier : named.person()) {
                Found found = known.get(identifier.lookup());
                if (found != null) {
                    return found;
                }
            }
            Found place = named.place() == null ? null : known.get(named.place().lookup());
            boolean isTheirs =
                    place != null
                            && (named.participants() == Participants.ONE
                                    || named.person().isEmpty()
                                    || nameless.contains(place.subject()));
            return isTheirs ? place : null;
        }

        private void add(Found owner, Identifier identifier) {
            UUID id = UuidCreator.getTimeOrderedEpoch();
            added.add(new NewAddress(id, owner.subject(), owner.key(), identifier));
            known.put(
                    identifier.lookup(), new Found(id, owner.subject(), owner.key(), false, false));
        }

        /** Whom the entry's address and aliases were known as besides (CON-3). */
        private List<Subject> others(Named named, Found owner) {
            return named.person().stream()
                    .map(identifier -> known.get(identifier.lookup()))
                    .filter(found -> !found.subject().equals(owner.subject()))
                    .collect(
                            Collectors.toMap(
                                    Found::subject,
                                    this::subject,
                                    (one, same) -> one,
                                    LinkedHashMap::new))
                    .values()
                    .stream()
                    .toList();
        }

        /** Nobody's so far, the place is theirs who are named there first. */
        private void handOver(Identifier id, Found owner) {
            Found place = known.get(id.lookup());
            if (nameless.contains(place.subject())) {
                handed.add(
                        new Handed(
                                place.address(),
                                place.subject(),
                                owner.subject(),
                                owner.key(),
                                id));
                known.put(
                        id.lookup(),
                        new Found(
                                place.address(),
                                owner.subject(),
                                owner.key(),
                                false,
                                place.several()));
            }
        }

        /** Once a second person has written there, for good. */
        private boolean isInGroup(Incoming item, Named named, Found owner) {
            if (named.participants() == Participants.ONE || named.place() == null) {
                return false;
            }
            if (!named.person().isEmpty()) {
                handOver(named.place(), owner);
            }
            Found place = known.get(named.place().lookup());
            boolean isAnothers = !place.subject().equals(owner.subject());
            if (isAnothers && !place.several()) {
                shared.computeIfAbsent(item.tenant(), tenant -> new TreeSet<>())
                        .add(place.address());
                known.put(
                        named.place().lookup(),
                        new Found(place.address(), place.subject(), place.key(), false, true));
            }
            return isAnothers || place.several() || named.participants() == Participants.SEVERAL;
        }

        private Subject subject(Found found) {
            return new Subject(
                    found.subject(),
                    found.address(),
                    found.key(),
                    !fresh.contains(found.subject()));
        }

        List<Refused> store(Instant now) {
            List<Refused> refused = addresses.insert(made, added, now);
            addresses.handOver(handed);
            shared.forEach(addresses::share);
            return refused;
        }
    }

    /**
     * Sets of every item that is about somebody who that is, and who else by the same entry.
     *
     * @return what people refused who are known again by an address that is new to them
     * @throws Contended if another transaction made one of the addresses at the same time
     */
    List<Refused> resolve(List<Incoming> items, Instant now) {
        Map<Incoming, Named> wanted = new LinkedHashMap<>();
        for (Incoming item : items) {
            Named named = named(item);
            if (!named.all().isEmpty()) {
                wanted.put(item, named);
            }
        }
        Resolution resolution =
                new Resolution(
                        addresses.find(
                                wanted.values().stream()
                                        .flatMap(named -> named.all().stream())
                                        .toList()));
        wanted.forEach(resolution::resolve);
        List<Refused> refused = resolution.store(now);
        items.forEach(this::findOther);
        return refused;
    }

    private void findOther(Incoming item) {
        if (item.entry instanceof ProviderEntry.Identity identity
                && identity.channel() != null
                && identity.surviving() != null
                && identity.discarded() != null) {
            List<Identifier> identifiers =
                    named(item, identity.channel(), identity.discarded()).person();
            Map<ByteBuffer, Found> known = addresses.find(identifiers);
            Map<UUID, Subject> others = new LinkedHashMap<>();
            item.others.forEach(other -> others.put(other.id(), other));
            identifiers.stream()
                    .map(identifier -> known.get(identifier.lookup()))
                    .filter(found -> found != null && !found.subject().equals(item.subject.id()))
                    .forEach(
                            found ->
                                    others.putIfAbsent(
                                            found.subject(),
                                            new Subject(
                                                    found.subject(),
                                                    found.address(),
                                                    found.key(),
                                                    true)));
            item.others = List.copyOf(others.values());
        }
    }

    /** The subject an address belongs to, {@code null} if nobody is known under it. */
    Subject find(String tenant, Channel channel, String address) {
        Identifier identifier = identifier(tenant, channel, "", address);
        Found found = addresses.find(List.of(identifier)).get(identifier.lookup());
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
        Found found = addresses.find(List.of(identifier)).get(identifier.lookup());
        if (found != null) {
            return new Subject(found.subject(), found.address(), found.key(), true);
        }
        UUID id = UuidCreator.getTimeOrderedEpoch();
        UUID addressId = UuidCreator.getTimeOrderedEpoch();
        SubjectKeys.NewKey key = keys.create(tenant, id);
        addresses.insert(
                List.of(new NewSubject(tenant, id, key.wrapped())),
                List.of(new NewAddress(addressId, id, key.key(), identifier)),
                now);
        return new Subject(id, addressId, key.key(), false);
    }

    /**
     * What a tenant itself had blocked of whoever had an address and is gone.
     *
     * @param scope of its suppression, {@code null} for the block list
     */
    boolean lift(String tenant, Channel channel, Address address, SuppressionScope scope) {
        return addresses.lift(identifier(tenant, channel, address), scope);
    }

    private Named named(Incoming item) {
        ProviderEntry entry = item.entry;
        return switch (entry) {
            case ProviderEntry.Received received ->
                    named(item, received.channel(), received.from());
            case ProviderEntry.Echo echo -> orUnnamed(item, named(item, echo.channel(), echo.to()));
            case ProviderEntry.Status status ->
                    orUnnamed(item, named(item, status.channel(), status.to()));
            case ProviderEntry.Preference preference ->
                    named(item, preference.channel(), preference.address());
            case ProviderEntry.Identity identity ->
                    identity.channel() == null
                            ? merged(item, identity)
                            : named(
                                    item,
                                    identity.channel(),
                                    identity.surviving() == null
                                            ? identity.discarded()
                                            : identity.surviving());
            case ProviderEntry.Template template -> Named.NOBODY;
            case ProviderEntry.Ignored ignored -> Named.NOBODY;
        };
    }

    /**
     * Two users of a provider that became one, on whichever channels either is known here: who
     * survives is known there from now on as who was known, and whoever is known as either is the
     * same person (CON-3). Nobody is made of whom nothing was heard.
     */
    private Named merged(Incoming item, ProviderEntry.Identity identity) {
        if (identity.surviving() == null || identity.discarded() == null) {
            return Named.NOBODY;
        }
        List<List<Identifier>> byChannel =
                Stream.of(Channel.values())
                        .filter(channel -> channel == channel.consentChannel())
                        .map(channel -> bothUsers(item, channel, identity))
                        .toList();
        Map<ByteBuffer, Found> known =
                addresses.find(byChannel.stream().flatMap(List::stream).toList());
        List<Identifier> person = new ArrayList<>();
        for (List<Identifier> each : byChannel) {
            if (each.stream().limit(2).anyMatch(user -> known.containsKey(user.lookup()))) {
                person.add(each.getFirst());
                each.stream()
                        .skip(1)
                        .filter(one -> known.containsKey(one.lookup()))
                        .forEach(person::add);
            }
        }
        return new Named(person, null, Participants.ONE);
    }

    /** Who survives, who does not, and whatever else either is called. */
    private List<Identifier> bothUsers(
            Incoming item, Channel channel, ProviderEntry.Identity identity) {
        List<Identifier> survives = named(item, channel, identity.surviving()).person();
        List<Identifier> ends = named(item, channel, identity.discarded()).person();
        return Stream.of(
                        Stream.of(survives.getFirst(), ends.getFirst()),
                        survives.stream().skip(1),
                        ends.stream().skip(1))
                .flatMap(Function.identity())
                .toList();
    }

    private Named named(Incoming item, Channel channel, Address address) {
        List<Identifier> person = new ArrayList<>();
        if (address != null && channel != null) {
            person.add(identifier(item.tenant(), channel, address));
            for (Address alias : address.aliases()) {
                person.add(identifier(item.tenant(), channel, alias));
            }
        }
        String conversation = item.entry.providerConversationId();
        return new Named(
                person,
                conversation == null ? null : place(item, conversation, conversation),
                item.entry.participants());
    }

    /** Bound to no channel. */
    private Identifier place(Incoming item, String name, String told) {
        return new Identifier(
                item.tenant(),
                ByteBuffer.wrap(pseudonyms.conversation(item.tenant(), item.account.id(), name)),
                List.of(),
                Addresses.ANY_CHANNEL,
                Scheme.OPAQUE.wireName(),
                told);
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
    private Named orUnnamed(Incoming item, Named named) {
        if (!named.all().isEmpty()) {
            return named;
        }
        String message =
                item.entry.providerMessageId() == null
                        ? item.entry.eventId()
                        : item.entry.providerMessageId();
        return new Named(List.of(), place(item, "message " + message, message), Participants.ONE);
    }
}
