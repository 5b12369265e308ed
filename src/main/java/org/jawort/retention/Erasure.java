package org.jawort.retention;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentErasure;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.SuppressionStubs;
import org.jawort.conversation.QuarantinedWebhooks;
import org.jawort.intake.SpooledWebhooks;
import org.jawort.intake.WebhookRequest;
import org.jawort.retention.DeletionJournal.Done;
import org.jawort.retention.ErasureRows.Run;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Erases one person (GDPR Art. 17, DSR-7): nothing more leaves for or about them, what law keeps is
 * sealed anew, the ordinary key is destroyed, the rows go, and every recipient is asked to do the
 * same. Each step is a transaction of its own and written down, so that a run goes on after a kill
 * where it stopped, on whichever node. Registered as {@code erasure}.
 */
public final class Erasure {

    private static final Logger LOG = LoggerFactory.getLogger(Erasure.class);
    private static final int EVERYBODY = 5;
    static final String ARTICLE = "GDPR Art. 17";

    /** Among the recipients of a run: the hub itself, which could not keep all that law keeps. */
    private static final String LETTERS = "hub:retained";

    /**
     * Longer no file of what law keeps is waited for: its provider was asked for it five times by
     * then, and is to delete it, too.
     */
    private static final Duration FETCHING = Duration.ofHours(1);

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final StoredKeys stored;
    private final ConsentLedger ledger;
    private final ConsentErasure consents;
    private final QuarantinedWebhooks quarantine;
    private final SpooledWebhooks spool;
    private final ErasurePropagation propagation;
    private final ErasureRows rows;
    private final RetainedItems retained;
    private final Categories categories;
    private final BoundItems bound;
    private final KeptBesides besides;
    private final ErasurePlans plans;
    private final Preservation preservation;
    private final Tombstones stones;
    private final PersonTraces traces;
    private final UnderWay underWay;
    private final PersonRows person;
    private final DeletionJournal journal;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final AtomicInteger turns = new AtomicInteger();
    private final Setbacks setbacks = new Setbacks();
    private final Setbacks files = new Setbacks();

    Erasure(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ConsentLedger ledger,
            ConsentErasure consents,
            QuarantinedWebhooks quarantine,
            SpooledWebhooks spool,
            ErasurePropagation propagation,
            RetainedItems retained,
            Categories categories,
            BoundItems bound,
            KeptBesides besides,
            ErasurePlans plans,
            Preservation preservation,
            Tombstones stones,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.keys = keys;
        this.stored = new StoredKeys(jdbc, keys);
        this.ledger = ledger;
        this.consents = consents;
        this.quarantine = quarantine;
        this.spool = spool;
        this.propagation = propagation;
        this.rows = new ErasureRows(jdbc);
        this.retained = retained;
        this.categories = categories;
        this.bound = bound;
        this.besides = besides;
        this.plans = plans;
        this.preservation = preservation;
        this.stones = stones;
        this.traces = new PersonTraces(jdbc);
        this.underWay = new UnderWay(jdbc);
        this.person = new PersonRows(jdbc);
        this.journal = new DeletionJournal(jdbc);
        this.clock = clock;
        this.meters = meters;
    }

    /**
     * Begins an erasure and takes it as far as it goes at once; what is left to wait for goes on by
     * itself. The same request again is the same run, and so is another one of somebody who is
     * being erased.
     *
     * @return the run
     */
    public UUID erase(String tenant, UUID subject, UUID request) {
        // Holds cost what the tenant has, and who looks how far it is asks often.
        if (scope.call(tenant, () -> rows.of(tenant, request).isEmpty())) {
            prepare(tenant);
        }
        UUID run = scope.call(tenant, () -> begin(tenant, subject, request, true));
        advance(tenant, run, true);
        return run;
    }

    /** What {@link #erase} would do now; inside the caller's transaction. */
    public ObjectNode plan(String tenant, UUID subject) {
        return plans.of(tenant, subject, clock.instant());
    }

    /** Once before any number of erasures of a tenant. */
    void prepare(String tenant) {
        preservation.prepare(tenant, clock.instant());
    }

    /**
     * Does again here alone, and at once, what everybody was told long ago; {@link #prepare} comes
     * first.
     *
     * @throws IllegalStateException if something of the person is still there
     */
    void eraseAgain(String tenant, UUID subject, UUID request) {
        UUID run = scope.call(tenant, () -> begin(tenant, subject, request, false));
        for (int turn = 0; turn < 2; turn++) { // another node may have had it and let go of it
            advance(tenant, run, false);
            if (scope.call(tenant, () -> rows.awaitDeleted(tenant, run))) {
                return;
            }
        }
        throw new IllegalStateException(
                "somebody who was erased is back and cannot be erased now: tenant %s, run %s; start again"
                        .formatted(tenant, run));
    }

