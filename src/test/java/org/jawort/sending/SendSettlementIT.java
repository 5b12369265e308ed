package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.sending.Outbound.State;
import org.jawort.sending.SendSettlement.Settled;
import org.jawort.tenant.Account;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("R25: an answer is written down once, also where the word that it was is lost")
class SendSettlementIT {

    private static final String TENANT = "muster";
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final SendResult LIMITED =
            new SendResult.Retry(new SendError("rate_limited", null, null), null);

    private final UUID message = new UUID(0, 1);
    private Instant now = NOW;
    private MigratedDatabase database;
    private OutboundRows rows;
    private SendSettlement settlement;

    @BeforeEach
    void anAttemptUnderWay() {
        database = MigratedDatabase.create();
        Tenants tenants =
                TenantInTest.of(TENANT).account(account("wa")).account(account("wa2")).alone();
        rows = new OutboundRows(database.jdbc(), null, tenants);
        settlement =
                new SendSettlement(
                        database.scope(),
                        tenants,
                        rows,
                        new SentMessages(database.jdbc(), null, null, null, null, null, null, null),
                        null,
                        null,
                        null,
                        null,
                        null,
                        new MonthlyCaps(tenants, database.jdbc()),
                        null,
                        null,
                        null,
                        null,
                        () -> now);
        ClaimedMessage.insert(database, TENANT, message, NOW);
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    private static Account account(String id) {
        return ClaimedMessage.account(TENANT, id, 100);
    }

    private Outbound row() {
        return database.scope().call(TENANT, () -> rows.find(TENANT, message)).orElseThrow();
    }

    @Test
    void triesAgainWhatItHadWrittenDownToTryAgain() {
        Outbound claimed = row();

        assertThat(settlement.settle(claimed, LIMITED)).isEqualTo(Settled.AGAIN);
        assertThat(settlement.settle(claimed, LIMITED)).isEqualTo(Settled.AGAIN);

        assertThat(row())
                .extracting(Outbound::state, Outbound::attempts)
                .containsExactly(State.QUEUED, 1);
    }

    @Test
    @DisplayName(
            "what was counted in one month and not taken in the next frees no turn of that one")
    void takesACountBackInItsMonth() {
        // in Berlin two seconds later it is another year
        Instant claimedAt = Instant.parse("2026-12-31T22:59:59Z");
        database.scope().run(TENANT, () -> rows.claim(row(), claimedAt));
        count("2026-12-01", 7);
        count("2027-01-01", 3);
        now = claimedAt.plusSeconds(2);

        settlement.settle(row(), LIMITED);

        assertThat(counts()).containsExactly("2026-12-01 6", "2027-01-01 3");
    }

    private void count(String month, int sent) {
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .update(
                                                "insert into send_count (tenant, account, month, sent) values (?, 'wa', ?::date, ?)",
                                                TENANT,
                                                month,
                                                sent));
    }

    private List<String> counts() {
        return database.scope()
                .call(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select concat_ws(' ', month, sent) from send_count order by month",
                                                String.class));
    }

    @Test
    void leavesTheNextAttemptAlone() {
        Outbound claimed = row();
        settlement.settle(claimed, LIMITED);
        database.scope().run(TENANT, () -> rows.claim(claimed, NOW));

        assertThat(settlement.settle(claimed, LIMITED)).isEqualTo(Settled.AGAIN);

        assertThat(row())
                .extracting(Outbound::state, Outbound::attempts)
                .containsExactly(State.SENDING, 1);
    }

    @Test
    void leavesTheAttemptOfAnotherAccountAlone() {
        Outbound claimed = row();
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .update(
                                                "update outbound set account = 'wa2', attempts = 1"));

        assertThat(settlement.settle(claimed, LIMITED)).isEqualTo(Settled.HANDED_ON);

        assertThat(row())
                .extracting(Outbound::state, Outbound::account, Outbound::attempts)
                .containsExactly(State.SENDING, "wa2", 1);
    }
}
