package org.jawort.proof;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.jawort.consent.Basis;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.Circumstances;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRules;
import org.jawort.consent.EventTime;
import org.jawort.consent.Purpose;
import org.jawort.consent.TextShown;
import org.jawort.local.LocalPostgres;
import org.jawort.message.Channel;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** A migrated database of its own with ledgers in it, written as the hub writes them. */
final class Ledgers implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-23T10:00:00.123456789Z");

    final String url = LocalPostgres.shared().newDatabase();
    final TenantScope scope;
    final JdbcTemplate app;

    private final HikariDataSource pool = new HikariDataSource();
    private final ConsentLedger ledger;

    Ledgers() {
        migrate(url, null);
        pool.setJdbcUrl(url);
        pool.setUsername(LocalPostgres.APP_USER);
        pool.setPassword(LocalPostgres.APP_PASSWORD);
        pool.setMaximumPoolSize(8);
        app = new JdbcTemplate(pool);
        scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(pool)), app);
        ledger = new ConsentLedger(app, new Configured());
    }

    static void migrate(String url, String target) {
        var flyway =
                Flyway.configure()
                        .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                        .placeholders(Map.of("app_role", LocalPostgres.APP_USER));
        (target == null ? flyway : flyway.target(target)).load().migrate();
    }

    /** Terms and texts as a tenant file would give them. */
    private static final class Configured implements Circumstances {
        @Override
        public ObjectNode terms(String tenant, Channel channel, Purpose purpose) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("schemaVersion", "jawort-consent-1")
                    .put("controller", "Autohaus Muster GmbH – " + tenant)
                    .put("channel", channel.wireName());
        }

        @Override
        public byte[] textSha256(String tenant, String textVersion, String language) {
            return null;
        }

        @Override
        public String noticeVersion(String tenant) {
            return "notice-v1";
        }
    }

    /** As the schema's owner, who may change anything. */
    DriverManagerDataSource ownerSource(String... tenants) {
        return new DriverManagerDataSource(
                url
                        + (url.contains("?") ? "&" : "?")
                        + "options=-c%20app.tenants="
                        + String.join(",", tenants),
                LocalPostgres.OWNER_USER,
                LocalPostgres.OWNER_PASSWORD);
    }

    /** One transaction that captures and withdraws the consent of new people: two entries each. */
    void append(List<String> tenants, int peopleEach) {
        scope.call(
                tenants,
                () -> {
                    List<Person> people = new ArrayList<>();
                    for (int i = 0; i < peopleEach; i++) {
                        tenants.forEach(tenant -> people.add(newPerson(tenant)));
                    }
                    ConsentBook book = ledger.load(people);
                    for (Person person : people) {
                        declare(book, person);
                    }
                    ledger.save(book, NOW);
                    return null;
                });
    }

    private void declare(ConsentBook book, Person person) {
        var capture =
                new ConsentEvent.Captured(
                        new EventTime(NOW.minusSeconds(60), NOW),
                        CaptureOrigin.ELSEWHERE,
                        UUID.randomUUID(),
                        true);
        var stop =
                new ConsentEvent.Stop(
                        EventTime.received(NOW),
                        ConsentEvent.Stop.Route.CHAT,
                        java.util.Set.of(),
                        false);
        for (ConsentEvent event : List.of(capture, stop)) {
            book.apply(
                    person,
                    book.record(person, Channel.WHATSAPP, Purpose.NOTIFICATION, Basis.CONSENT),
                    event,
                    ConsentRules.DEFAULT,
                    new Cause(
                            "api",
                            null,
                            ("sealed " + person.subject()).getBytes(),
                            new TextShown("web-consent-v3", "de"),
                            null));
        }
    }

    private Person newPerson(String tenant) {
        UUID subject = UUID.randomUUID();
        app.update(
                "insert into subject (tenant, id, created_at) values (?, ?, ?)",
                tenant,
                subject,
                Timestamp.from(NOW));
        return new Person(tenant, subject);
    }

    LedgerVerdict verify(String tenant, Anchor... anchors) {
        return scope.call(
                tenant,
                () ->
                        new LedgerVerifier(new LedgerTable(app))
                                .verify(tenant, List.of(anchors), done -> {}));
    }

    @Override
    public void close() {
        pool.close();
    }
}
