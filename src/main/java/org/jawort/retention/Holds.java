package org.jawort.retention;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.retention.Hold.Scope;
import org.jawort.store.Bulk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Legal holds (RET-10), each put in force and released by two people: two API keys. Works in the
 * caller's transaction.
 */
public final class Holds {

    /**
     * @param scope {@code null} if it names its items
     * @param items empty if it has a scope
     */
    public record Proposal(
            Hold.Type type,
            String reason,
            String owner,
            LocalDate reviewOn,
            Scope scope,
            List<UUID> items) {
        /** Names nobody. */
        @Override
        public String toString() {
            return "Proposal[" + type + "]";
        }
    }

    /** What became of a step. */
    public sealed interface Outcome {

        /**
         * @param freed messages no hold covers any more, {@code null} unless released
         * @param due those of them the next run deletes
         */
        record Done(HoldRows.View hold, Long freed, Long due) implements Outcome {}

        record NotFound() implements Outcome {}

        /** The key that took the step before; it needs another one. */
        record SamePerson() implements Outcome {}

        /** Not a step from the state it is in. */
        record WrongState() implements Outcome {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Holds.class);
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** Data type of what is kept of a hold. */
    private static final String FILE = "hold-file";

    private final HoldRows rows;
    private final RetentionRules rules;
    private final JdbcTemplate jdbc;
    private final RetainedEnds ends;
    private final InstantSource clock;

    Holds(HoldRows rows, RetentionRules rules, JdbcTemplate jdbc, InstantSource clock) {
        this.rows = rows;
        this.rules = rules;
        this.jdbc = jdbc;
        this.ends = new RetainedEnds(jdbc, rules);
        this.clock = clock;
    }