    private UUID begin(String tenant, UUID subject, UUID request, boolean propagates) {
        ledger.load(
                List.of(new Person(tenant, subject))); // the person before the rows, as everywhere
        Optional<UUID> before = rows.of(tenant, request);
        if (before.isPresent()) {
            return before.get();
        }
        Instant now = clock.instant();
        Optional<UUID> earlier = propagates ? rows.underWay(tenant, subject) : Optional.empty();
        if (earlier.isPresent()) {
            rows.follow(tenant, request, subject, earlier.get(), now);
            return earlier.get();
        }
        UUID id = UuidCreator.getTimeOrderedEpoch();
        ObjectNode plan = plans.of(tenant, subject, now);
        Run run =
                new Run(
                        tenant,
                        id,
                        request,
                        subject,
                        "BEGUN",
                        "RUNNING",
                        propagates,
                        keys.create(tenant, id).wrapped(),
                        HexFormat.of().parseHex(plan.get("hash").textValue()),
                        now);
        if (!rows.begin(run, plan)) {
            return rows.of(tenant, request).orElseThrow();
        }
        jdbc.update(
                "update subject set erasing_at = coalesce(erasing_at, ?) where tenant = ? and id = ?",
                Bulk.timestamp(now),
                tenant,
                subject);
        jdbc.update(
                "update outbound set state = 'canceled', reason = 'OUT_ERASURE', updated_at = ?"
                        + " where tenant = ? and subject_id = ? and state in ('scheduled', 'queued')",
                Bulk.timestamp(now),
                tenant,
                subject);
        underWay.note(run, List.of("parked"), now);
        return id;
    }

    /**
     * Takes every open run as far as it goes; a route calls it again and again. What waits for
     * others is looked at every fifth time.
     */
    public void resume() {
        boolean all = turns.getAndIncrement() % EVERYBODY == 0;
        List<String> ids = tenants.all().stream().map(Tenant::id).toList();
        List<ErasureRows.Open> open =
                scope.call(
                        ids,
                        () -> {
                            if (all) {
                                rows.settleExceptions(ids, clock.instant());
                            }
                            return rows.open(ids, all);
                        });
        for (ErasureRows.Open one : open) {
            if (setbacks.holdBack(one.run(), clock.instant())) {
                continue;
            }
            try {
                advance(one.tenant(), one.run(), true);
                setbacks.over(one.run());
            } catch (RuntimeException later) {
                // The others shall not wait for this one.
                setbacks.met(one.run(), clock.instant());
                meters.counter("jawort.erasure.failures", "tenant", one.tenant()).increment();
                LOG.warn(
                        "erasure.interrupted tenant={} run={} error={}",
                        one.tenant(),
                        one.run(),
                        later.getClass().getSimpleName());
            }
        }
    }

    /**
     * @param waits false at a start, before which nothing can be on its way
     */
    private void advance(String tenant, UUID run, boolean waits) {
        boolean further = true;
        while (further) {
            further =
                    scope.call(
                            tenant,
                            () ->
                                    rows.lock(tenant, run)
                                            .map(one -> step(one, waits))
                                            .orElse(false));
        }
        scope.call(tenant, () -> rows.subject(tenant, run))
                .ifPresent(subject -> keys.forget(tenant, subject));
    }

    /**
     * @return whether the next step can follow at once
     */
    private boolean step(Run run, boolean waits) {
        Instant now = clock.instant();
        return switch (run.phase()) {
            case "BEGUN" -> shred(run, waits && run.propagates(), now);
            case "SHREDDED" -> delete(run, now);
            default -> finish(run, now);
        };
    }

