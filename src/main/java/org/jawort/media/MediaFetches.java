package org.jawort.media;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.camel.Exchange;
import org.jawort.media.MediaFiles.Place;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which files are to be fetched now, and what became of it. A fetch is leased: where a node dies
 * with it, another takes it up once the lease is over. Registered as {@code mediaFetches}.
 */
public final class MediaFetches {

    private static final Logger LOG = LoggerFactory.getLogger(MediaFetches.class);
    private static final long MEBIBYTE = 1024 * 1024;

    private final TenantScope scope;
    private final MediaFiles files;
    private final FileIntake intake;
    private final Tenants tenants;
    private final MediaProperties properties;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final List<Place> places;
    private final ConcurrentMap<UUID, Instant> running = new ConcurrentHashMap<>();

    MediaFetches(
            TenantScope scope,
            MediaFiles files,
            FileIntake intake,
            Tenants tenants,
            MediaProperties properties,
            InstantSource clock,
            MeterRegistry meters) {
        this.scope = scope;
        this.files = files;
        this.intake = intake;
        this.tenants = tenants;
        this.properties = properties;
        this.clock = clock;
        this.meters = meters;
        this.places =
                tenants.all().stream()
                        .flatMap(tenant -> tenant.accounts().values().stream())
                        .map(account -> new Place(account.tenant(), account.id()))
                        .toList();
        tenants.all().stream()
                .flatMap(tenant -> tenant.accounts().values().stream())
                .forEach(MediaFetches::check); // here rather than at the first file
    }

    /**
     * @throws IllegalArgumentException if the account's {@code mediaMaxMegabytes} is no size
     */
    public static void check(Account account) {
        if (!account.setting("mediaMaxMegabytes", "").matches("([1-9][0-9]{0,3})?")) {
            throw new IllegalArgumentException(
                    "tenants/%s.yaml: account %s: settings.mediaMaxMegabytes must be a number from 1 to 9999"
                            .formatted(account.tenant(), account.id()));
        }
    }

    private long maxBytes(Account account) {
        String own = account.setting("mediaMaxMegabytes", "");
        if (own.isEmpty()) {
            return properties.maxBytes();
        }
        return Long.parseLong(own) * MEBIBYTE;
    }

    /**
     * Makes the body the files to fetch now, no more than this node has hands free; an empty list
     * if there is nothing to do.
     */
    public void due(Exchange exchange) {
        Instant now = clock.instant();
        // A connection is cut after the cap, and a file may take two of them.
        Duration lease = properties.timeCap().multipliedBy(3).plusMinutes(1);
        running.values().removeIf(until -> until.isBefore(now));
        int free = properties.fetchesAtOnce() - running.size();
        exchange.getMessage().setBody(free <= 0 ? List.of() : claims(now, free, lease));
    }

    private List<Fetch.Claim> claims(Instant now, int free, Duration lease) {
        int perAccount = Math.max(1, properties.fetchesAtOnce() / 2);
        List<Fetch.Claim> claims =
                scope
                        .call(
                                tenants.all().stream().map(Tenant::id).toList(),
                                () -> files.due(places, now, perAccount, free, lease))
                        .stream()
                        .map(
                                due ->
                                        new Fetch.Claim(
                                                due.tenant(),
                                                due.id(),
                                                due.account(),
                                                account(due.tenant(), due.account()).provider(),
                                                due.attempt()))
                        .toList();
        claims.forEach(claim -> running.put(claim.file(), now.plus(lease)));
        return claims;
    }

    private Account account(String tenant, String account) {
        return tenants.get(tenant).accounts().get(account);
    }

    /** The first step of every route that fetches: from here on it is known whose file it is. */
    public void claim(Exchange exchange, String tenant, String account) {
        Fetch.Claim claim = exchange.getMessage().getBody(Fetch.Claim.class);
        if (!claim.tenant().equals(tenant) || !claim.account().equals(account)) {
            throw new IllegalStateException("a fetch of another account");
        }
        Fetch fetch = null;
        try {
            Optional<MediaFiles.Open> open = scope.call(tenant, () -> files.open(claim));
            fetch = open.map(one -> fetch(claim, one)).orElse(null);
        } catch (RuntimeException down) {
            LOG.warn("media.unclaimed file={}", claim.file()); // the lease ends, and it comes again
        }
        exchange.setProperty(Fetch.PROPERTY, fetch);
        exchange.setProperty(Fetch.MORE, fetch != null);
        if (fetch == null) {
            running.remove(claim.file());
        }
    }

    private Fetch fetch(Fetch.Claim claim, MediaFiles.Open open) {
        ObjectNode described = open.described();
        return new Fetch(
                claim,
                open.subject(),
                open.createdAt(),
                described.path("providerUrl").textValue(),
                System.nanoTime() + properties.timeCap().toNanos(),
                maxBytes(account(claim.tenant(), claim.account())));
    }

    /** The last step: what became of it is written down, and the deliveries that wait are told. */
    public void settle(Exchange exchange) {
        Fetch fetch = exchange.getProperty(Fetch.PROPERTY, Fetch.class);
        if (fetch == null) {
            return;
        }
        Fetch.Claim claim = fetch.claim;
        try {
            if (fetch.stored != null) {
                stored(fetch);
            } else {
                failed(
                        fetch,
                        fetch.failed == null
                                ? new FetchFailed(FetchFault.CONNECTION)
                                : fetch.failed);
            }
        } finally {
            running.remove(claim.file());
        }
    }

    private void stored(Fetch fetch) {
        Fetch.Claim claim = fetch.claim;
        Instant now = clock.instant();
        boolean kept;
        try {
            kept =
                    scope.call(
                            claim.tenant(),
                            () -> files.stored(claim, fetch.subject, fetch.stored, now));
        } catch (RuntimeException down) {
            intake.loosen(claim.tenant(), claim.file(), fetch.stored.object());
            throw down;
        }
        if (!kept) {
            intake.loosen(claim.tenant(), claim.file(), fetch.stored.object());
        }
        count(claim, kept ? "stored" : "gone");
    }

    private void failed(Fetch fetch, FetchFailed failed) {
        Fetch.Claim claim = fetch.claim;
        Instant now = clock.instant();
        Optional<Instant> next =
                FetchSchedule.next(failed, claim.attempt(), now, fetch.createdAt.plus(fetch.keeps));
        scope.run(
                claim.tenant(), () -> files.failed(claim, failed.fault(), next.orElse(null), now));
        if (next.isEmpty()) {
            LOG.warn(
                    "media.given_up file={} account={} reason={} attempts={}",
                    claim.file(),
                    claim.account(),
                    failed.fault(),
                    claim.attempt());
        } else {
            LOG.info(
                    "media.attempted file={} account={} reason={} attempt={} next={}",
                    claim.file(),
                    claim.account(),
                    failed.fault(),
                    claim.attempt(),
                    next.get());
        }
        count(claim, next.isEmpty() ? "given_up" : "again");
    }

    private void count(Fetch.Claim claim, String outcome) {
        meters.counter(
                        "jawort.media.fetches",
                        "tenant",
                        claim.tenant(),
                        "account",
                        claim.account(),
                        "outcome",
                        outcome)
                .increment();
    }
}
