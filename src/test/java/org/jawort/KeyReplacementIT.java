package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jawort.conversation.People;
import org.jawort.custody.KeyReplacement;
import org.jawort.local.DemoTenant;
import org.jawort.message.Channel;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A tenant's key is replaced without downtime")
class KeyReplacementIT {

    private static final int KNOWN = 12;

    @Test
    @DisplayName(
            "SEC-2, SEC-3: while people write, nobody is lost or doubled, and in the end nothing is under the older key")
    void replacesAKeyUnderTraffic() throws Exception {
        try (HubInTest hub = fast().start()) {
            List<String> said = new CopyOnWriteArrayList<>();
            for (int person = 0; person < KNOWN; person++) {
                writes(hub, Person.number(person), 0, said);
            }
            hub.awaitQuiet();
            assertThat(marks(hub)).containsOnly(0);

            try (Traffic traffic = new Traffic(hub, said)) {
                traffic.awaitMore(20);
                int version = hub.bean(KeyReplacement.class).begin(DemoTenant.ID);
                assertThat(version).isEqualTo(1);
                HubInTest.await().until(() -> replaced(hub, version));
                traffic.awaitMore(40);
            }
            hub.awaitQuiet();

            assertThat(rows(hub, "message where direction = 'inbound'")).isEqualTo(said.size());
            assertThat(rows(hub, "subject")).isEqualTo(2 * KNOWN);
            assertThat(rows(hub, "address where channel = 'whatsapp' and scheme = 'phone'"))
                    .as("one address each, under one hash")
                    .isEqualTo(2 * KNOWN);
            assertThat(rows(hub, "quarantine")).isZero();
            assertThat(marks(hub)).containsOnly(1);
            assertThat(found(hub)).isEqualTo(2 * KNOWN);
            HubInTest.await().until(() -> texts(hub).containsAll(said));

            int again = hub.bean(KeyReplacement.class).begin(DemoTenant.ID);
            HubInTest.await().until(() -> replaced(hub, again));
            writes(hub, Person.number(0), 90_000, said);
            hub.awaitQuiet();

            assertThat(marks(hub)).containsOnly(2);
            assertThat(rows(hub, "subject")).isEqualTo(2 * KNOWN);

            hub.sql()
                    .update(
                            "update subject_key set wrapped = overlay(wrapped placing '\\x0000'::bytea from 40)"
                                    + " where subject_id = (select subject_id from address order by lookup limit 1)");
            hub.sql()
                    .update(
                            "update address set sealed_address = sealed_address || '\\x00'::bytea"
                                    + " where lookup = (select max(lookup) from address)");
            int third = hub.bean(KeyReplacement.class).begin(DemoTenant.ID);
            HubInTest.await().until(() -> replaced(hub, third));

            assertThat(marks(hub)).as("who cannot be read hinders no other").contains(2, 3);
            assertThat(rows(hub, "subject_key where get_byte(wrapped, 7) <> 3")).isEqualTo(1);
        }
    }

    @Test
    @DisplayName(
            "SEC-2: a second node that has not heard of the new key reads and finds what the first writes")
    void isReadByANodeThatHasNotHeardOfIt() {
        try (HubInTest one = fast().start();
                HubInTest two =
                        HubInTest.hub()
                                .database(one.databaseUrl())
                                .with("jawort.keys.refresh-period-millis", "3600000")
                                .with("jawort.keys.announced", "PT1S")
                                .start()) {
            List<String> said = new ArrayList<>();
            int version = one.bean(KeyReplacement.class).begin(DemoTenant.ID);
            HubInTest.await().until(() -> replaced(one, version));

            writes(one, Person.number(0), 1, said);
            one.awaitQuiet();
            writes(two, Person.number(0), 2, said);
            two.awaitQuiet();

            assertThat(rows(one, "message where direction = 'inbound'")).isEqualTo(2);
            assertThat(rows(one, "quarantine")).isZero();
            assertThat(rows(one, "subject")).isEqualTo(1);
        }
    }

    @Test
    @DisplayName(
            "SEC-1: one line puts a tenant with data under a key of its own; without that key the hub does not start")
    void putsATenantUnderItsOwnKey(@TempDir Path folder) throws Exception {
        Path key = Files.writeString(folder.resolve("muster.key"), base64Key());
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "name: Autohaus Muster GmbH",
                                "name: Autohaus Muster GmbH\nkey: \"file:" + key + "\"");
        List<String> said = new ArrayList<>();
        String database;
        try (HubInTest before = fast().start()) {
            writes(before, Person.number(0), 1, said);
            before.awaitQuiet();
            database = before.databaseUrl();
        }
        try (HubInTest over = fast().home(home.path()).database(database).start()) {
            HubInTest.await().until(() -> replaced(over, 1));
        }

