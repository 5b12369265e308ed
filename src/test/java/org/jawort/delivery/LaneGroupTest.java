package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.tenant.Destination;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("R10: order within a conversation, and no conversation waits for another")
class LaneGroupTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(30);
    private static final UUID ERIKA = new UUID(0, 1);
    private static final UUID JANA = new UUID(0, 2);
    private static final Destination CRM =
            new Destination(
                    "autohaus-muster",
                    "crm",
                    "crm-webhook",
                    "destinations/canonical.jslt",
                    List.of("*"),
                    false,
                    null,
                    Map.of());

    private final DestinationHealth health =
            new DestinationHealth(
                    () -> NOW,
                    DestinationHealth.Leave.ALL,
                    null,
                    new DestinationHealth.Row(),
                    () -> false);
    private final LaneGroup group = new LaneGroup(CRM, health, Map.of());

    @Test
    void worksOffInOrder() {
        add(1, ERIKA);
        add(2, JANA);
        add(3, ERIKA);

        assertThat(tried(Map.of())).containsExactly(1L, 2L, 3L);
    }

    @Test
    void parksTheRestOfALaneBehindAFailureAndGoesOnWithTheOthers() {
        add(1, ERIKA);
        add(2, JANA);
        add(3, ERIKA);
        add(4, JANA);
        add(5, ERIKA);

        List<Long> tried = tried(Map.of(1L, new Outcome.Parked(LATER, true, 503, "HTTP 503")));

        assertThat(tried).containsExactly(1L, 2L, 4L);
        assertThat(outcome(3))
                .isEqualTo(new Outcome.Parked(LATER, false, null, "behind an earlier delivery"));
        assertThat(outcome(5))
                .isEqualTo(new Outcome.Parked(LATER, false, null, "behind an earlier delivery"));
    }

    @Test
    void goesOnBehindADeadLetter() {
        add(1, ERIKA);
        add(2, ERIKA);

        assertThat(tried(Map.of(1L, new Outcome.Dead(422, "HTTP 422")))).containsExactly(1L, 2L);
    }

    @Test
    void sendsNothingThatMustNotLeaveAndHoldsNothingUpForIt() {
        group.add(new Attempt(new UUID(1, 1), ERIKA, 1, 0, false, "t", null, null, "ERASED", null));
        add(2, ERIKA);

        assertThat(tried(Map.of())).containsExactly(2L);
        assertThat(outcome(1)).isEqualTo(new Outcome.Withheld("ERASED"));
    }

    @Test
    void waitsBehindADeliveryParkedBeforeThisBatch() {
        Outcome.Parked ahead = new Outcome.Parked(LATER, false, null, "behind an earlier delivery");
        LaneGroup behind = new LaneGroup(CRM, health, Map.of(ERIKA, parked(6)));
        behind.add(attempt(7, ERIKA));
        behind.add(attempt(8, JANA));

        assertThat(behind.advance()).isTrue();
        assertThat(behind.current().sequence()).isEqualTo(8);
        assertThat(behind.results())
                .containsExactly(new LaneGroup.Result(attempt(7, ERIKA), ahead));
    }

    @Test
    void goesNoFurtherThanADeliveryParkedBetweenTwoOfThisBatch() {
        LaneGroup around = new LaneGroup(CRM, health, Map.of(ERIKA, parked(6)));
        around.add(attempt(5, ERIKA));
        around.add(attempt(7, ERIKA));

        assertThat(around.advance()).isTrue();
        assertThat(around.current().sequence()).isEqualTo(5);
        around.settle(new Outcome.Delivered());
        assertThat(around.advance()).isFalse();
        assertThat(around.results().getLast().outcome())
                .isEqualTo(new Outcome.Parked(LATER, false, null, "behind an earlier delivery"));
    }

    private static DeliveryStore.Ahead parked(long sequence) {
        return new DeliveryStore.Ahead(ERIKA, sequence, LATER);
    }

    @Test
    void sparesADestinationThatFailedTenTimesInARow() {
        for (int i = 1; i <= 12; i++) {
            add(i, new UUID(9, i));
        }
        List<Long> tried = new ArrayList<>();
        while (group.advance()) {
            tried.add(group.current().sequence());
            health.failed(null, 503, "HTTP 503");
            group.settle(new Outcome.Parked(LATER, true, 503, "HTTP 503"));
        }

        assertThat(tried).hasSize(10);
        assertThat(outcome(12))
                .isInstanceOfSatisfying(
                        Outcome.Parked.class, parked -> assertThat(parked.tried()).isFalse());
    }

    private List<Long> tried(Map<Long, Outcome> outcomes) {
        List<Long> tried = new ArrayList<>();
        while (group.advance()) {
            long sequence = group.current().sequence();
            tried.add(sequence);
            group.settle(outcomes.getOrDefault(sequence, new Outcome.Delivered()));
        }
        return tried;
    }

    private Outcome outcome(long sequence) {
        return group.results().stream()
                .filter(result -> result.attempt().sequence() == sequence)
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    private void add(long sequence, UUID lane) {
        group.add(attempt(sequence, lane));
    }

    private static Attempt attempt(long sequence, UUID lane) {
        return new Attempt(
                new UUID(1, sequence), lane, sequence, 0, false, "t", null, null, null, null);
    }
}
