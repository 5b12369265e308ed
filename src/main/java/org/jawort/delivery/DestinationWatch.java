package org.jawort.delivery;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second at what is written down of all destinations: lets the batches of this node
 * know what was stopped, warns when half, 70 and 90 per cent of the time are over after which a
 * destination that only fails is disabled, and disables it. Several nodes look; each warning is
 * given once. Registered as {@code destinationWatch}.
 */
public final class DestinationWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DestinationWatch.class);
    private static final List<Integer> WARNINGS = List.of(90, 70, 50);

    /** Longer than any wait of the schedule: nobody tries any more, so it does not fail either. */
    private static final Duration TRYING = Duration.ofHours(30);

    private final Tenants tenants;
    private final TenantScope scope;
    private final ConditionRows rows;
    private final Breakers breakers;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private volatile Map<String, Condition> latest = Map.of();

    DestinationWatch(
            Tenants tenants,
            TenantScope scope,
            ConditionRows rows,
            Breakers breakers,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.scope = scope;
        this.rows = rows;
        this.breakers = breakers;
        this.clock = clock;
        this.meters = meters;
        for (Tenant tenant : tenants.all()) {
            tenant.queues().forEach(this::show);
        }
    }

    private void show(Destination destination) {
        Tags place = Tags.of("tenant", destination.tenant(), "destination", destination.id());
        for (String state : List.of("active", "spared", "paused", "disabled")) {
            Gauge.builder(
                            "jawort.destination.state",
                            () -> shown(condition(destination)).equals(state) ? 1 : 0)
                    .description("1 for the state a destination is in")
                    .tags(place.and("state", state))
                    .register(meters);
        }
        if (destination.isAccount()) {
            return;
        }
        Gauge.builder("jawort.destination.failing", () -> failingSeconds(condition(destination)))
                .baseUnit("seconds")
                .description("For how long nothing was delivered though it was tried")
                .tags(place)
                .register(meters);
    }

    private static String shown(Condition condition) {
        return switch (condition.state()) {
            case PAUSED -> "paused";
            case DISABLED -> "disabled";
            case ACTIVE -> condition.probeAt() == null ? "active" : "spared";
        };
    }

    private long failingSeconds(Condition condition) {
        return condition.failingSince() == null
                ? 0
                : Duration.between(condition.failingSince(), clock.instant()).toSeconds();
    }

    private Condition condition(Destination destination) {
        return latest.getOrDefault(
                place(destination.tenant(), destination.id()),
                Condition.well(destination.tenant(), destination.id()));
    }

    private static String place(String tenant, String destination) {
        return tenant + "/" + destination;
    }

    /** Once. */
    public void run() {
        Instant now = clock.instant();
        List<String> ids = tenants.all().stream().map(Tenant::id).toList();
        List<Condition> conditions = scope.call(ids, rows::all);
        breakers.see(conditions);
        latest =
                conditions.stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        one -> place(one.tenant(), one.destination()),
                                        Function.identity()));
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                Condition condition = condition(destination);
                if (condition.failingSince() != null
                        && condition.state() == Condition.State.ACTIVE) {
                    judge(destination, condition, now);
                }
            }
        }
    }

    private void judge(Destination destination, Condition condition, Instant now) {
        Duration failed = Duration.between(condition.failingSince(), now);
        Duration most = destination.delivery().disableAfter();
        if (condition.lastFailureAt().plus(TRYING).isBefore(now)) {
            scope.call(destination.tenant(), () -> rows.forget(condition));
        } else if (failed.compareTo(most) >= 0) {
            scope.run(
                    destination.tenant(),
                    () -> breakers.disable(destination, Condition.Reason.FAILED_TOO_LONG, now));
        } else {
            long percent = failed.toSeconds() * 100 / most.toSeconds();
            WARNINGS.stream()
                    .filter(warning -> warning <= percent && warning > condition.warned())
                    .findFirst()
                    .ifPresent(warning -> warn(destination, condition, warning, now));
        }
    }

    private void warn(Destination destination, Condition condition, int percent, Instant now) {
        boolean first =
                scope.call(
                        destination.tenant(),
                        () -> {
                            boolean told = rows.warn(condition, percent);
                            if (told) {
                                rows.note(
                                        destination.tenant(),
                                        destination.id(),
                                        now,
                                        "failing",
                                        String.valueOf(percent),
                                        null);
                            }
                            return told;
                        });
        if (first) {
            LOG.warn(
                    "destination.failing tenant={} destination={} since={} percent={} disabled-at={}",
                    destination.tenant(),
                    destination.id(),
                    condition.failingSince(),
                    percent,
                    condition.failingSince().plus(destination.delivery().disableAfter()));
            meters.counter(
                            "jawort.destination.warnings",
                            "tenant",
                            destination.tenant(),
                            "destination",
                            destination.id())
                    .increment();
        }
    }
}
