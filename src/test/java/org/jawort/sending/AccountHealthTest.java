package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AccountHealthTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final AccountHealth health = new AccountHealth();

    private Optional<Instant> spared(Instant at) {
        return health.spared("muster", "wa", UUID.randomUUID(), at);
    }

    private void fails(int times, Instant at) {
        for (int i = 0; i < times; i++) {
            health.failed("muster", "wa", at);
        }
    }

    @Test
    void sparesAnAccountThatFailsFiveTimesInARow() {
        fails(AccountHealth.IN_A_ROW - 1, NOW);
        boolean before = health.isSpared("muster", "wa", NOW);

        fails(1, NOW);

        assertThat(before).isFalse();
        assertThat(spared(NOW)).contains(NOW.plus(AccountHealth.PAUSE));
        assertThat(health.isSpared("muster", "other", NOW)).isFalse();
    }

    @Test
    void beginsAnewAfterASuccess() {
        fails(AccountHealth.IN_A_ROW - 1, NOW);
        health.succeeded("muster", "wa");

        fails(AccountHealth.IN_A_ROW - 1, NOW);

        assertThat(spared(NOW)).isEmpty();
    }

    @Test
    void letsOneMessageTryWhenThePauseIsOver() {
        fails(AccountHealth.IN_A_ROW, NOW);
        Instant over = NOW.plus(AccountHealth.PAUSE);

        assertThat(spared(over)).isEmpty();
        assertThat(spared(over)).contains(over.plus(AccountHealth.PAUSE));
        health.succeeded("muster", "wa");
        assertThat(spared(over)).isEmpty();
    }

    @Test
    void sparesItAgainWhenTheProbeFails() {
        fails(AccountHealth.IN_A_ROW, NOW);
        Instant over = NOW.plus(AccountHealth.PAUSE);
        spared(over);

        fails(1, over);

        assertThat(spared(over.plusSeconds(1))).contains(over.plus(AccountHealth.PAUSE));
    }

    @Test
    @DisplayName("R14: what had leave to try and did not leaves it to the next")
    void letsTheNextTryWhenTheFirstDidNot() {
        fails(AccountHealth.IN_A_ROW, NOW);
        Instant over = NOW.plus(AccountHealth.PAUSE);
        UUID denied = UUID.randomUUID();
        health.spared("muster", "wa", denied, over);

        health.unused("muster", "wa", denied, over.plusSeconds(1));

        assertThat(spared(over.plusSeconds(1))).isEmpty();
        assertThat(spared(over.plusSeconds(1))).isPresent();
    }

    @Test
    @DisplayName("R14: only who has leave gives it back, and no failure is forgotten with it")
    void isNotTriedBecauseOfOneThatHadNoLeave() {
        UUID before = UUID.randomUUID();
        health.spared("muster", "wa", before, NOW); // while it was well
        fails(AccountHealth.IN_A_ROW, NOW);

        health.unused("muster", "wa", before, NOW);

        assertThat(spared(NOW)).isPresent();
        Instant over = NOW.plus(AccountHealth.PAUSE);
        UUID probe = UUID.randomUUID();
        health.spared("muster", "wa", probe, over);
        fails(1, over);
        health.unused("muster", "wa", probe, over);
        assertThat(spared(over)).contains(over.plus(AccountHealth.PAUSE));
    }
}
