package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.MigratedDatabase;
import org.jawort.delivery.DeliveryPostponed;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.RetrySchedule;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName(
        "R14: the one message that may try a failing account tries it, or leaves that to the next")
class SendStepsIT {

    private static final String TENANT = "muster";
    private static final Instant FAILED = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant NOW = FAILED.plus(AccountHealth.PAUSE);

    private final UUID message = new UUID(0, 1);
    private Instant now = NOW;
    private MigratedDatabase database;
    private OutboundRows rows;
    private AccountHealth health;
    private SendSteps steps;

    @BeforeEach
    void anAccountThatWasSparedUntilNow() {
        database = MigratedDatabase.create();
        InstantSource clock = () -> now;
        Tenants tenants =
                TenantInTest.of(TENANT).account(ClaimedMessage.account(TENANT, "wa", null)).alone();
        rows = new OutboundRows(database.jdbc(), new Outbox(database.jdbc()), tenants);
        health = new AccountHealth();
        for (int i = 0; i < AccountHealth.IN_A_ROW; i++) {
            health.failed(TENANT, "wa", FAILED);
        }
        SendClaim claim =
                new SendClaim(
                        database.scope(),
                        tenants,
                        rows,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        clock);
        SendSettlement settlement =
                new SendSettlement(
                        database.scope(),
                        tenants,
                        rows,
                        new SentMessages(
                                database.jdbc(), null, tenants, rows, null, null, null, null),
                        null,
                        new SendDocuments(tenants, database.jdbc(), null, null, null),
                        null,
                        null,
                        claim,
                        new MonthlyCaps(tenants, database.jdbc()),
                        null,
                        null,
                        null,
                        null,
                        clock);
        steps =
                new SendSteps(
                        tenants,
                        claim,
                        settlement,
                        null,
                        new SendRates(),
                        health,
                        clock,
                        new SimpleMeterRegistry());
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    private Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(body);
        return exchange;
    }

    private boolean mayTry() {
        return health.spared(TENANT, "wa", UUID.randomUUID(), NOW).isEmpty();
    }

    @Test
    void leavesItToTheNextWhatIsNotThereAnyMore() {
        assertThat(claimed(message)).isEqualTo("DELETED");

        assertThat(mayTry()).isTrue();
        assertThat(mayTry()).as("and it is one that may").isFalse();
    }

    /** Why the message did not go. */
    private String claimed(UUID id) {
        byte[] event =
                "{\"data\":{\"messageId\":\"%s\"}}".formatted(id).getBytes(StandardCharsets.UTF_8);
        return catchThrowable(() -> steps.claim(exchange(event), TENANT, "wa")).getMessage();
    }

    @Test
    @DisplayName("nor does what is not there any more take a turn of those who wait")
    void takesNoTurnForWhatIsNotThereAnyMore() {
        List<UUID> waiting = Stream.generate(UUID::randomUUID).limit(100).toList();
        waiting.forEach(this::claimed);
        now = NOW.plusSeconds(60); // all their places are past

        assertThat(waiting.subList(1, 100)).extracting(this::claimed).containsOnly("DELETED");
    }

    @Test
    void leavesItToTheNextWhereThereWasNothingToAskTheProvider() {
        settles(new NotSent(new SendError("configuration", null, null)).result());

        assertThat(mayTry()).isTrue();
        assertThat(mayTry()).as("the provider has not said that it is well").isFalse();
    }

    @Test
    void leavesItToTheNextWhereNoRequestWasMade() {
        Exchange notMade = exchange(null);
        notMade.setProperty(
                Exchange.EXCEPTION_CAUGHT, new DeliveryPostponed(NOW, "earlier attempts"));
        steps.broken(notMade);

        settles(notMade.getMessage().getBody(SendResult.class)); // its last attempt

        assertThat(mayTry()).isTrue();
        assertThat(mayTry()).as("the provider has not said that it is well").isFalse();
    }

    @Test
    void isOverWhenTheProviderRefusesTheMessage() {
        settles(new SendResult.Refused(new SendError("content_rejected", null, null), true));

        assertThat(mayTry()).isTrue();
        assertThat(mayTry()).isTrue();
    }

    /** The message that has leave to try. */
    private void settles(SendResult result) {
        ClaimedMessage.insert(database, TENANT, message, NOW);
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .update(
                                                "update outbound set attempts = ?",
                                                RetrySchedule.ATTEMPTS_TO_SEND - 1));
        health.spared(TENANT, "wa", message, NOW);
        Exchange exchange = exchange(result);
        exchange.setProperty(
                SendSteps.CLAIMED,
                database.scope().call(TENANT, () -> rows.find(TENANT, message)).orElseThrow());

        assertThatThrownBy(() -> steps.settle(exchange)).isInstanceOf(DestinationRefused.class);
    }
}
