package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalsTest {

    private static final UUID SURVIVING = new UUID(8, 1);
    private static final ConsentBook.Cause CAUSE = new ConsentBook.Cause("provider", null, null);
    private static final ConsentBook.Person ONE =
            new ConsentBook.Person("autohaus-muster", SUBJECT);
    private static final ConsentBook.Person OTHER =
            new ConsentBook.Person("autohaus-muster", SURVIVING);

    @ParameterizedTest
    @EnumSource(
            value = ConsentState.class,
            names = {"DECLINED", "WITHDRAWN", "OBJECTED"})
    @DisplayName(
            "CON-3: a refusal of either holds for both, in either direction and against a newer grant")
    void mergesRefusals(ConsentState refusal) {
        var newerGrant = after(none(), captured(50), offered(51), accepted(52), yes(53));
        var refused = in(refusal);

        for (var merged : List.of(merge(newerGrant, refused), merge(refused, newerGrant))) {
            assertThat(merged.state()).isEqualTo(refusal);
            assertThat(merged.lastRefusalAt()).isEqualTo(refused.lastRefusalAt());
            assertThat(merged.subject()).isEqualTo(SURVIVING);
            assertThat(merged.grantedAt()).isNull();
        }
    }

    @Test
    @DisplayName("CON-3: a grant stays with the address that gave it")
    void doesNotMoveGrants() {
        var granted = in(ConsentState.GRANTED);

        var merged = merge(none().change().addressId(OTHER_ADDRESS).build(), granted);

        assertThat(merged.state()).isEqualTo(ConsentState.GRANTED);
        assertThat(merged.addressId()).isEqualTo(ADDRESS);
    }

    @Test
    @DisplayName("CON-3: of two grants the newer stays")
    void keepsTheNewerOfTwoGrants() {
        var older = in(ConsentState.GRANTED);
        var newer = after(none(), captured(50), offered(51), accepted(52), yes(53));

        assertThat(merge(older, newer).grantedAt()).isEqualTo(at(53));
        assertThat(merge(newer, older).grantedAt()).isEqualTo(at(53));
    }

    @Test
    @DisplayName("CON-3: what suppresses one suppresses both, whatever the other lifted")
    void mergesSuppressions() {
        var stopped =
                Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.SUBJECT, at(5));
        var lifted = stopped.lift(SuppressionScope.ALL, SuppressionSource.SUBJECT, at(9));
        var held = lifted.withRestricted(true).withPossibleWithdrawal(at(7));

        assertThat(Refusals.merge(stopped, held).suppressedAllSince()).contains(at(5));
        assertThat(Refusals.merge(held, stopped).suppressedAllSince()).contains(at(5));
        assertThat(Refusals.merge(lifted, Overlays.CLEAR).active()).isEmpty();
        assertThat(Refusals.merge(stopped, held).restricted()).isTrue();
        assertThat(Refusals.merge(stopped, held).possibleWithdrawalSince()).isEqualTo(at(7));
    }

    @Test
    @DisplayName("CON-3: per channel and purpose, with the ids of the kept side")
    void keepsChannelsAndPurposesApart() {
        var sms =
                ConsentRecord.none(
                        new UUID(9, 1), SUBJECT, Channel.SMS, Purpose.NOTIFICATION, Basis.CONSENT);
        var stopped =
                Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.SUBJECT, at(5));

        var merged =
                Refusals.merge(
                        SURVIVING,
                        new Refusals.Consents(List.of(in(ConsentState.GRANTED)), Map.of()),
                        new Refusals.Consents(
                                List.of(after(sms, stop(5))), Map.of(Channel.SMS, stopped)));

        assertThat(merged.records())
                .extracting(ConsentRecord::state)
                .containsExactly(ConsentState.GRANTED, ConsentState.WITHDRAWN);
        assertThat(merged.overlays()).containsOnlyKeys(Channel.SMS);
    }

    @Test
    @DisplayName("CON-3: both sides' suppressions of one channel hold")
    void joinsTheSuppressionsOfOneChannel() {
        var whole =
                Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.PROVIDER, at(5));
        var marketing =
                Overlays.CLEAR.suppress(
                        SuppressionScope.MARKETING, SuppressionSource.SUBJECT, at(6));

        var merged =
                Refusals.merge(
                        SURVIVING,
                        new Refusals.Consents(List.of(), Map.of(Channel.WHATSAPP, whole)),
                        new Refusals.Consents(List.of(), Map.of(Channel.WHATSAPP, marketing)));

        assertThat(merged.overlays().get(Channel.WHATSAPP).active())
                .extracting(Suppression::scope)
                .containsExactlyInAnyOrder(SuppressionScope.ALL, SuppressionScope.MARKETING);
    }

    @Test
    @DisplayName("CON-3: the newest refusal of either is the one a later act has to follow")
    void keepsTheNewerRefusal() {
        var older = in(ConsentState.WITHDRAWN);
        var newer = after(older, stop(50));

        assertThat(merge(older, after(none(), stop(50))).lastRefusalAt()).isEqualTo(at(50));
        assertThat(merge(newer, older).lastRefusalAt()).isEqualTo(at(50));
        assertThat(merge(in(ConsentState.DECLINED).change().refusedAt(at(60)).build(), older))
                .matches(record -> record.state() == ConsentState.WITHDRAWN)
                .matches(record -> record.lastRefusalAt().equals(at(60)));
    }

    @Test
    @DisplayName(
            "CON-3, CON-7: joined again, what was known stays as the person left it since; a newer"
                    + " refusal of either holds for both")
    void joinsWhatIsNewOnly() {
        var book = new ConsentBook();
        var one = new ConsentBook.Person("autohaus-muster", SUBJECT);
        var other = new ConsentBook.Person("autohaus-muster", SURVIVING);
        book.loaded(one, in(ConsentState.GRANTED));
        book.apply(other, recordOf(book, other), stop(20), RULES, CAUSE);

        book.joinRefusals(one, other, at(21), CAUSE);
        assertThat(recordOf(book, one).state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(book.overlays(one, Channel.WHATSAPP).suppressedAllSince()).contains(at(20));

        for (var event : List.of(captured(30), offered(31), accepted(32), yes(33))) {
            book.apply(one, recordOf(book, one), event, RULES, CAUSE);
        }
        assertThat(book.joinRefusals(one, other, at(40), CAUSE)).isEmpty();
        assertThat(recordOf(book, one).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(book.overlays(one, Channel.WHATSAPP).active()).isEmpty();
        assertThat(recordOf(book, other).state()).isEqualTo(ConsentState.WITHDRAWN);

        book.apply(other, recordOf(book, other), stop(50), RULES, CAUSE);
        assertThat(book.joinRefusals(one, other, at(51), CAUSE)).hasSize(1);
        assertThat(recordOf(book, one).state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(book.overlays(one, Channel.WHATSAPP).suppressedAllSince()).contains(at(50));
    }

    @Test
    @DisplayName(
            "CON-3, CON-7: where both had refused, a Ja of one that comes after both stands; what"
                    + " either refuses later does not let it")
    void aJaAfterBothRefusals() {
        var book = new ConsentBook();
        book.apply(ONE, recordOf(book, ONE), stop(10), RULES, CAUSE);
        book.apply(OTHER, recordOf(book, OTHER), stop(20), RULES, CAUSE);
        assertThat(book.joinRefusals(ONE, OTHER, at(21), CAUSE)).isEmpty();

        agree(book, ONE);
        assertThat(book.joinRefusals(ONE, OTHER, at(34), CAUSE)).isEmpty();
        assertThat(book.joinRefusals(OTHER, ONE, at(35), CAUSE)).isEmpty();
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).isEmpty();

        book.apply(OTHER, recordOf(book, OTHER), stop(50), RULES, CAUSE);
        assertThat(book.joinRefusals(ONE, OTHER, at(51), CAUSE)).hasSize(1);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).hasSize(1);
    }

    @Test
    @DisplayName(
            "CON-3: the first time two are joined, an older refusal of one counts against a grant of"
                    + " the other that answered a newer one of their own")
    void nothingOldIsKnownAtFirst() {
        var book = new ConsentBook();
        book.apply(OTHER, recordOf(book, OTHER), stop(3), RULES, CAUSE);
        book.apply(ONE, recordOf(book, ONE), stop(5), RULES, CAUSE);
        agree(book, ONE);

        assertThat(book.joinRefusals(ONE, OTHER, at(40), CAUSE)).hasSize(1);
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).hasSize(1);

        book.joinRefusals(ONE, OTHER, at(41), CAUSE);
        for (var event : List.of(captured(50), offered(51), accepted(52), yes(53))) {
            book.apply(ONE, recordOf(book, ONE), event, RULES, CAUSE);
        }
        assertThat(book.joinRefusals(OTHER, ONE, at(54), CAUSE)).isEmpty();
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
    }

    @Test
    @DisplayName(
            "CON-3, CON-12: what was nearly a STOP of one holds for both, until a human decides about"
                    + " either or either says STOP")
    void joinsWhatWasNearlyAStop() {
        var book = new ConsentBook();
        var decided = new ConsentEvent.PossibleWithdrawalDecided(time(6));
        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(5));
        book.joinRefusals(ONE, OTHER, at(5), CAUSE);
        assertThat(held(book, ONE)).isEqualTo(at(5));

        book.apply(ONE, recordOf(book, ONE), decided, RULES, CAUSE);
        book.joinRefusals(ONE, OTHER, at(7), CAUSE);
        assertThat(held(book, ONE)).isNull();
        assertThat(held(book, OTHER)).isNull();

        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(8));
        book.joinRefusals(ONE, OTHER, at(8), CAUSE);
        assertThat(held(book, ONE)).isEqualTo(at(8));
        book.apply(ONE, recordOf(book, ONE), stop(9), RULES, CAUSE);
        book.joinRefusals(ONE, OTHER, at(9), CAUSE);
        assertThat(held(book, ONE)).isNull();
        assertThat(held(book, OTHER)).isNull();
    }

    @Test
    @DisplayName("CON-3, CON-12: a STOP of one settles what was nearly one of the other before it")
    void aStopSettlesWhatIsJoinedOnlyThen() {
        var book = new ConsentBook();
        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(5));
        book.apply(ONE, recordOf(book, ONE), stop(9), RULES, CAUSE);

        book.joinRefusals(ONE, OTHER, at(9), CAUSE);
        assertThat(held(book, ONE)).isNull();
        assertThat(held(book, OTHER)).isNull();
    }

    @Test
    @DisplayName("CON-3, CON-12: what nobody has read is not settled by what was decided before")
    void anOlderDoubtThatIsJoinedLaterWaits() {
        var book = new ConsentBook();
        book.holdForPossibleWithdrawal(ONE, Channel.WHATSAPP, at(5));
        book.apply(
                ONE,
                recordOf(book, ONE),
                new ConsentEvent.PossibleWithdrawalDecided(time(6)),
                RULES,
                CAUSE);
        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(3));

        book.joinRefusals(ONE, OTHER, at(9), CAUSE);
        assertThat(held(book, ONE)).isEqualTo(at(3));
        assertThat(held(book, OTHER)).isEqualTo(at(3));
    }

    private static Instant held(ConsentBook book, ConsentBook.Person person) {
        return book.overlays(person, Channel.WHATSAPP).possibleWithdrawalSince();
    }

    private static void agree(ConsentBook book, ConsentBook.Person person) {
        for (var event : List.of(captured(30), offered(31), accepted(32), yes(33))) {
            book.apply(person, recordOf(book, person), event, RULES, CAUSE);
        }
    }

    private static ConsentRecord recordOf(ConsentBook book, ConsentBook.Person person) {
        return book.record(person, Channel.WHATSAPP, Purpose.NOTIFICATION, Basis.CONSENT);
    }

    private static ConsentRecord merge(ConsentRecord kept, ConsentRecord joined) {
        var merged =
                Refusals.merge(
                        SURVIVING,
                        new Refusals.Consents(List.of(kept), Map.of()),
                        new Refusals.Consents(List.of(joined), Map.of()));
        return merged.records().getFirst();
    }
}