    /** Whether a review may be set for that day: after today, within twelve months. */
    public boolean isReviewDay(LocalDate day) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), BERLIN);
        return day.isAfter(today) && !day.isAfter(today.plusMonths(12));
    }

    /**
     * Without effect until somebody else approves.
     *
     * @param by the API key that proposes
     */
    public HoldRows.View propose(String tenant, Proposal proposal, String by) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        rows.insert(tenant, id, proposal, by, clock.instant());
        return rows.find(tenant, id).orElseThrow();
    }

    /** Puts a hold in force and freezes what it covers now. */
    public Outcome approve(String tenant, UUID id, String by) {
        Optional<HoldRows.View> found = rows.lock(tenant, id);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        if (found.get().state() != Hold.State.PROPOSED) {
            return new Outcome.WrongState();
        }
        if (found.get().createdBy().equals(by)) {
            return new Outcome.SamePerson();
        }
        Instant now = clock.instant();
        step(tenant, id, "state = 'EFFECTIVE', approved_at = ?, approved_by = ?", now, by);
        rows.freeze(tenant, found.get(), now);
        LOG.info("hold.effective tenant={} hold={}", tenant, id);
        return done(tenant, id);
    }

    /**
     * Sets the day of the next review.
     *
     * @param day a {@linkplain #isReviewDay review day}
     */
    public Outcome review(String tenant, UUID id, LocalDate day, String by) {
        Optional<HoldRows.View> found = rows.lock(tenant, id);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        if (found.get().state() == Hold.State.RELEASED) {
            return new Outcome.WrongState();
        }
        jdbc.update(
                "update legal_hold set review_on = ? where tenant = ? and id = ?", day, tenant, id);
        step(tenant, id, "reviewed_at = ?, reviewed_by = ?", clock.instant(), by);
        return done(tenant, id);
    }

    /**
     * The first call asks for the release, that of another key releases. What was held is judged by
     * the rules again and goes with the next run, not with one that runs now. A hold that never
     * took effect needs nobody else.
     */
    public Outcome release(String tenant, UUID id, String by) {
        Optional<HoldRows.View> found = rows.lock(tenant, id);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        HoldRows.View hold = found.get();
        Instant now = clock.instant();
        if (hold.state() == Hold.State.RELEASED) {
            return new Outcome.WrongState();
        }
        if (hold.state() == Hold.State.EFFECTIVE) {
            if (hold.releaseAskedBy() == null) {
                step(tenant, id, "release_asked_at = ?, release_asked_by = ?", now, by);
                return done(tenant, id);
            }
            if (hold.releaseAskedBy().equals(by)) {
                return new Outcome.SamePerson();
            }
        }
        step(tenant, id, "state = 'RELEASED', released_at = ?, released_by = ?", now, by);
        jdbc.update(
                "update held_message set released_at = ? where tenant = ? and hold_id = ?",
                Bulk.timestamp(now),
                tenant,
                id);
        LOG.info("hold.released tenant={} hold={}", tenant, id);
        Cutoffs text = Cutoffs.of(rules, tenant, "conversation-text", now);
        RetainedEnds.Freed restricted = ends.freed(tenant, id, now);
        return new Outcome.Done(
                rows.find(tenant, id).orElseThrow(),
                rows.freed(tenant, id, null) + restricted.messages(),
                rows.freed(tenant, id, text) + restricted.due());
    }

    private void step(String tenant, UUID id, String change, Instant now, String by) {
        jdbc.update(
                "update legal_hold set " + change + " where tenant = ? and id = ?",
                Bulk.timestamp(now),
                by,
                tenant,
                id);
    }

    private Outcome done(String tenant, UUID id) {
        return new Outcome.Done(rows.find(tenant, id).orElseThrow(), null, null);
    }

    public Optional<HoldRows.View> find(String tenant, UUID id) {
        return rows.find(tenant, id);
    }

    /**
     * Newest first.
     *
     * @param before only those proposed before this one, {@code null} for the start
     */
    public List<HoldRows.View> page(String tenant, UUID before, int limit) {
        return rows.page(tenant, before, limit);
    }

    /** How many messages holds keep from a run that begins now. */
    public long hit(String tenant, Instant now) {
        return rows.hit(tenant, Cutoffs.of(rules, tenant, "conversation-text", now), now);
    }

    /** Those in effect that cover an item, as {@link Precedence} takes them. */
    public List<Hold> covering(Item item) {
        return covering(item.tenant(), List.of(item)).get(item.id());
    }

    /** By id of the item; an empty list for one that nothing holds. */
    Map<UUID, List<Hold>> covering(String tenant, Collection<Item> items) {
        List<HoldRows.View> effective = rows.effective(tenant);
        Map<UUID, Set<UUID>> frozen =
                effective.isEmpty()
                        ? Map.of()
                        : rows.holding(tenant, items.stream().map(Item::id).toList());
        Map<UUID, List<Hold>> covering = new HashMap<>();
        for (Item item : items) {
            Set<UUID> by = frozen.getOrDefault(item.id(), Set.of());
            covering.put(
                    item.id(),
                    effective.stream()
                            .map(
                                    hold ->
                                            hold.hold(
                                                    by.contains(hold.id())
                                                            ? Set.of(item.id())
                                                            : Set.of()))
                            .filter(hold -> hold.covers(item))
                            .toList());
        }
        return covering;
    }

    /**
     * Adds to each hold in effect what came into its scope since. To be done before anything is
     * deleted, by whoever deletes.
     */
    public void match(String tenant, Instant now) {
        List<HoldRows.View> effective = rows.effective(tenant);
        for (HoldRows.View hold : effective) {
            if (hold.scope() != null) {
                rows.freeze(tenant, hold, now);
            }
            if (!hold.reviewOn().isAfter(LocalDate.ofInstant(now, BERLIN))) {
                LOG.warn(
                        "hold.review.overdue tenant={} hold={} reviewOn={}",
                        tenant,
                        hold.id(),
                        hold.reviewOn());
            }
        }
    }

    /**
     * Deletes up to a number of files of holds released long ago, whose time is over.
     *
     * @param now when the run began
     * @return the holds whose files are gone
     */
    List<UUID> forget(String tenant, Instant now, int limit) {
        return rows.forget(tenant, now, rules.rule(tenant, FILE).cutoff(now), limit);
    }
}
