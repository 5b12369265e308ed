package org.jawort.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import org.jawort.delivery.DestinationHealth.Learned;
import org.jawort.delivery.DestinationHealth.Leave;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each batch whether its destination may be called, by what all nodes wrote down of it,
 * and writes down what the batch learned. Accounts have a breaker of their own: of them nothing is
 * written, but somebody may have paused them. Thread-safe.
 */
final class Breakers {

    private static final Logger LOG = LoggerFactory.getLogger(Breakers.class);

    /** How often it is written down that a destination is well. */
    private static final Duration WELL_EVERY = Duration.ofSeconds(10);

    /** What a probe has beside the deadline of its attempt. */
    private static final Duration PROBE_SLACK = Duration.ofSeconds(30);

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

    /** What this node knows of one destination. */
    private static final class Known {
        private final DestinationHealth.Row row = new DestinationHealth.Row();
        private volatile Condition.State state = Condition.State.ACTIVE;
        private volatile boolean failing;
        private volatile boolean slow;
        private volatile Instant wellWritten = Instant.MIN;
    }

    private final TenantScope scope;
    private final ConditionRows rows;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final ConcurrentMap<String, Known> known = new ConcurrentHashMap<>();

    Breakers(TenantScope scope, ConditionRows rows, InstantSource clock, MeterRegistry meters) {
        this.scope = scope;
        this.rows = rows;
        this.clock = clock;
        this.meters = meters;
    }

    /** What the next batch of a destination may do. In the tenant's transaction. */
    DestinationHealth begin(Destination destination) {
        Known here = known(destination.tenant(), destination.id());
        Condition condition = rows.find(destination.tenant(), destination.id());
        here.state = condition.state();
        BooleanSupplier stopped = () -> here.state != Condition.State.ACTIVE;
        if (destination.isAccount()) {
            return DestinationHealth.ofAccount(clock, stopped);
        }
        here.failing = condition.failingSince() != null;
        here.slow = condition.slow();
        Leave leave = leave(destination, condition, clock.instant());
        String why =
                condition.state() == Condition.State.ACTIVE
                        ? "destination is failing"
                        : "destination is stopped";
        return new DestinationHealth(clock, leave, why, here.row, stopped);
    }

    private Leave leave(Destination destination, Condition condition, Instant now) {
        if (condition.state() != Condition.State.ACTIVE) {
            return Leave.NONE;
        }
        if (condition.probeAt() == null) {
            return Leave.ALL;
        }
        Duration lease = destination.delivery().deadline().plus(PROBE_SLACK);
        return !condition.probeAt().isAfter(now) && rows.claimProbe(condition, now, lease)
                ? Leave.PROBE
                : Leave.NONE;
    }

    /** Writes down what the batch learned, if it is anything new. */
    void end(Destination destination, DestinationHealth health) {
        if (destination.isAccount() || health.leave() == Leave.NONE || !health.isUnwritten()) {
            return;
        }
        Known here = known(destination.tenant(), destination.id());
        Learned learned = health.learned();
        Instant now = clock.instant();
        boolean probe = health.leave() == Leave.PROBE;
        boolean news =
                probe
                        || learned.failingFrom() != null
                        || learned.tripped() != null
                        || learned.gone()
                        || learned.tookTooLong() != here.slow
                        || learned.delivered()
                                && (here.failing
                                        || Duration.between(here.wellWritten, now)
                                                        .compareTo(WELL_EVERY)
                                                >= 0);
        if (!news) {
            return;
        }
        boolean pace = learned.tookTooLong() != here.slow;
        scope.run(
                destination.tenant(),
                () -> {
                    write(destination, learned, probe, now);
                    if (pace) {
                        rows.slow(destination.tenant(), destination.id(), learned.tookTooLong());
                    }
                });
        health.written();
        if (learned.delivered()) {
            here.wellWritten = now;
        }
        here.failing = learned.failingFrom() != null;
        if (learned.tripped() != null) {
            here.row.clear();
        }
        if (learned.gone()) {
            here.state = Condition.State.DISABLED;
        }
    }

    private void write(Destination destination, Learned learned, boolean probe, Instant now) {
        String tenant = destination.tenant();
        String id = destination.id();
        if (learned.delivered()) {
            rows.succeeded(tenant, id, now);
        }
        if (learned.failingFrom() != null || learned.gone()) {
            Instant from = learned.failingFrom() == null ? now : learned.failingFrom();
            rows.failed(tenant, id, from, now, learned.status(), learned.error());
        }
        if (learned.gone()) {
            disable(destination, Condition.Reason.GONE, now);
        }
        if (probe && !learned.probed()) {
            rows.giveProbeBack(tenant, id, now);
        } else if (learned.tripped() != null) {
            open(destination, learned.tripped(), probe && !learned.delivered(), now);
        } else if (probe && learned.answered()) {
            rows.close(tenant, id);
            LOG.info("destination.recovered tenant={} destination={}", tenant, id);
        }
    }

    /**
     * @param probe whether it is its probe that failed, and not something behind a good one
     */
    private void open(Destination destination, Duration pause, boolean probe, Instant now) {
        String tenant = destination.tenant();
        String id = destination.id();
        int failed = probe ? rows.find(tenant, id).failedProbes() + 1 : 0;
        Duration scheduled = Condition.pause(failed);
        Duration wait = pause.compareTo(scheduled) > 0 ? pause : scheduled;
        wait = wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
        rows.open(tenant, id, now, now.plus(wait), failed);
        LOG.warn(
                "destination.spared tenant={} destination={} until={} probes={}",
                tenant,
                id,
                now.plus(wait),
                failed);
        meters.counter("jawort.destination.spared", "tenant", tenant, "destination", id)
                .increment();
    }

    /** Inside the tenant's transaction; tells of it once, whoever is first. */
    void disable(Destination destination, Condition.Reason reason, Instant now) {
        String tenant = destination.tenant();
        String id = destination.id();
        if (!rows.disable(tenant, id, reason, now)) {
            return;
        }
        rows.note(tenant, id, now, "disabled", reason.name(), null);
        LOG.error(
                "destination.disabled tenant={} destination={} reason={}; its deliveries wait until it is resumed",
                tenant,
                id,
                reason);
        meters.counter(
                        "jawort.destination.disabled",
                        "tenant",
                        tenant,
                        "destination",
                        id,
                        "reason",
                        reason.name())
                .increment();
    }

    /** Takes over what all nodes wrote down, so that a batch under way stops where it should. */
    void see(Collection<Condition> conditions) {
        for (Condition condition : conditions) {
            known(condition.tenant(), condition.destination()).state = condition.state();
        }
    }

    private Known known(String tenant, String destination) {
        return known.computeIfAbsent(tenant + "/" + destination, name -> new Known());
    }
}