    private boolean shred(Run run, boolean waits, Instant now) {
        if (waits && files.holdBack(run.id(), now)) {
            return false; // to look costs locks on all the person's messages
        }
        Person who = new Person(run.tenant(), run.subject());
        ledger.load(List.of(who));
        if (!underWay.isOver(run, waits, now)) {
            return false;
        }
        if (!traces.lock(run.tenant(), run.subject())) {
            return false; // a batch is deleting some of it, and what that is providers must hear
        }
        categories.fallBack(run.tenant(), run.subject());
        Optional<SubjectKey> ordinary = Optional.empty();
        boolean isUnreadable = false;
        try {
            ordinary = stored.find(run.tenant(), run.subject(), SubjectKeys.ORDINARY);
        } catch (Undecipherable changed) {
            if (bound.areThere(run.tenant(), run.subject(), now)) {
                throw changed; // once it is restored, it opens what is to be kept
            }
            LOG.warn("erasure.unreadable tenant={} run={}", run.tenant(), run.id());
            isUnreadable = true;
        }
        boolean isFileMissing =
                ordinary.isPresent() && retained.awaitsFile(run.tenant(), run.subject(), now);
        boolean isWaitedFor =
                isFileMissing
                        || ordinary.isPresent()
                                && tenants.get(run.tenant())
                                        .retention()
                                        .categories()
                                        .askForAttachments()
                                && retained.awaitsFileOfTheUnclassified(
                                        run.tenant(), run.subject());
        if (isWaitedFor && waits && now.isBefore(run.startedAt().plus(FETCHING))) {
            files.met(run.id(), now);
            return false;
        }
        files.over(run.id());
        int spooled = 0;
        List<UUID> aside = List.of();
        RetainedItems.Moved moved = new RetainedItems.Moved(List.of(), List.of());
        if (run.propagates() && (ordinary.isPresent() || isUnreadable)) {
            propagation.queue(run, ordinary, now);
        }
        if (ordinary.isPresent()) {
            SubjectKey key = ordinary.get();
            Predicate<WebhookRequest> named = traces.named(run.tenant(), run.subject(), key);
            spooled = spool.delete(run.tenant(), named);
            aside = quarantine.delete(run.tenant(), named);
            moved = retained.move(run.tenant(), run.subject(), run.id(), key, now);
        }
        SuppressionStubs.Left stubs = consents.erase(who, now);
        jdbc.update(
                "delete from address where tenant = ? and subject_id = ?",
                run.tenant(),
                run.subject());
        int destroyed =
                jdbc.update(
                        "delete from subject_key where tenant = ? and subject_id = ? and key_group = ?",
                        run.tenant(),
                        run.subject(),
                        SubjectKeys.ORDINARY);
        if (isUnreadable || !moved.unreadable().isEmpty()) {
            rows.task(run, LETTERS, "MANUAL", "UNREADABLE", null, now);
        } else if (isFileMissing) {
            rows.task(run, LETTERS, "MANUAL", "FILE_MISSING", null, now);
        }
        List<RetainedItems.Kept> kept = retained.kept(run.tenant(), run.subject());
        rows.shredded(run, kept, besides.of(run.tenant(), run.subject(), kept, stubs, now), now);
        if (run.propagates()) { // done again after a restore, it has its stone already
            stones.write(
                    run.tenant(),
                    new Tombstones.Stone(
                            now, "subject", run.request(), null, List.of(run.subject()), Map.of()));
        }
        if (destroyed > 0) {
            record(run, "SHREDDED", "subject_key", List.of(run.subject()), now);
        }
        record(run, "RESTRICTED", "retained_message", moved.kept(), now);
        record(run, "DELETED", "quarantine", aside, now);
        LOG.info(
                "erasure.shredded tenant={} run={} kept={} spooled={}",
                run.tenant(),
                run.id(),
                moved.kept().size(),
                spooled);
        return true;
    }

    private boolean delete(Run run, Instant now) {
        var received = propagation.received(run);
        PersonRows.Gone gone = person.delete(run.tenant(), run.subject(), now);
        gone.ids().forEach((table, ids) -> record(run, "DELETED", table, ids, now));
        rows.deleted(run, gone.counts(), now);
        propagation.tell(run, received, retained.kept(run.tenant(), run.subject()), now);
        return true;
    }

    /**
     * Looks what the recipients came to; once all have answered, nothing of the run is secret any
     * more.
     */
    private boolean finish(Run run, Instant now) {
        rows.collect(run, now);
        List<String> states = rows.states(run);
        if (states.contains("RETRY")) {
            return false;
        }
        // A batch that had loaded the person before the key was destroyed may have stored something
        // since.
        consents.erase(new Person(run.tenant(), run.subject()), now);
        PersonRows.Gone late = person.delete(run.tenant(), run.subject(), now);
        jdbc.update(
                "update subject set erasing_at = null, restricted_at = coalesce(restricted_at, ?) where tenant = ? and id = ?",
                Bulk.timestamp(now),
                run.tenant(),
                run.subject());
        retained.leave(run.tenant(), run.subject());
        boolean all =
                states.stream()
                        .allMatch(state -> state.equals("DONE") || state.equals("EXPIRES_AT"));
        String status = all ? "COMPLETED" : "COMPLETED_WITH_EXCEPTIONS";
        rows.finish(run, status, now);
        late.ids().forEach((table, ids) -> record(run, "DELETED", table, ids, now));
        keys.forget(run.tenant(), run.id());
        meters.counter("jawort.erasures", "tenant", run.tenant(), "outcome", status).increment();
        LOG.info("erasure.finished tenant={} run={} status={}", run.tenant(), run.id(), status);
        return false;
    }

    /** After all rows of the person: a nightly run has its rows, too, before it writes here. */
    private void record(Run run, String event, String store, List<UUID> ids, Instant now) {
        journal.append(
                run.tenant(),
                new Done(
                        run.id(),
                        run.propagates() ? "ERASURE" : "RESTORE",
                        event,
                        ARTICLE,
                        store,
                        ids,
                        run.planHash(),
                        run.propagates() ? "request:" + run.request() : JournalEntry.HUB,
                        run.startedAt(),
                        now));
    }
}