        try (HubInTest own =
                fast().home(home.path()).database(database).with("JAWORT_ROOT_KEY", "").start()) {
            writes(own, Person.number(0), 2, said);
            own.awaitQuiet();

            assertThat(rows(own, "subject")).isEqualTo(1);
            assertThat(rows(own, "message where direction = 'inbound'")).isEqualTo(2);
            assertThat(marks(own)).containsOnly(1);
            assertThat(rows(own, "quarantine")).isZero();
        }
        Files.writeString(key, base64Key());
        assertThatThrownBy(() -> fast().home(home.path()).database(database).start())
                .hasStackTraceContaining(
                        "was wrapped by file:"
                                + key
                                + " and not by what is there now (file:"
                                + key
                                + ", root)");
    }

    @Test
    @DisplayName("SEC-2: a key that has reached its age is replaced by itself, once")
    void replacesAKeyThatIsOldEnough() {
        try (HubInTest hub = fast().with("jawort.keys.replace-after", "P365D").start()) {
            writes(hub, Person.number(0), 1, new ArrayList<>());
            hub.awaitQuiet();

            hub.clock.advance(Duration.ofDays(364));
            hub.bean(KeyReplacement.class).refresh();
            assertThat(rows(hub, "tenant_key")).isZero();
            hub.clock.advance(Duration.ofDays(2));

            HubInTest.await().until(() -> replaced(hub, 1));
            hub.bean(KeyReplacement.class).refresh();
            assertThat(rows(hub, "tenant_key")).isEqualTo(1);
            assertThat(marks(hub)).containsOnly(1);
        }
    }

    private static String base64Key() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static HubInTest.Builder fast() {
        return HubInTest.hub()
                .home(HomeFolder.withoutRate().path())
                .with("jawort.keys.refresh-period-millis", "200")
                .with("jawort.keys.announced", "PT1S")
                .with("jawort.keys.batch-size", "3");
    }

    /** People old and new who write without a pause. */
    private static final class Traffic implements AutoCloseable {

        private final AtomicBoolean on = new AtomicBoolean(true);
        private final AtomicInteger sent = new AtomicInteger();
        private final Thread thread;

        Traffic(HubInTest hub, List<String> said) {
            thread =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        while (on.get()) {
                                            int n = sent.incrementAndGet();
                                            writes(hub, Person.number(n % (2 * KNOWN)), n, said);
                                        }
                                    });
        }

        void awaitMore(int messages) {
            int before = sent.get();
            HubInTest.await().until(() -> sent.get() >= before + messages || !thread.isAlive());
            assertThat(thread.isAlive()).as("each webhook was answered 200").isTrue();
        }

        @Override
        public void close() throws InterruptedException {
            on.set(false);
            thread.join();
        }
    }

    private static void writes(HubInTest hub, Person person, int n, List<String> said) {
        assertThat(hub.send(person.webhook(n, hub.clock.instant())).statusCode()).isEqualTo(200);
        said.add(person.text(n));
    }

    private static boolean replaced(HubInTest hub, int version) {
        return rows(hub, "tenant_key where rewrapped_at is not null and version = " + version) == 1;
    }

    /** The versions that wrap somebody's key. */
    private static List<Integer> marks(HubInTest hub) {
        return hub.sql()
                .queryForList(
                        "select distinct case when substr(wrapped, 1, 4) = 'JWK1'::bytea then get_byte(wrapped, 7) else 0 end"
                                + " from subject_key",
                        Integer.class);
    }

    /** How many of the people are found by their number. */
    private static long found(HubInTest hub) {
        return hub.bean(TenantScope.class)
                .call(
                        DemoTenant.ID,
                        () ->
                                Stream.iterate(0, n -> n < 2 * KNOWN, n -> n + 1)
                                        .filter(
                                                n ->
                                                        hub.bean(People.class)
                                                                .find(
                                                                        DemoTenant.ID,
                                                                        Channel.WHATSAPP,
                                                                        "+49151%08d".formatted(n))
                                                                .isPresent())
                                        .count());
    }

    private static List<String> texts(HubInTest hub) {
        return hub.crmEvents().stream()
                .map(got -> got.at("/event/data/content/text").asText())
                .toList();
    }

    private static long rows(HubInTest hub, String from) {
        return hub.sql().queryForObject("select count(*) from " + from, Long.class);
    }
}
