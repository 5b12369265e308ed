package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jawort.consent.Consents.Standing;

class ConsentOrderTest {

    /** CON-7: with seconds as coarse as these, ties are frequent. */
    @Property(tries = 4000)
    void endsTheSameInAnyOrderAndWithDuplicates(
            @ForAll("answersToOnePrompt") List<ConsentEvent> events, @ForAll long seed) {
        var start =
                new Standing(
                                none(Purpose.MARKETING, Basis.CONSENT),
                                Overlays.CLEAR.suppress(
                                        SuppressionScope.MARKETING,
                                        SuppressionSource.SUBJECT,
                                        at(-50)))
                        .after(captured(0), offered(2));
        var shuffled = new ArrayList<>(events);
        var random = new Random(seed);
        events.stream().filter(event -> random.nextBoolean()).forEach(shuffled::add);
        Collections.shuffle(shuffled, random);

        var inOrder = start.after(events.toArray(ConsentEvent[]::new));
        var otherwise = start.after(shuffled.toArray(ConsentEvent[]::new));

        assertThat(otherwise.record().state()).isEqualTo(inOrder.record().state());
        assertThat(otherwise.record().lastRefusalAt()).isEqualTo(inOrder.record().lastRefusalAt());
        assertThat(otherwise.overlays().active()).isEqualTo(inOrder.overlays().active());
    }

    /**
     * What the order of arrival must not hide: the grant stands exactly if nothing was refused
     * since the person's act.
     */
    @Property(tries = 2000)
    void grantsExactlyWithoutARefusalSinceTheAct(
            @ForAll("answersToOnePrompt") List<ConsentEvent> events) {
        var end =
                Standing.of(in(ConsentState.REQUESTED, Purpose.MARKETING))
                        .after(offered(2))
                        .after(events.toArray(ConsentEvent[]::new));

        var isAccepted = events.stream().anyMatch(ConsentEvent.PromptAccepted.class::isInstance);
        var isAgreed =
                events.stream()
                        .anyMatch(
                                event ->
                                        event instanceof ConsentEvent.Yes yes
                                                && !yes.at().isBefore(at(2)));
        var isRefused =
                events.stream()
                        .anyMatch(
                                event ->
                                        event instanceof ConsentEvent.No
                                                || ((event instanceof ConsentEvent.Stop
                                                                || event
                                                                        instanceof
                                                                        ConsentEvent.ProviderOptOut)
                                                        && !event.at().isBefore(T0)));
        assertThat(end.record().state() == ConsentState.GRANTED)
                .isEqualTo(isAccepted && isAgreed && !isRefused);
    }

    /** TST-1. */
    @Property(tries = 4000)
    void neverGrantsWithoutT4NorLeavesARefusalWithoutANewerAct(
            @ForAll("anything") List<ConsentEvent> events, @ForAll Basis basis) {
        var standing = Standing.of(none(Purpose.NOTIFICATION, basis));

        for (var event : events) {
            var before = standing.record();
            var outcome = ConsentStateMachine.apply(before, standing.overlays(), event, RULES);
            if (!(outcome instanceof Outcome.Moved moved)) {
                continue;
            }
            var after = moved.record();
            if (after.state() == ConsentState.GRANTED && before.state() != ConsentState.GRANTED) {
                assertThat(moved.transition()).isEqualTo(Transition.T4);
                assertThat(after.prompt().acceptedAt()).isNotNull();
            }
            if (before.state().isRefusal() && !after.state().isRefusal()) {
                assertThat(moved.transition()).isIn(Transition.T1, Transition.T16);
                assertThat(event.at()).isAfter(before.lastRefusalAt());
            }
            if (event instanceof ConsentEvent.Stop && after.isRefusedBy(event.at())) {
                assertThat(after.state().isWithdrawal()).isTrue();
            }
            standing = new Standing(after, moved.overlays());
        }
    }

    @Provide
    Arbitrary<List<ConsentEvent>> answersToOnePrompt() {
        var seconds = Arbitraries.longs().between(-3, 8);
        Arbitrary<SuppressionScope> scope = Arbitraries.of(SuppressionScope.class);
        Arbitrary<ConsentEvent> one =
                Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.just(accepted(3))),
                        Tuple.of(4, seconds.map(Consents::yes)),
                        Tuple.of(1, seconds.map(Consents::no)),
                        Tuple.of(1, seconds.map(at -> new ConsentEvent.OtherText(time(at)))),
                        Tuple.of(2, seconds.map(Consents::stop)),
                        Tuple.of(1, seconds.flatMap(at -> scope.map(s -> optOut(at, s)))),
                        Tuple.of(
                                1,
                                seconds.flatMap(
                                        at ->
                                                scope.map(
                                                        s ->
                                                                new ConsentEvent.ProviderOptIn(
                                                                        time(at), s)))),
                        Tuple.of(1, seconds.flatMap(at -> scope.flatMap(s -> ordered(at, s)))));
        return one.list().ofMinSize(1).ofMaxSize(8);
    }

    /** The tenant's own suppression, or its lifting. */
    private static Arbitrary<ConsentEvent> ordered(long at, SuppressionScope scope) {
        return Arbitraries.of(
                new ConsentEvent.TenantSuppressed(time(at), scope),
                new ConsentEvent.TenantReleased(time(at), scope));
    }

    @Provide
    Arbitrary<List<ConsentEvent>> anything() {
        var seconds = Arbitraries.longs().between(0, 12);
        var days = Arbitraries.longs().between(0, 900).map(day -> day * 86_400);
        Arbitrary<ConsentEvent> one =
                Arbitraries.oneOf(
                        seconds.flatMap(
                                at ->
                                        Arbitraries.of(CaptureOrigin.class)
                                                .map(
                                                        origin ->
                                                                new ConsentEvent.Captured(
                                                                        time(at), origin, ADDRESS,
                                                                        true))),
                        seconds.map(Consents::offered),
                        seconds.map(Consents::accepted),
                        seconds.map(Consents::yes),
                        seconds.map(Consents::no),
                        seconds.map(Consents::stop),
                        seconds.map(at -> optOut(at, SuppressionScope.ALL)),
                        seconds.flatMap(at -> ordered(at, SuppressionScope.ALL)),
                        seconds.map(Consents::materialChange),
                        seconds.map(Consents::assessed),
                        seconds.map(at -> new ConsentEvent.Objection(time(at), null)),
                        seconds.map(at -> new ConsentEvent.ObjectionRevoked(time(at), true)),
                        seconds.map(at -> new ConsentEvent.PromptFailed(time(at), PROMPT, true)),
                        seconds.map(at -> new ConsentEvent.OtherText(time(at))),
                        seconds.map(at -> new ConsentEvent.AddressInvalid(time(at), ADDRESS)),
                        days.map(at -> new ConsentEvent.Deadline(time(at))),
                        days.map(at -> new ConsentEvent.ValidityEnd(time(at))));
        return one.list().ofMinSize(1).ofMaxSize(25);
    }
}
