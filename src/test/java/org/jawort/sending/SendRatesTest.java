package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SendRatesTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final SendRates rates = new SendRates();

    private Optional<Instant> turn(UUID message, Instant at) {
        return rates.turn("muster", "wa", 10, message, at);
    }

    @Test
    void givesEveryMessageATurnAndNoSecondMoreThanItsShare() {
        Map<Long, Integer> perSecond = new HashMap<>();
        List<UUID> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(UUID.randomUUID());
        }

        for (long tick = 0; !waiting.isEmpty(); tick++) {
            Instant at = NOW.plusMillis(tick * 50);
            waiting.removeIf(
                    message -> {
                        boolean goes = turn(message, at).isEmpty();
                        if (goes) {
                            perSecond.merge(at.getEpochSecond(), 1, Integer::sum);
                        }
                        return goes;
                    });
        }

        assertThat(perSecond.values()).allMatch(count -> count <= 10);
        assertThat(perSecond).hasSize(10);
    }

    @Test
    @DisplayName("also an account that may send one message in ten seconds sends")
    void givesATurnAtTheLowestRateATenantFileMayName() {
        List<UUID> waiting =
                new ArrayList<>(List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID()));

        List<Integer> sentAt = new ArrayList<>();
        for (int second = 0; second <= 30; second++) {
            Instant at = NOW.plusSeconds(second);
            int now = second;
            waiting.removeIf(
                    message -> {
                        boolean goes = rates.turn("muster", "slow", 0.1, message, at).isEmpty();
                        if (goes) {
                            sentAt.add(now);
                        }
                        return goes;
                    });
        }

        assertThat(sentAt).containsExactly(0, 10, 20);
    }

    @Test
    void keepsThePlaceOfWhoWaits() {
        turn(UUID.randomUUID(), NOW);
        UUID first = UUID.randomUUID();
        UUID later = UUID.randomUUID();
        Instant place = turn(first, NOW).orElseThrow();

        Instant behind = turn(later, NOW).orElseThrow();

        assertThat(behind).isAfter(place);
        assertThat(turn(first, NOW)).contains(place);
        assertThat(turn(first, place)).isEmpty();
    }

    @Test
    void isSilentAsLongAsTheProviderAsked() {
        rates.pause("muster", "wa", Duration.ofSeconds(30), NOW);

        assertThat(turn(UUID.randomUUID(), NOW)).contains(NOW.plusSeconds(30));
        assertThat(rates.turn("muster", "other", 10, UUID.randomUUID(), NOW)).isEmpty();
    }

    @Test
    void believesNoProviderThatWantsQuietForLongerThanADay() {
        rates.pause("muster", "wa", Duration.ofSeconds(999_999_999), NOW);

        assertThat(turn(UUID.randomUUID(), NOW)).contains(NOW.plus(Duration.ofDays(1)));
    }

    @Test
    void asksThoseWhoWaitedBeforeForTheSameSilenceAndKeepsTheirOrder() {
        turn(UUID.randomUUID(), NOW);
        UUID first = UUID.randomUUID();
        UUID second = UUID.randomUUID();
        turn(first, NOW);
        turn(second, NOW);
        Instant until = NOW.plusSeconds(30);

        rates.pause("muster", "wa", Duration.ofSeconds(30), NOW);

        assertThat(turn(first, NOW.plusMillis(100))).contains(until);
        assertThat(turn(second, NOW.plusMillis(200))).contains(until.plusMillis(100));
        assertThat(turn(UUID.randomUUID(), NOW.plusMillis(300))).contains(until.plusMillis(200));
        assertThat(turn(first, until)).isEmpty();
    }

    @Test
    void catchesUpWithoutARushWhenManyTurnsHavePassed() {
        List<UUID> waiting = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            waiting.add(UUID.randomUUID());
            turn(waiting.getLast(), NOW);
        }
        Instant back = NOW.plusSeconds(120);

        List<Integer> sent = new ArrayList<>();
        for (int second = 0; second < 5; second++) {
            Instant at = back.plusSeconds(second);
            int before = waiting.size();
            waiting.removeIf(message -> turn(message, at).isEmpty());
            sent.add(before - waiting.size());
        }

        assertThat(sent).containsExactly(20, 10, 10, 10, 10);
    }

    @Test
    void losesNoTurnToMessagesThatDoNotLeave() {
        List<UUID> waiting = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            waiting.add(UUID.randomUUID());
            turn(waiting.getLast(), NOW);
        }
        Set<UUID> denied = Set.copyOf(waiting.subList(0, 100));
        Instant back = NOW.plusSeconds(120);

        List<UUID> sent = new ArrayList<>();
        for (UUID message : waiting) {
            boolean hasTurn = turn(message, back).isEmpty();
            if (hasTurn && denied.contains(message)) {
                rates.unused("muster", "wa");
            } else if (hasTurn) {
                sent.add(message);
            }
        }

        assertThat(sent).isEqualTo(waiting.subList(100, 120));
    }

    @Test
    void letsWhoComesNextGoInPlaceOfThoseThatDidNotLeave() {
        for (int i = 0; i < 100; i++) {
            assertThat(turn(UUID.randomUUID(), NOW)).isEmpty();
            rates.unused("muster", "wa");
        }
        UUID sent = UUID.randomUUID();
        UUID waits = UUID.randomUUID();
        assertThat(turn(sent, NOW)).isEmpty();
        assertThat(turn(UUID.randomUUID(), NOW)).isPresent();
        Optional<Instant> later = turn(waits, NOW);

        rates.unused("muster", "wa");

        assertThat(turn(waits, NOW).orElse(NOW)).as("moved up").isBefore(later.orElseThrow());
    }

    @Test
    void keepsNobodyWaitingForOneThatComesAgainEachSecond() {
        UUID waits = UUID.randomUUID();
        for (int second = 0; second < 5; second++) {
            Instant at = NOW.plusSeconds(second);
            assertThat(rates.turn("muster", "slow", 1, waits, at)).isEmpty();
            rates.unused("muster", "slow");
            rates.keep("muster", "slow", waits, at);
        }

        assertThat(rates.turn("muster", "slow", 1, UUID.randomUUID(), NOW.plusSeconds(4)))
                .isEmpty();
    }

    @Test
    void isSilentAlsoToOneThatComesAgainAndHadItsTurnBefore() {
        UUID waits = UUID.randomUUID();
        turn(waits, NOW);

        rates.pause("muster", "wa", Duration.ofSeconds(30), NOW);
        rates.unused("muster", "wa");
        rates.keep("muster", "wa", waits, NOW);

        assertThat(turn(waits, NOW.plusSeconds(1))).contains(NOW.plusSeconds(30));
    }

    @Test
    void givesNoCreditForTimeInWhichNothingWasSent() {
        turn(UUID.randomUUID(), NOW);
        Instant later = NOW.plus(Duration.ofHours(1));

        turn(UUID.randomUUID(), later);

        assertThat(turn(UUID.randomUUID(), later)).contains(later.plusMillis(100));
    }
}
