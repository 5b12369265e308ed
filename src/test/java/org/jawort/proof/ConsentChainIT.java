package org.jawort.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jawort.local.LocalPostgres;
import org.jawort.proof.LedgerVerdict.Sound;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class ConsentChainIT {

    private Ledgers ledgers;

    @BeforeEach
    void open() {
        ledgers = new Ledgers();
    }

    @AfterEach
    void close() {
        ledgers.close();
    }

    @Test
    @DisplayName(
            "CON-20: batches that append at the same time make one chain without gaps per tenant")
    void keepsOneChainUnderConcurrentAppends() throws Exception {
        int threads = 6;
        int batches = 15;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                // in either order: two batches that lock both chains must not wait for each other
                List<String> tenants =
                        i % 2 == 0 ? List.of("anton", "berta") : List.of("berta", "anton");
                workers.add(
                        pool.submit(
                                () -> {
                                    start.await();
                                    for (int batch = 0; batch < batches; batch++) {
                                        ledgers.append(tenants, 2);
                                    }
                                    return null;
                                }));
            }
            start.countDown();
        }
        for (Future<?> worker : workers) {
            worker.get();
        }

        assertThat(List.of(ledgers.verify("anton"), ledgers.verify("berta")))
                .containsOnly(new Sound(threads * batches * 4L, 0, 0));
    }

    @Test
    void leavesNoGapWhereATransactionIsRolledBack() {
        ledgers.append(List.of("anton"), 1);
        assertThatThrownBy(
                        () ->
                                ledgers.scope.run(
                                        "anton",
                                        () -> {
                                            ledgers.append(List.of("anton"), 1);
                                            throw new IllegalStateException("broken off");
                                        }))
                .hasMessage("broken off");

        ledgers.append(List.of("anton"), 1);

        assertThat(ledgers.verify("anton")).isEqualTo(new Sound(4, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update consent_event set state = 'GRANTED'",
                "delete from consent_event",
                "update consent_salt set salt = '\\x00'",
                "update consent_terms set terms = '{}'",
                "delete from consent_terms",
                "delete from consent_chain",
                "update ledger_anchor set chain_index = 1",
                "delete from ledger_anchor",
                "update text_version set words = ''",
                "delete from text_version",
                "truncate consent_event"
            })
    @DisplayName("CON-20, CON-23: the hub's own role can change or remove nothing of it")
    void deniesTheHubItself(String statement) {
        ledgers.append(List.of("anton"), 1);

        assertThatThrownBy(() -> ledgers.scope.run("anton", () -> ledgers.app.update(statement)))
                .isInstanceOf(DataAccessException.class)
                .rootCause()
                .hasMessageContaining("permission denied");
    }

    @Test
    @DisplayName("CON-20: what was declared before there was a chain is chained by the migration")
    void chainsWhatWasThereBefore() {
        String url = LocalPostgres.shared().newDatabase();
        Ledgers.migrate(url, "1");
        var owner =
                new JdbcTemplate(
                        new DriverManagerDataSource(
                                url + "?options=-c%20app.tenants=anton,berta",
                                LocalPostgres.OWNER_USER,
                                LocalPostgres.OWNER_PASSWORD));
        for (int i = 0; i < 5; i++) {
            owner.update(
                    """
                    insert into consent_event (tenant, id, subject_id, record_id, channel, purpose, event, transition, outcome,
                                               reason, previous_state, state, event_time, received_time, actor, sealed_evidence)
                    values (?, ?, ?, ?, 'whatsapp', 'NOTIFICATION', 'CAPTURED', 'T1', 'moved', ?, 'NONE', 'REQUESTED',
                            timestamptz '2026-11-01 10:00:00.5+01', timestamptz '2026-11-01 10:00:01.123456+01', 'api', ?)""",
                    i % 2 == 0 ? "anton" : "berta",
                    UUID.randomUUID(),
                    UUID.randomUUID(),
                    i == 0 ? null : UUID.randomUUID(),
                    i == 1 ? "\"quoted\" \\ ö €\n\u0001\u007f" : null,
                    i == 2 ? null : "x".repeat(100).getBytes());
        }

        Ledgers.migrate(url, null);

        var after = new LedgerVerifier(new LedgerTable(owner));
        assertThat(after.verify("anton", List.of(), done -> {})).isEqualTo(new Sound(3, 0, 0));
        assertThat(after.verify("berta", List.of(), done -> {})).isEqualTo(new Sound(2, 0, 0));
    }
}
