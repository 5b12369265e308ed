package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.jawort.consent.Consents.*;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalsTest {

    private static final ConsentBook.Cause CAUSE =
            new ConsentBook.Cause("provider", new UUID(5, 5), new byte[] {1});
    private static final Person ONE = new Person("autohaus-muster", SUBJECT);
    private static final Person OTHER = new Person("autohaus-muster", new UUID(8, 1));
    private static final Person THIRD = new Person("autohaus-muster", new UUID(8, 2));
    private static final List<Person> ALL = List.of(ONE, OTHER, THIRD);

    private final ConsentBook book = new ConsentBook();

    @ParameterizedTest
    @EnumSource(
            value = ConsentState.class,
            names = {"DECLINED", "WITHDRAWN", "OBJECTED"})
    @DisplayName(
            "CON-3: what one name refused before both are known as one person holds for both, in"
                    + " either direction and against a newer grant, under the id, address and basis of each")
    void mergesRefusals(ConsentState refusal) {
        ConsentRecord refused = in(refusal);
        for (boolean turned : List.of(false, true)) {
            ConsentBook met = new ConsentBook();
            met.loaded(OTHER, refused);
            ConsentRecord granted = after(in(ConsentState.GRANTED), yes(53));
            met.loaded(ONE, granted);

            var changes = turned ? join(met, OTHER, ONE) : join(met, ONE, OTHER);

            ConsentRecord now = recordOf(met, ONE);
            assertThat(changes)
                    .singleElement()
                    .matches(change -> change.person().equals(ONE))
                    .matches(change -> change.previous() == ConsentState.GRANTED);
            assertThat(now.state()).isEqualTo(refusal);
            assertThat(now.lastRefusalAt()).isEqualTo(refused.lastRefusalAt());
            assertThat(now.grantedAt()).isNull();
            assertThat(now.id()).isEqualTo(granted.id());
            assertThat(now.addressId()).isEqualTo(ADDRESS);
            assertThat(now.prompt().promptId()).isEqualTo(PROMPT);
            assertThat(recordOf(met, OTHER)).isEqualTo(refused);
        }
    }

    @Test
    @DisplayName("CON-3: a grant stays with the name that gave it")
    void doesNotMoveGrants() {
        book.loaded(OTHER, in(ConsentState.GRANTED));

        assertThat(join(book, ONE, OTHER)).isEmpty();
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.NONE);
        agree(ONE, 30);
        assertThat(recordOf(book, OTHER).grantedAt()).isEqualTo(at(3));
    }

    @Test
    @DisplayName("CON-3: per channel and purpose, and every block of either holds for both")
    void keepsChannelsAndPurposesApart() {
        ConsentRecord sms =
                ConsentRecord.none(
                        new UUID(9, 1), SUBJECT, Channel.SMS, Purpose.NOTIFICATION, Basis.CONSENT);
        book.loaded(ONE, in(ConsentState.GRANTED));
        book.apply(OTHER, sms, stop(5), RULES, CAUSE);
        book.apply(
                ONE,
                book.record(ONE, Channel.SMS, Purpose.MARKETING, Basis.CONSENT),
                optOut(6, SuppressionScope.MARKETING),
                RULES,
                CAUSE);

        join(book, ONE, OTHER);

        assertThat(book.records(ONE))
                .extracting(ConsentRecord::channel, ConsentRecord::state)
                .contains(
                        tuple(Channel.WHATSAPP, ConsentState.GRANTED),
                        tuple(Channel.SMS, ConsentState.WITHDRAWN));
        for (Person name : List.of(ONE, OTHER)) {
            assertThat(book.overlays(name, Channel.WHATSAPP).active()).isEmpty();
            assertThat(book.overlays(name, Channel.SMS).active())
                    .extracting(Suppression::scope)
                    .containsExactlyInAnyOrder(SuppressionScope.ALL, SuppressionScope.MARKETING);
        }
    }

    @Test
    @DisplayName("CON-3: the newest refusal of either is the one a later act has to follow")
    void keepsTheNewerRefusal() {
        book.loaded(ONE, in(ConsentState.DECLINED));
        book.apply(OTHER, recordOf(book, OTHER), stop(50), RULES, CAUSE);

        join(book, ONE, OTHER);

        assertThat(recordOf(book, ONE))
                .matches(record -> record.state() == ConsentState.WITHDRAWN)
                .matches(record -> record.lastRefusalAt().equals(at(50)));
        assertThat(recordOf(book, OTHER).lastRefusalAt()).isEqualTo(at(50));
    }

    @Test
    @DisplayName(
            "CON-3, CON-7: once joined, a STOP under one name is one under both at once; a Ja that"
                    + " answers it stands, however often both are named together")
    void spreadsWhatIsRefused() {
        book.loaded(ONE, in(ConsentState.GRANTED));
        join(book, ONE, OTHER);

        var changes = book.apply(OTHER, recordOf(book, OTHER), stop(20), RULES, CAUSE);

        assertThat(changes)
                .extracting(change -> change.person(), change -> change.record().state())
                .containsExactlyInAnyOrder(
                        tuple(OTHER, ConsentState.WITHDRAWN), tuple(ONE, ConsentState.WITHDRAWN));
        assertThat(book.overlays(ONE, Channel.WHATSAPP).suppressedAllSince()).contains(at(20));
        assertThat(book.declarations())
                .filteredOn(told -> told.person().equals(ONE))
                .filteredOn(told -> "IDENTITY_JOINED".equals(told.reason()))
                .singleElement()
                .matches(told -> told.cause().message().equals(CAUSE.message()))
                .matches(told -> told.cause().sealedEvidence() == null, "evidence of another key");
        assertThat(confirmations(book)).as("one, where it was said").containsExactly(OTHER);
        assertThat(book.consequences())
                .filteredOn(one -> one.person().equals(ONE))
                .singleElement()
                .matches(one -> one.effects().contains(Effect.CANCEL_QUEUED_SENDS));

        agree(ONE, 30);
        assertThat(join(book, ONE, OTHER)).isEmpty();
        assertThat(join(book, OTHER, ONE)).isEmpty();
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).isEmpty();
        assertThat(recordOf(book, OTHER).state()).isEqualTo(ConsentState.WITHDRAWN);
    }

    @Test
    @DisplayName(
            "CON-3, CON-7: a STOP that comes late under one name ends what was granted before it"
                    + " under the other, and not what was granted since")
    void spreadsWhatComesLate() {
        book.loaded(ONE, in(ConsentState.GRANTED));
        join(book, ONE, OTHER);
        agree(OTHER, 30);

        book.apply(OTHER, recordOf(book, OTHER), stop(20), RULES, CAUSE);

        assertThat(recordOf(book, OTHER).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.WITHDRAWN);
    }

    @Test
    @DisplayName(
            "CON-3, T8: whoever says STOP again under one name, and ends what the other has agreed to"
                    + " meanwhile, is told so once")
    void confirmsWhatOnlyTheOtherNameHad() {
        join(book, ONE, OTHER);
        book.apply(ONE, recordOf(book, ONE), stop(20), RULES, CAUSE);
        agree(OTHER, 30);
        ConsentBook later = new ConsentBook();
        for (Person name : List.of(ONE, OTHER)) {
            later.names().loaded(name, new UUID(4, 4));
            later.loaded(name, recordOf(book, name));
            later.loaded(name, Channel.WHATSAPP, book.overlays(name, Channel.WHATSAPP));
        }

        later.apply(ONE, recordOf(later, ONE), stop(50), RULES, CAUSE);
        later.apply(ONE, recordOf(later, ONE), stop(50), RULES, CAUSE);

        assertThat(recordOf(later, OTHER).state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(confirmations(later)).containsExactly(ONE);
    }

    @Test
    @DisplayName(
            "CON-3, T9, T10: what a provider blocks under one name is the person's own refusal under"
                    + " the other, which a Ja there answers")
    void aProvidersBlockCanBeAnswered() {
        book.apply(ONE, recordOf(book, ONE), optOut(5, SuppressionScope.ALL), RULES, CAUSE);
        join(book, ONE, OTHER);
        join(book, ONE, THIRD);
        book.apply(ONE, recordOf(book, ONE), optOut(20, SuppressionScope.ALL), RULES, CAUSE);

        for (Person name : List.of(OTHER, THIRD)) {
            assertThat(recordOf(book, name).state()).isEqualTo(ConsentState.WITHDRAWN);
            assertThat(book.overlays(name, Channel.WHATSAPP).active())
                    .extracting(Suppression::source)
                    .containsExactly(SuppressionSource.SUBJECT);
            agree(name, 30);
            assertThat(book.overlays(name, Channel.WHATSAPP).active()).isEmpty();
        }
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active())
                .extracting(Suppression::source)
                .containsExactly(SuppressionSource.PROVIDER);
    }

    @Test
    @DisplayName("CON-3: a Nein to a question under one name ends an older grant under the other")
    void spreadsANo() {
        book.loaded(ONE, in(ConsentState.GRANTED));
        join(book, ONE, OTHER);
        for (var event : List.of(captured(30), offered(31), accepted(32), no(33))) {
            book.apply(OTHER, recordOf(book, OTHER), event, RULES, CAUSE);
        }

        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.DECLINED);
        assertThat(recordOf(book, ONE).lastRefusalAt()).isEqualTo(at(33));
        assertThat(recordOf(book, ONE).grantedAt()).isNull();
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).isEmpty();
        Declaration told =
                book.declarations().stream()
                        .filter(line -> line.person().equals(ONE))
                        .filter(line -> line.event() instanceof ConsentEvent.No)
                        .findFirst()
                        .orElseThrow();
        assertThat(((ConsentEvent.No) told.event()).addressId())
                .as("the address of nobody else")
                .isEqualTo(recordOf(book, ONE).addressId());
    }

    @Test
    @DisplayName(
            "CON-3: a Nein under one name voids the question under the other, and what waits behind it"
                    + " is asked; the ledger names no text that was not answered")
    void aNoVoidsTheOthersQuestion() {
        join(book, ONE, OTHER);
        var others =
                new ConsentEvent.PromptOffered(time(31), "prompt-2", ADDRESS, "de", "v1", false);
        for (var event : List.of(captured(30), others)) {
            book.apply(ONE, recordOf(book, ONE), event, RULES, CAUSE);
        }
        answer(book, OTHER, 40, no(43));

        assertThat(recordOf(book, ONE).hasOpenPrompt()).isFalse();
        assertThat(book.consequences())
                .filteredOn(one -> one.person().equals(ONE))
                .last()
                .matches(one -> one.effects().contains(Effect.VOID_PROMPT));
        assertThat(TextShown.of(book.declarations().getLast())).isNull();
    }

    @Test
    @DisplayName(
            "CON-7, T14, T16: of two objections the later one stands against a revocation between"
                    + " them that arrives last")
    void keepsTheLaterOfTwoObjections() {
        book.apply(ONE, interestOf(ONE), assessed(0), RULES, CAUSE);
        for (long at : List.of(5L, 20L)) {
            var objection = new ConsentEvent.Objection(time(at), null);
            book.apply(ONE, interestOf(ONE), objection, RULES, CAUSE);
        }
        var revoked = new ConsentEvent.ObjectionRevoked(time(10), true);
        book.apply(ONE, interestOf(ONE), revoked, RULES, CAUSE);

        assertThat(interestOf(ONE).state()).isEqualTo(ConsentState.OBJECTED);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).suppressedAllSince()).contains(at(20));
    }

    @Test
    @DisplayName("CON-3, T14: an objection under one name is one under both")
    void spreadsAnObjection() {
        for (Person name : List.of(ONE, OTHER)) {
            book.apply(name, interestOf(name), assessed(0), RULES, CAUSE);
        }
        join(book, ONE, OTHER);

        book.apply(ONE, interestOf(ONE), new ConsentEvent.Objection(time(9), null), RULES, CAUSE);

        assertThat(interestOf(OTHER).state()).isEqualTo(ConsentState.OBJECTED);
        assertThat(book.overlays(OTHER, Channel.WHATSAPP).suppressedAllSince()).contains(at(9));

        var revoked = new ConsentEvent.ObjectionRevoked(time(20), true);
        book.apply(OTHER, interestOf(OTHER), revoked, RULES, CAUSE);
        assertThat(interestOf(OTHER).state()).isEqualTo(ConsentState.LI_ACTIVE);
        book.apply(ONE, interestOf(ONE), new ConsentEvent.Objection(time(30), null), RULES, CAUSE);
        assertThat(interestOf(OTHER).state()).isEqualTo(ConsentState.OBJECTED);
    }

    @Test
    @DisplayName(
            "CON-3: when both are joined, an older refusal of one counts against a grant of the other"
                    + " that answered a newer one of their own; answered since, it does not come back")
    void nothingOldIsKnownAtFirst() {
        book.apply(OTHER, recordOf(book, OTHER), stop(3), RULES, CAUSE);
        book.apply(ONE, recordOf(book, ONE), stop(5), RULES, CAUSE);
        agree(ONE, 30);

        assertThat(join(book, ONE, OTHER)).hasSize(1);
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).hasSize(1);

        agree(ONE, 50);
        assertThat(join(book, OTHER, ONE)).isEmpty();
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).isEmpty();
    }

    @Test
    @DisplayName(
            "CON-3, CON-7: a Ja that answered a refusal of the very same instant stands: an earlier"
                    + " version of the hub had told it already")
    void knowsARefusalByItsInstant() {
        for (Person name : List.of(ONE, OTHER)) {
            book.apply(name, recordOf(book, name), stop(20), RULES, CAUSE);
        }
        agree(ONE, 30);

        assertThat(join(book, ONE, OTHER)).isEmpty();
        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(book.overlays(ONE, Channel.WHATSAPP).active()).isEmpty();
        assertThat(recordOf(book, OTHER).state()).isEqualTo(ConsentState.WITHDRAWN);
    }

    @Test
    @DisplayName(
            "CON-20: who linked two names, with what evidence and with whom is on record, and that it was"
                    + " taken back, whether or not it moved anything")
    void tellsOfLinks() {
        book.loaded(ONE, in(ConsentState.GRANTED));
        book.loaded(OTHER, in(ConsentState.WITHDRAWN));

        join(book, ONE, OTHER);
        book.unlink(ONE, at(100), CAUSE);
        book.unlink(ONE, at(101), CAUSE);

        assertThat(book.declarations())
                .extracting(
                        told -> told.person(),
                        told -> told.event().getClass().getSimpleName(),
                        told -> told.outcome())
                .containsExactly(
                        tuple(ONE, "Linked", "moved"),
                        tuple(OTHER, "Linked", "unchanged"),
                        tuple(ONE, "Unlinked", "unchanged"));
        assertThat(book.declarations())
                .filteredOn(told -> told.person().equals(OTHER))
                .extracting(Declaration::event)
                .containsExactly(new ConsentEvent.Linked(EventTime.received(at(99)), SUBJECT));
        assertThat(book.declarations()).allMatch(told -> told.cause().equals(CAUSE));
    }

    @Test
    @DisplayName(
            "CON-3, T4: a STOP to everything under one name ends every grant of the other once both are"
                    + " joined; a Ja to one purpose sets no other free")
    void aBlockEndsWhateverItCovers() {
        book.apply(ONE, recordOf(book, ONE), stop(5), RULES, CAUSE);
        book.loaded(OTHER, after(in(ConsentState.GRANTED, Purpose.MARKETING), yes(53)));

        assertThat(join(book, ONE, OTHER))
                .filteredOn(change -> change.previous() == ConsentState.GRANTED)
                .singleElement()
                .matches(change -> change.person().equals(OTHER))
                .matches(change -> change.record().purpose() == Purpose.MARKETING)
                .matches(change -> change.record().state() == ConsentState.WITHDRAWN);
        agree(OTHER, 60);

        assertThat(book.overlays(OTHER, Channel.WHATSAPP).active()).isEmpty();
        assertThat(marketingOf(OTHER).state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(join(book, OTHER, ONE)).isEmpty();
    }

    @Test
    @DisplayName("CON-3: a block of advertising ends no other grant")
    void aBlockEndsNoMoreThanItCovers() {
        book.apply(ONE, marketingOf(ONE), optOut(5, SuppressionScope.MARKETING), RULES, CAUSE);
        book.loaded(OTHER, in(ConsentState.GRANTED));

        join(book, ONE, OTHER);

        assertThat(recordOf(book, OTHER).state()).isEqualTo(ConsentState.GRANTED);
    }

    @Test
    @DisplayName(
            "CON-3: where the name that is blocked has said yes or no itself, that is what it tells")
    void aBlockSaysNothingOfWhatWasSaidSince() {
        book.apply(ONE, recordOf(book, ONE), stop(5), RULES, CAUSE);
        answer(book, ONE, 30, no(33));
        book.loaded(OTHER, in(ConsentState.GRANTED));

        join(book, ONE, OTHER);

        assertThat(recordOf(book, OTHER).state()).isEqualTo(ConsentState.DECLINED);
        assertThat(book.overlays(OTHER, Channel.WHATSAPP).suppressedAllSince()).contains(at(5));
    }

    @Test
    @DisplayName(
            "CON-3, SEC-4: what somebody refused before they were erased is refused under all names"
                    + " once they are known again, and every grant they gave since has ended")
    void knowsWhoRefusedBeforeTheirErasure() {
        book.loaded(ONE, in(ConsentState.GRANTED));
        book.loaded(OTHER, in(ConsentState.GRANTED, Purpose.MARKETING));
        join(book, ONE, OTHER);
        var refused = new Suppression(SuppressionScope.ALL, SuppressionSource.SUBJECT, at(1), null);

        var changes =
                book.knowAgain(
                        new SuppressionStubs.Refused(ONE, Channel.WHATSAPP, refused),
                        at(70),
                        CAUSE);

        assertThat(changes)
                .extracting(change -> change.person(), change -> change.record().purpose())
                .containsExactly(tuple(ONE, Purpose.NOTIFICATION), tuple(OTHER, Purpose.MARKETING));
        for (Person name : List.of(ONE, OTHER)) {
            assertThat(book.overlays(name, Channel.WHATSAPP).suppressedAllSince()).contains(at(1));
        }
        assertThat(book.declarations())
                .filteredOn(told -> "REFUSED_BEFORE_ERASURE".equals(told.reason()))
                .allMatch(told -> told.event().at().equals(at(1)))
                .hasSize(2);
        assertThat(book.consequences())
                .allMatch(one -> one.effects().contains(Effect.CANCEL_QUEUED_SENDS))
                .hasSize(2);
    }

    @Test
    @DisplayName(
            "CON-3: a STOP reaches what is on record under another name only, of a purpose off")
    void reachesWhatIsOnRecordElsewhere() {
        book.loaded(OTHER, in(ConsentState.GRANTED, Purpose.MARKETING));
        join(book, ONE, OTHER);

        assertThat(
                        book.refusable(
                                ONE, Channel.WHATSAPP, Map.of(Purpose.NOTIFICATION, Basis.CONSENT)))
                .extracting(ConsentRecord::purpose, ConsentRecord::subject)
                .containsExactly(
                        tuple(Purpose.NOTIFICATION, SUBJECT), tuple(Purpose.MARKETING, SUBJECT));
    }

    @Test
    @DisplayName(
            "CON-3, CON-12: what was nearly a STOP of one holds for both, also if it is heard of late,"
                    + " until a human decides about it under either name or either says STOP")
    void sharesWhatWasNearlyAStop() {
        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(5));
        join(book, ONE, OTHER);
        assertThat(held(ONE)).isEqualTo(at(5));

        book.apply(ONE, recordOf(book, ONE), decided(6), RULES, CAUSE);
        assertThat(held(ONE)).isNull();
        assertThat(held(OTHER)).isNull();

        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(3));
        join(book, ONE, OTHER);
        assertThat(held(ONE)).as("replayed, and not what was decided about").isEqualTo(at(3));
        assertThat(held(OTHER)).isEqualTo(at(3));

        book.apply(ONE, recordOf(book, ONE), stop(9), RULES, CAUSE);
        assertThat(held(ONE)).isNull();
        assertThat(held(OTHER)).isNull();
    }

    @Test
    @DisplayName(
            "CON-3, CON-12: joined, a STOP of one settles what was nearly one of the other before it,"
                    + " and what was decided of one settles nothing nobody has read")
    void aStopSettlesWhatIsJoinedOnlyThen() {
        book.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(5));
        book.apply(ONE, recordOf(book, ONE), stop(9), RULES, CAUSE);
        join(book, ONE, OTHER);
        assertThat(held(ONE)).isNull();
        assertThat(held(OTHER)).isNull();

        ConsentBook unread = new ConsentBook();
        unread.holdForPossibleWithdrawal(ONE, Channel.WHATSAPP, at(5));
        unread.apply(ONE, recordOf(unread, ONE), decided(6), RULES, CAUSE);
        unread.holdForPossibleWithdrawal(OTHER, Channel.WHATSAPP, at(3));
        join(unread, ONE, OTHER);
        for (Person name : List.of(ONE, OTHER)) {
            assertThat(unread.overlays(name, Channel.WHATSAPP).possibleWithdrawalSince())
                    .isEqualTo(at(3));
        }
    }

    @Test
    @DisplayName("CON-3: taken apart again, what is said under one name is said under that name")
    void leaves() {
        book.loaded(ONE, in(ConsentState.GRANTED));
        join(book, ONE, OTHER);

        book.unlink(OTHER, at(10), CAUSE);
        book.apply(OTHER, recordOf(book, OTHER), stop(20), RULES, CAUSE);

        assertThat(recordOf(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(book.names().changed()).containsEntry(OTHER, null);
    }

    /** What happens to somebody known under three names, before and after the hub knows it. */
    enum Act {
        STOP,
        NO,
        AGREE,
        NEARLY_STOP,
        DECIDED,
        OPT_OUT
    }

    record Happened(int name, Act act) {}

    record Met(int one, int other) {}

    @Provide
    Arbitrary<List<Happened>> life() {
        return Combinators.combine(Arbitraries.integers().between(0, 2), Arbitraries.of(Act.class))
                .as(Happened::new)
                .list()
                .ofMaxSize(8);
    }

    @Provide
    Arbitrary<List<Met>> meetings() {
        return Arbitraries.shuffle(
                new Met(0, 1), new Met(1, 0), new Met(1, 2), new Met(2, 0), new Met(0, 2));
    }

    @Property
    void joinsThreeNamesInAnyOrder(
            @ForAll("life") List<Happened> life,
            @ForAll("meetings") List<Met> first,
            @ForAll("meetings") List<Met> second) {
        List<ConsentBook> books = new ArrayList<>();
        for (List<Met> meetings : List.of(first, second)) {
            ConsentBook each = new ConsentBook();
            long[] now = {100};
            life.forEach(one -> happen(each, one, now[0] += 10));
            meetings.forEach(met -> join(each, ALL.get(met.one()), ALL.get(met.other())));
            books.add(each);
        }

        for (Person name : ALL) {
            assertThat(refusal(books.get(0), name)).isEqualTo(refusal(books.get(1), name));
            assertThat(books.get(0).overlays(name, Channel.WHATSAPP).active())
                    .isEqualTo(books.get(1).overlays(name, Channel.WHATSAPP).active());
            if (isOpen(books.get(0), name)) {
                assertThat(waits(books.get(0), name)).isEqualTo(waits(books.get(1), name));
            }
        }
        assertThat(ALL.stream().map(name -> refusal(books.getFirst(), name)).distinct())
                .as("one person, one refusal")
                .hasSize(1);
    }

    @Property
    void whatIsRefusedUnderOneNameIsRefusedUnderAll(
            @ForAll("life") List<Happened> before,
            @ForAll("meetings") List<Met> meetings,
            @ForAll("life") List<Happened> since) {
        ConsentBook each = new ConsentBook();
        long[] now = {100};
        before.forEach(one -> happen(each, one, now[0] += 10));
        meetings.forEach(met -> join(each, ALL.get(met.one()), ALL.get(met.other())));
        for (Happened one : since) {
            happen(each, one, now[0] += 10);
            meetings.forEach(met -> join(each, ALL.get(met.one()), ALL.get(met.other())));

            Person said = ALL.get(one.name());
            assertThat(
                            ALL.stream()
                                    .filter(name -> isOpen(each, name))
                                    .map(name -> waits(each, name))
                                    .distinct())
                    .as("who is blocked anyway has nothing to wait for")
                    .hasSizeLessThanOrEqualTo(1);
            switch (one.act()) {
                case STOP, OPT_OUT ->
                        assertThat(ALL)
                                .allMatch(name -> recordOf(each, name).state().isWithdrawal())
                                .noneMatch(
                                        name ->
                                                each.overlays(name, Channel.WHATSAPP)
                                                        .active()
                                                        .isEmpty());
                case NO ->
                        assertThat(ALL).allMatch(name -> recordOf(each, name).state().isRefusal());
                case AGREE ->
                        assertThat(recordOf(each, said).state()).isEqualTo(ConsentState.GRANTED);
                case NEARLY_STOP -> assertThat(waits(each, said)).isNotNull();
                case DECIDED -> assertThat(waits(each, said)).isNull();
            }
        }
    }

    private static void happen(ConsentBook book, Happened one, long now) {
        Person name = ALL.get(one.name());
        ConsentRecord record = recordOf(book, name);
        switch (one.act()) {
            case STOP -> book.apply(name, record, stop(now), RULES, CAUSE);
            case OPT_OUT ->
                    book.apply(name, record, optOut(now, SuppressionScope.ALL), RULES, CAUSE);
            case DECIDED -> book.apply(name, record, decided(now), RULES, CAUSE);
            case NEARLY_STOP -> book.holdForPossibleWithdrawal(name, Channel.WHATSAPP, at(now));
            case AGREE -> answer(book, name, now, yes(now + 3));
            case NO -> answer(book, name, now, no(now + 3));
        }
    }

    /** Asked, and answered; whoever agreed before is asked after a STOP. */
    private static void answer(ConsentBook book, Person name, long now, ConsentEvent answer) {
        if (recordOf(book, name).state() == ConsentState.GRANTED) {
            book.apply(name, recordOf(book, name), stop(now - 1), RULES, CAUSE);
        }
        for (var event : List.of(captured(now), offered(now + 1), accepted(now + 2), answer)) {
            book.apply(name, recordOf(book, name), event, RULES, CAUSE);
        }
    }

    /** What of a record says no; the rest is each name's own. */
    private static List<Object> refusal(ConsentBook book, Person name) {
        ConsentRecord record = recordOf(book, name);
        return record.state().isRefusal() ? List.of(record.state(), record.since()) : List.of();
    }

    private static boolean isOpen(ConsentBook book, Person name) {
        return book.overlays(name, Channel.WHATSAPP).suppressedAllSince().isEmpty();
    }

    private static Instant waits(ConsentBook book, Person name) {
        return book.overlays(name, Channel.WHATSAPP).possibleWithdrawalLastAt();
    }

    private static List<Person> confirmations(ConsentBook book) {
        return book.consequences().stream()
                .filter(one -> one.effects().contains(Effect.OPTOUT_CONFIRM_ONCE))
                .map(ConsentBook.Consequence::person)
                .toList();
    }

    private Instant held(Person person) {
        return book.overlays(person, Channel.WHATSAPP).possibleWithdrawalSince();
    }

    private static ConsentEvent decided(long at) {
        return new ConsentEvent.PossibleWithdrawalDecided(time(at));
    }

    private static List<ConsentBook.StateChange> join(ConsentBook book, Person one, Person other) {
        return book.join(one, other, at(99), name -> CAUSE);
    }

    private void agree(Person person, long from) {
        answer(book, person, from, yes(from + 3));
    }

    private ConsentRecord marketingOf(Person name) {
        return book.record(name, Channel.WHATSAPP, Purpose.MARKETING, Basis.CONSENT);
    }

    private static ConsentRecord recordOf(ConsentBook book, Person person) {
        return book.record(person, Channel.WHATSAPP, Purpose.NOTIFICATION, Basis.CONSENT);
    }

    private ConsentRecord interestOf(Person person) {
        return book.record(person, Channel.WHATSAPP, Purpose.SUPPORT_REPLY, Basis.LEGAL_INTEREST);
    }
}
