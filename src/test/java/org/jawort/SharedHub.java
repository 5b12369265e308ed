package org.jawort;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeProvider;

/**
 * One hub for several tests, each with a tenant, a CRM, an archive and providers of its own, so
 * that none sees what another stored or sent. They share the clock, which a test moves forward
 * only.
 */
public final class SharedHub implements AutoCloseable {

    private static final List<String> PROVIDERS =
            List.of("twilio", "messagebird", "vonage", "smooch");

    /** What one test has. */
    public record Seat(HubInTest hub, FakeProvider fake) {}

    private record Prepared(String kind, String tenant, CrmReceiver crm, FakeProvider fake) {}

    /** What is wanted, before the hub starts: no tenant can be added later. */
    public static final class Builder {
        private final HomeFolder home;
        private final HubInTest.Builder hub;
        private final AtomicReference<InstantSource> clock =
                new AtomicReference<>(InstantSource.system());
        private final List<Prepared> prepared = new ArrayList<>();
        private Set<String> accounts = Set.copyOf(PROVIDERS);

        private Builder(HomeFolder home) {
            this.home = home;
            this.hub =
                    HubInTest.hub()
                            .home(home.path())
                            .with("jawort.delivery.relay-period-millis", "200")
                            .with("jawort.sending.response-timeout-millis", "5000");
        }

        public Builder with(String property, String value) {
            hub.with(property, value);
            return this;
        }

        /**
         * Tenants named from here on have these accounts only: each account and destination of each
         * is a topic with a consumer.
         */
        public Builder accounts(String... kept) {
            accounts = Set.of(kept);
            return this;
        }

        /** As many tenants that are as the folder's demo tenant. */
        public Builder tenants(int count) {
            for (int i = 0; i < count; i++) {
                tenant("");
            }
            return this;
        }

        /**
         * A tenant that differs from the folder's demo tenant.
         *
         * @param kind by which a test asks for it
         * @param changes of its file: a text that stands there, what is to stand there, and so on
         */
        public Builder tenant(String kind, String... changes) {
            String id = "tenant-" + prepared.size();
            InstantSource time = () -> clock.get().instant();
            CrmReceiver crm = CrmReceiver.timeless(0, DemoTenant.CRM_SECRET, time).start();
            FakeProvider fake = new FakeProvider(0, DemoTenant.sending(name -> null), time).start();
            String own = "_API_URL_" + prepared.size();
            home.tenant(id, "_API_URL:", own + ":");
            home.change(id, "${JAWORT_CRM_URL:", "${JAWORT_CRM_URL_" + prepared.size() + ":");
            hub.with("JAWORT_CRM_URL_" + prepared.size(), crm.url());
            for (String provider : PROVIDERS) {
                hub.with(provider.toUpperCase(Locale.ROOT) + own, fake.url(provider));
            }
            hub.with("MESSAGEBIRD_SMS" + own, fake.url("messagebird"));
            hub.with("VONAGE_SMS" + own, fake.url("vonage"));
            hub.with("TWILIO_ERASE" + own, fake.url("twilio"));
            hub.with("VONAGE_ERASE" + own, fake.url("vonage"));
            home.keepAccounts(id, accounts);
            for (int i = 0; i < changes.length; i += 2) {
                home.change(id, changes[i], changes[i + 1]);
            }
            prepared.add(new Prepared(kind, id, crm, fake));
            return this;
        }

        public SharedHub start() {
            home.remove(DemoTenant.ID);
            HubInTest started = hub.start();
            clock.set(started.clock);
            return new SharedHub(started, prepared);
        }
    }

    private final HubInTest hub;
    private final List<Prepared> prepared;
    private final Map<String, Queue<Seat>> free = new HashMap<>();

    private SharedHub(HubInTest hub, List<Prepared> prepared) {
        this.hub = hub;
        this.prepared = prepared;
        for (Prepared one : prepared) {
            free.computeIfAbsent(one.kind(), kind -> new ArrayDeque<>())
                    .add(new Seat(hub.as(one.tenant(), one.crm()), one.fake()));
        }
    }

    public static Builder in(HomeFolder home) {
        return new Builder(home);
    }

    /** A tenant as the folder's demo tenant, which no test had before. */
    public Seat seat() {
        return seat("");
    }

    /** A tenant of this kind, which no test had before. */
    public Seat seat(String kind) {
        Seat seat = free.getOrDefault(kind, new ArrayDeque<>()).poll();
        if (seat == null) {
            throw new IllegalStateException(
                    "no tenant left of the kind \"" + kind + "\": ask the builder for one more");
        }
        return seat;
    }

    @Override
    public void close() {
        hub.close();
        for (Prepared one : prepared) {
            one.crm().close();
            one.fake().close();
        }
    }
}
