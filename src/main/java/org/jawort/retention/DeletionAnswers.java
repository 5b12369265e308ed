package org.jawort.retention;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Follows nightly runs until everybody who received what they deleted has answered (RET-14).
 * Registered as {@code deletionAnswers}.
 */
public final class DeletionAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(DeletionAnswers.class);

    /** Between two batches it never takes so long, and while one is at work it holds the run. */
    private static final Duration SILENT = Duration.ofMinutes(10);

    /** What its process wrote first may be as much before the time it began. */
    private static final Duration DIFFERENCE = Duration.ofMinutes(10);

    private final Tenants tenants;
    private final TenantScope scope;
    private final ProviderDeletions providers;
    private final DeletionTasks tasks;
    private final InterruptedRuns interrupted;
    private final SubjectKeys keys;
    private final InstantSource clock;
    private final MeterRegistry meters;

    DeletionAnswers(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            ProviderDeletions providers,
            InterruptedRuns interrupted,
            SubjectKeys keys,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.scope = scope;
        this.providers = providers;
        this.tasks = new DeletionTasks(jdbc);
        this.interrupted = interrupted;
        this.keys = keys;
        this.clock = clock;
        this.meters = meters;
    }

    /** Takes every open run as far as it goes; a route calls it again and again. */
    public void collect() {
        List<String> ids = tenants.all().stream().map(Tenant::id).toList();
        List<DeletionTasks.Open> open = scope.call(ids, () -> tasks.open(ids));
        Set<String> asking = new LinkedHashSet<>();
        open.forEach(run -> asking.add(run.tenant()));
        Instant now = clock.instant();
        for (String tenant : asking) {
            alone(tenant, () -> providers.feed(tenant, now));
        }
        for (DeletionTasks.Open run : open) {
            alone(run.tenant(), () -> follow(run, now));
        }
    }

    /** The others shall not wait for one that fails; it is tried again with the next turn. */
    private void alone(String tenant, Runnable work) {
        try {
            scope.run(tenant, work);
        } catch (RuntimeException later) {
            meters.counter("jawort.retention.failures", "tenant", tenant).increment();
            LOG.warn(
                    "retention.answers.interrupted tenant={} error={}",
                    tenant,
                    later.getClass().getSimpleName());
        }
    }

    private void follow(DeletionTasks.Open run, Instant now) {
        if (!tasks.lock(run)) {
            return;
        }
        tasks.giveUp(run, now.minus(SILENT))
                .ifPresent(
                        began -> {
                            LOG.warn(
                                    "retention.broken-off tenant={} run={}",
                                    run.tenant(),
                                    run.run());
                            interrupted.settle(run.tenant(), run.run(), began.minus(DIFFERENCE));
                        });
        tasks.fold(run, now);
        if (tasks.isAnswered(run)) {
            String status = tasks.close(run, now);
            keys.forget(run.tenant(), run.run());
            meters.counter("jawort.retention.runs", "tenant", run.tenant(), "outcome", status)
                    .increment();
            LOG.info(
                    "retention.answered tenant={} run={} status={}",
                    run.tenant(),
                    run.run(),
                    status);
        }
    }
}
