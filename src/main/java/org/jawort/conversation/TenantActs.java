package org.jawort.conversation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.BlockList;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.Suppression;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.SuppressionSource;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a tenant does about a person of itself: the block list for abuse, on which nothing but a
 * STOP and a request about data is heard (table 2.1), and suppressions of its own, which nobody
 * else lifts (section 1.1). Both hold for all names of the person. Who, when and why is kept. What
 * is done a second time was done, and is not kept again. Works inside the caller's transaction.
 */
public final class TenantActs {

    private static final Logger LOG = LoggerFactory.getLogger(TenantActs.class);

    private enum Kind {
        BLOCKED,
        UNBLOCKED,
        SUPPRESSED,
        RELEASED
    }

    /** Whom it is about. */
    public sealed interface Whom {
        /** Somebody the hub knows. */
        record Known(UUID subject) implements Whom {}

        /** Whoever has an address, known or not. */
        record At(Channel channel, Address address) implements Whom {
            @Override
            public String toString() {
                return "At[" + channel + "]";
            }
        }
    }

    /**
     * By whom.
     *
     * @param key id of the API key
     * @param reason one of few fixed words, {@code null} of what is lifted
     */
    public record By(String key, String reason) {}

    /** What is suppressed on which channel. */
    public record Scope(Channel channel, SuppressionScope scope) {}

    /**
     * @param reason {@code null} of somebody who was erased since and is known again, as is {@code
     *     by}
     */
    public record Blocked(Instant since, String reason, String by) {}

    public record Suppressed(String channel, String scope, String source, Instant since) {}

    /**
     * One act; {@code channel} and {@code scope} are {@code null} of a block, {@code reason} and
     * {@code by} of one that outlived an erasure.
     */
    public record Act(
            String act, String channel, String scope, String reason, String by, Instant at) {}

    /**
     * @param subjectId {@code null} if nobody is known under the address
     * @param blocked {@code null} if the person is not on the block list
     * @param suppressions in force, whoever suppressed
     * @param history of the tenant's acts, oldest first
     */
    public record Standing(
            UUID subjectId, Blocked blocked, List<Suppressed> suppressions, List<Act> history) {
        private static final Standing OF_NOBODY = new Standing(null, null, List.of(), List.of());
    }

    /** What is done, to somebody who is locked and can be written about. */
    private interface Effect {
        void on(PersonalConsent work, Person person, Instant now);
    }

    private final PersonalConsent.Desk desk;
    private final People people;
    private final ConsentLedger ledger;
    private final JdbcTemplate jdbc;
    private final BlockList blockList;
    private final InstantSource clock;

    TenantActs(
            PersonalConsent.Desk desk,
            People people,
            ConsentLedger ledger,
            JdbcTemplate jdbc,
            InstantSource clock) {
        this.desk = desk;
        this.people = people;
        this.ledger = ledger;
        this.jdbc = jdbc;
        this.blockList = new BlockList(jdbc);
        this.clock = clock;
    }

    /**
     * Makes the person if nobody is known under the address, as do suppressions.
     *
     * @return empty if the person was erased
     * @throws Contended if it must be done again
     */
    public Optional<Standing> block(String tenant, Whom whom, By by) {
        return about(
                tenant,
                findOrMake(tenant, whom),
                (work, person, now) -> {
                    if (!work.book.isBlocked(person)) {
                        blockList.add(person, now);
                        work.book.note(
                                person,
                                new ConsentEvent.Blocked(EventTime.received(now)),
                                cause(work, by));
                        keep(person, Kind.BLOCKED, null, by, now);
                    }
                });
    }

