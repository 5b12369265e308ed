package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AccountHealthTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final AccountHealth health = new AccountHealth();

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
        assertThat(health.spared("muster", "wa", NOW)).contains(NOW.plus(AccountHealth.PAUSE));
        assertThat(health.isSpared("muster", "other", NOW)).isFalse();
    }

    @Test
    void beginsAnewAfterASuccess() {
        fails(AccountHealth.IN_A_ROW - 1, NOW);
        health.succeeded("muster", "wa");

        fails(AccountHealth.IN_A_ROW - 1, NOW);

        assertThat(health.spared("muster", "wa", NOW)).isEmpty();
    }

    @Test
    void letsOneMessageTryWhenThePauseIsOver() {
        fails(AccountHealth.IN_A_ROW, NOW);
        Instant over = NOW.plus(AccountHealth.PAUSE);

        assertThat(health.spared("muster", "wa", over)).isEmpty();
        assertThat(health.spared("muster", "wa", over)).contains(over.plus(AccountHealth.PAUSE));
        health.succeeded("muster", "wa");
        assertThat(health.spared("muster", "wa", over)).isEmpty();
    }

    @Test
    void sparesItAgainWhenTheProbeFails() {
        fails(AccountHealth.IN_A_ROW, NOW);
        Instant over = NOW.plus(AccountHealth.PAUSE);
        health.spared("muster", "wa", over);

        fails(1, over);

        assertThat(health.spared("muster", "wa", over.plusSeconds(1)))
                .contains(over.plus(AccountHealth.PAUSE));
    }
}
