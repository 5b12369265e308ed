package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jawort.delivery.DestinationHealth.Leave;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("R14: what one batch may do with its destination")
class DestinationHealthTest {

    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private final DestinationHealth.Row row = new DestinationHealth.Row();
    private boolean stopped;

    @Test
    void countsFailuresInARowAcrossBatches() {
        DestinationHealth first = health(Leave.ALL);
        for (int i = 0; i < 9; i++) {
            first.failed(null, 503, "HTTP 503");
        }
        assertThat(first.mayTry()).isTrue();

        DestinationHealth second = health(Leave.ALL);
        second.failed(null, 503, "HTTP 503");

        assertThat(second.mayTry()).isFalse();
        assertThat(second.learned().tripped()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void beginsToCountAnewAfterAnAnswer() {
        DestinationHealth batch = health(Leave.ALL);
        for (int i = 0; i < 9; i++) {
            batch.failed(null, 503, "HTTP 503");
        }
        batch.refused();
        batch.failed(null, 503, "HTTP 503");

        assertThat(batch.mayTry()).isTrue();
        assertThat(batch.learned().delivered()).isFalse();
        assertThat(batch.learned().answered()).isTrue();
    }

    @Test
    void givesLeaveToOneWhileTheBreakerIsOpenAndToAllOnceThatIsDelivered() {
        DestinationHealth batch = health(Leave.PROBE);

        assertThat(batch.mayTry()).isTrue();
        assertThat(batch.mayTry()).isFalse();
        batch.succeeded();
        assertThat(batch.mayTry()).isTrue();
    }

    @Test
    void opensAgainBehindAGoodProbeAfterTenFailuresInARow() {
        DestinationHealth batch = health(Leave.PROBE);
        batch.mayTry();
        batch.succeeded();

        for (int i = 0; i < 9; i++) {
            batch.failed(null, 500, "HTTP 500");
        }
        assertThat(batch.learned().tripped()).isNull();
        assertThat(batch.mayTry()).isTrue();

        batch.failed(null, 500, "HTTP 500");
        assertThat(batch.learned().tripped()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void givesTheLeaveToAnotherIfItWasNotUsed() {
        DestinationHealth batch = health(Leave.PROBE);
        batch.mayTry();
        batch.unused();

        assertThat(batch.mayTry()).isTrue();
        assertThat(batch.learned().probed()).isFalse();
    }

    @Test
    @DisplayName(
            "R12: a batch ends before the consumer's poll interval, and what is left waits untried")
    void endsABatchAfterAMinute() {
        DestinationHealth batch = health(Leave.ALL);
        now = now.plusSeconds(59);
        assertThat(batch.mayTry()).isTrue();

        now = now.plusSeconds(1);

        assertThat(batch.mayTry()).isFalse();
        assertThat(batch.untried())
                .isEqualTo(new Attempt.Outcome.Parked(now, false, null, "batch took too long"));
        assertThat(batch.learned().tripped()).isNull();
    }

    @Test
    void stopsWhereItStandsWhenSomebodyStopsIt() {
        DestinationHealth batch = health(Leave.ALL);
        assertThat(batch.mayTry()).isTrue();

        stopped = true;

        assertThat(batch.mayTry()).isFalse();
    }

    @Test
    void sparesOneThatAsksForItAtOnce() {
        DestinationHealth batch = health(Leave.ALL);
        batch.failed(Duration.ofSeconds(30), 429, "HTTP 429");
        batch.failed(Duration.ofSeconds(10), 429, "HTTP 429");

        assertThat(batch.mayTry()).isFalse();
        assertThat(batch.learned().tripped()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void onlyCutsABatchOfAnAccountShort() {
        DestinationHealth batch = DestinationHealth.ofAccount(() -> now, () -> stopped);
        batch.failed(Duration.ofSeconds(30), null, "rate_limited");
        assertThat(batch.mayTry()).isTrue();
        for (int i = 0; i < 9; i++) {
            batch.failed(null, null, "provider_fault");
        }

        assertThat(batch.mayTry()).isFalse();
        assertThat(batch.untried().nextAttemptAt()).isEqualTo(now.plusSeconds(5));
    }

    @Test
    void triesNothingOverAnAccountThatSomebodyStopped() {
        DestinationHealth batch = DestinationHealth.ofAccount(() -> now, () -> stopped);
        assertThat(batch.mayTry()).isTrue();

        stopped = true;

        assertThat(batch.mayTry()).isFalse();
        assertThat(batch.untried().error()).isEqualTo("destination is stopped");
        assertThat(batch.untried().nextAttemptAt()).isEqualTo(now);
    }

    private DestinationHealth health(Leave leave) {
        return new DestinationHealth(() -> now, leave, null, row, () -> stopped);
    }
}