    /** Also of whom only a stub is left. */
    public Optional<Standing> unblock(String tenant, Whom whom, String key) {
        By by = new By(key, null);
        return find(tenant, whom, null, by)
                .map(
                        found ->
                                about(
                                        tenant,
                                        found,
                                        (work, person, now) -> {
                                            List<Person> names = BlockList.names(work.book, person);
                                            if (blockList.since(names).isPresent()) {
                                                blockList.remove(names);
                                                work.book.note(
                                                        person,
                                                        new ConsentEvent.Unblocked(
                                                                EventTime.received(now)),
                                                        cause(work, by));
                                                keep(person, Kind.UNBLOCKED, null, by, now);
                                            }
                                        }))
                .orElseGet(() -> Optional.of(Standing.OF_NOBODY));
    }

    /** See {@link #block}. */
    public Optional<Standing> suppress(String tenant, Whom whom, Scope what, By by) {
        return about(
                tenant,
                findOrMake(tenant, whom),
                (work, person, now) -> {
                    Optional<Suppression> own = tenants(work.book, person, what);
                    if (own.isEmpty() || !own.get().isActive()) {
                        // not before what it comes after, however the clock was set
                        Instant at = later(now, own.map(Suppression::liftedAt).orElse(now));
                        order(
                                work,
                                person,
                                what,
                                new ConsentEvent.TenantSuppressed(
                                        EventTime.received(at), what.scope()),
                                by);
                        keep(person, Kind.SUPPRESSED, what, by, now);
                    }
                });
    }

    /** See {@link #unblock}. */
    public Optional<Standing> release(String tenant, Whom whom, Scope what, String key) {
        By by = new By(key, null);
        return find(tenant, whom, what, by)
                .map(
                        found ->
                                about(
                                        tenant,
                                        found,
                                        (work, person, now) ->
                                                release(work, person, what, by, now)))
                .orElseGet(() -> Optional.of(Standing.OF_NOBODY));
    }

    private void release(PersonalConsent work, Person person, Scope what, By by, Instant now) {
        BlockList.names(work.book, person).stream()
                .flatMap(name -> tenants(work.book, name, what).stream())
                .filter(Suppression::isActive)
                .map(Suppression::since)
                .max(Instant::compareTo)
                .ifPresent(
                        since -> {
                            // of the same instant the refusal would win
                            Instant at = later(now, since.plus(1, ChronoUnit.MICROS));
                            order(
                                    work,
                                    person,
                                    what,
                                    new ConsentEvent.TenantReleased(
                                            EventTime.received(at), what.scope()),
                                    by);
                            keep(person, Kind.RELEASED, what, by, now);
                        });
    }

    /** What holds of a person now, and what the tenant has done about them. */
    public Standing standing(Person person) {
        ConsentBook book = ledger.load(List.of(person));
        List<Person> names = BlockList.names(book, person);
        List<UUID> ids = names.stream().map(Person::subject).toList();
        List<Act> history = history(person.tenant(), ids);
        Blocked blocked = blockList.since(names).map(since -> blocked(since, history)).orElse(null);
        return new Standing(person.subject(), blocked, suppressed(book, person), history);
    }

    private static Blocked blocked(Instant since, List<Act> history) {
        return history.stream()
                .filter(act -> act.act().equals(Kind.BLOCKED.name()))
                .filter(act -> act.at().equals(since))
                .map(act -> new Blocked(since, act.reason(), act.by()))
                .findFirst()
                .orElseGet(() -> new Blocked(since, null, null));
    }

    private static List<Suppressed> suppressed(ConsentBook book, Person person) {
        List<Suppressed> found = new ArrayList<>();
        Stream.of(Channel.values())
                .filter(channel -> channel == channel.consentChannel())
                .forEach(
                        channel ->
                                book.overlays(person, channel).active().stream()
                                        .map(
                                                one ->
                                                        new Suppressed(
                                                                channel.wireName(),
                                                                one.scope().name(),
                                                                one.source().name(),
                                                                one.since()))
                                        .forEach(found::add));
        return found;
    }

    private List<Act> history(String tenant, List<UUID> names) {
        return Bulk.query(
                jdbc,
                "select act, channel, scope, reason, api_key, at from tenant_act"
                        + " where tenant = ? and subject_id = any(?::uuid[]) order by at, id",
                row ->
                        new Act(
                                row.getString("act"),
                                row.getString("channel"),
                                row.getString("scope"),
                                row.getString("reason"),
                                row.getString("api_key"),
                                Bulk.instant(row, "at")),
                Column.one(tenant),
                Column.of("uuid", names, id -> id));
    }

    private Optional<Standing> about(String tenant, Found found, Effect effect) {
        Instant now = clock.instant();
        Person person = new Person(tenant, found.subject());
        Optional<PersonalConsent> opened =
                found.known() == null
                        ? desk.open(person, now)
                        : Optional.of(desk.open(person, found.known().key(), now));
        return opened.map(
                work -> {
                    effect.on(work, person, now);
                    work.save(false);
                    return standing(person);
                });
    }

    /**
     * @param known {@code null} of whom the caller knows the id
     */
    private record Found(UUID subject, Subject known) {
        static Found of(Subject known) {
            return new Found(known.id(), known);
        }
    }

    private Found findOrMake(String tenant, Whom whom) {
        return switch (whom) {
            case Whom.Known known -> new Found(known.subject(), null);
            case Whom.At at ->
                    Found.of(
                            people.findOrMake(tenant, at.channel(), at.address(), clock.instant()));
        };
    }

    /** Nobody is made only to lift something of them; of whom a stub is left, it goes. */
    private Optional<Found> find(String tenant, Whom whom, Scope what, By by) {
        return switch (whom) {
            case Whom.Known known -> Optional.of(new Found(known.subject(), null));
            case Whom.At at -> {
                Optional<Found> found =
                        people.known(tenant, at.channel(), at.address().address()).map(Found::of);
                boolean isAbout =
                        what == null
                                || what.channel().consentChannel() == at.channel().consentChannel();
                if (found.isEmpty()
                        && isAbout
                        && people.lift(
                                tenant,
                                at.channel(),
                                at.address(),
                                what == null ? null : what.scope())) {
                    LOG.info("suppression.stub_lifted tenant={} key={}", tenant, by.key());
                }
                yield found;
            }
        };
    }

    /** The register of the tenant's own suppression, if there ever was one. */
    private static Optional<Suppression> tenants(ConsentBook book, Person person, Scope what) {
        return book.overlays(person, what.channel()).suppressions().stream()
                .filter(one -> one.source() == SuppressionSource.TENANT)
                .filter(one -> one.scope() == what.scope())
                .findFirst();
    }

    /** The overlay is one for all records of a channel: one of those it concerns says so. */
    private void order(PersonalConsent work, Person person, Scope what, ConsentEvent event, By by) {
        List<ConsentRecord> records =
                work.book.refusable(
                        person, what.channel(), desk.policy(person.tenant()).purposes());
        ConsentRecord record =
                records.stream()
                        .filter(one -> one.state() != ConsentState.NONE)
                        .filter(one -> what.scope().covers(one.purpose()))
                        .findFirst()
                        .orElse(records.getFirst());
        work.apply(record, event, cause(work, by));
    }

    private static Cause cause(PersonalConsent work, By by) {
        var evidence = JsonNodeFactory.instance.objectNode().put("key", by.key());
        if (by.reason() != null) {
            evidence.put("reason", by.reason());
        }
        return work.cause("api", evidence.toString(), null);
    }

    private void keep(Person person, Kind kind, Scope what, By by, Instant now) {
        jdbc.update(
                "insert into tenant_act (tenant, id, subject_id, act, channel, scope, reason, api_key, at)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                person.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                person.subject(),
                kind.name(),
                what == null ? null : what.channel().consentChannel().wireName(),
                what == null ? null : what.scope().name(),
                by.reason(),
                by.key(),
                Bulk.timestamp(now));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
