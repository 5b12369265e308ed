package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.retention.Rules.berlin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jawort.message.Category;
import org.jawort.retention.Precedence.Request;
import org.jawort.retention.Verdict.Claim;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RET-5: hold, then law, then the person, then the tenant, then the hub")
class PrecedenceTest {

    private static final UUID MESSAGE = new UUID(1, 1);
    private static final UUID REQUEST = new UUID(2, 2);
    private static final UUID HOLD = new UUID(3, 3);

    /** Received on 1 June 2026, its conversation closed on 1 July; UNKNOWN waits for 60 days. */
    private static final Instant RECEIVED = berlin("2026-06-01T12:00:00");

    private static final Instant CLOSED = berlin("2026-07-01T12:00:00");

    /** A financial firm that keeps text for 90 days as the hub does, and SMS for 10. */
    private static final RetentionRules RULES =
            new RetentionRules(
                    tenants(
                            """
                            financial: true
                            unknown: { after: P60D, then: NONE }
                            rules:
                              - { id: sms, version: 4, dataType: conversation-text, period: P10D, criteria: { channel: sms }, owner: desk, validFrom: 2026-01-01 }
                            """),
                    () -> RECEIVED);

    @ParameterizedTest(name = "{0} {1} closed={2} erasure={3} hold={4} at {5}")
    @CsvSource(
            nullValues = "-",
            value = {
                // category, channel, closed?, erasure accepted, hold, now, verdict, until, rule
                "NONE, whatsapp, open, -, -, 2030-01-01T00:00, Keep, -, conversation-text@1",
                "NONE, whatsapp, closed, -, -, 2026-09-29T11:59, Keep, 2026-09-29T12:00, conversation-text@1",
                "NONE, whatsapp, closed, -, -, 2026-09-29T12:00, Delete, -, conversation-text@1",
                "NONE, sms, closed, -, -, 2026-07-11T11:59, Keep, 2026-07-11T12:00, sms@4",
                "NONE, sms, closed, -, -, 2026-07-11T12:00, Delete, -, sms@4",
                "NONE, whatsapp, open, 2026-06-10T00:00, -, 2026-06-10T00:00, Delete, -, -",
                "NONE, whatsapp, closed, 2026-08-01T00:00, -, 2026-07-31T00:00, Keep, 2026-09-29T12:00, conversation-text@1",
                "UNKNOWN, sms, closed, -, -, 2026-08-30T11:59, Keep, 2026-08-30T12:00, sms@4",
                "UNKNOWN, sms, closed, -, -, 2026-08-30T12:00, Delete, -, sms@4",
                "UNKNOWN, sms, open, 2026-06-10T00:00, -, 2026-06-10T00:00, Delete, -, -",
                "COMMERCIAL_LETTER, sms, open, -, -, 2026-06-02T00:00, Keep, 2033-01-01T00:00, commercial-letter@1",
                "COMMERCIAL_LETTER, sms, closed, -, -, 2026-07-11T12:00, Restrict, 2033-01-01T00:00, commercial-letter@1",
                "COMMERCIAL_LETTER, sms, open, 2026-06-10T00:00, -, 2026-06-10T00:00, Restrict, 2033-01-01T00:00, commercial-letter@1",
                "COMMERCIAL_LETTER, sms, closed, -, -, 2032-12-31T23:59, Restrict, 2033-01-01T00:00, commercial-letter@1",
                "COMMERCIAL_LETTER, sms, closed, -, -, 2033-01-01T00:00, Delete, -, sms@4",
                "COMMERCIAL_LETTER, sms, closed, 2026-06-10T00:00, -, 2033-01-01T00:00, Delete, -, -",
                "VOUCHER, sms, closed, -, -, 2036-12-31T23:59, Restrict, 2037-01-01T00:00, voucher-financial@1",
                "VOUCHER, sms, closed, -, -, 2037-01-01T00:00, Delete, -, sms@4",
                "NONE, sms, closed, 2026-06-10T00:00, LEGAL, 2030-01-01T00:00, Held, -, sms@4",
                "NONE, sms, closed, -, TAX_OPEN, 2030-01-01T00:00, Delete, -, sms@4",
                "VOUCHER, sms, closed, -, TAX_OPEN, 2040-01-01T00:00, Held, -, sms@4",
                "COMMERCIAL_LETTER, sms, closed, 2026-06-10T00:00, LEGAL, 2030-01-01T00:00, Held, -, commercial-letter@1"
            })
    @DisplayName("RET-5, RET-6, RET-7, RET-9: the table")
    void decides(
            Category category,
            String channel,
            String closed,
            String erasure,
            Hold.Type hold,
            String now,
            String verdict,
            String until,
            String rule) {
        Item item = item(category, channel, closed.equals("closed") ? CLOSED : null);
        // what is not accepted yet is no reason
        Request request =
                erasure == null
                        ? null
                        : new Request(REQUEST, Request.Kind.ERASURE, berlin(erasure + ":00"));

        Verdict answer =
                Precedence.decide(
                        item,
                        hold == null ? List.of() : List.of(everything(hold)),
                        RULES,
                        request,
                        berlin(now + ":00"));

        assertThat(answer.getClass().getSimpleName()).isEqualTo(verdict);
        assertThat(until(answer)).isEqualTo(until == null ? null : berlin(until + ":00"));
        assertThat(label(answer)).isEqualTo(rule);
    }

    @Test
    @DisplayName(
            "RET-5: a restriction in force keeps what a rule would delete, for no longer than a person wants it kept")
    void keepsWhatAPersonAskedToKeep() {
        Request restriction =
                new Request(REQUEST, Request.Kind.RESTRICTION, berlin("2026-08-01T09:00:00"));
        Item text = item(Category.NONE, "whatsapp", CLOSED);
        Item letter = item(Category.COMMERCIAL_LETTER, "whatsapp", CLOSED);
        Instant late = berlin("2040-01-01T09:00:00");

        assertThat(Precedence.decide(text, List.of(), RULES, restriction, late))
                .isInstanceOfSatisfying(
                        Verdict.Keep.class,
                        keep -> {
                            assertThat(keep.until()).isNull();
                            assertThat(keep.explanation())
                                    .isEqualTo(
                                            "kept because its person asked to restrict it (GDPR Art. 18), in force since 01.08.2026;"
                                                    + " deferred: conversation-text@1 of 29.09.2026");
                        });
        assertThat(Precedence.decide(letter, List.of(), RULES, restriction, late))
                .isInstanceOf(Verdict.Keep.class);
        assertThat(Precedence.decide(text, List.of(), RULES, null, late))
                .isInstanceOf(Verdict.Delete.class);
        assertThat(
                        Precedence.decide(
                                text,
                                List.of(everything(Hold.Type.LEGAL)),
                                RULES,
                                restriction,
                                late))
                .isInstanceOf(Verdict.Held.class);
        assertThat(Precedence.decide(text, List.of(), RULES, restriction, CLOSED))
                .as("its own period is not over")
                .isInstanceOfSatisfying(
                        Verdict.Keep.class, keep -> assertThat(keep.until()).isNotNull());
    }

    @Test
    @DisplayName("RET-5: a deletion that lost is deferred by name, and the reason is in words")
    void explainsWhatWasDeferred() {
        Item letter = item(Category.COMMERCIAL_LETTER, "whatsapp", CLOSED);
        Request erasure = new Request(REQUEST, Request.Kind.ERASURE, berlin("2026-10-01T09:00:00"));

        Verdict verdict =
                Precedence.decide(letter, List.of(), RULES, erasure, berlin("2026-10-02T09:00:00"));
        Verdict held =
                Precedence.decide(
                        letter,
                        List.of(everything(Hold.Type.LEGAL)),
                        RULES,
                        erasure,
                        berlin("2026-10-02T09:00:00"));

        assertThat(verdict.explanation())
                .isEqualTo(
                        "restricted, kept until 31.12.2032 because HGB §257(1) 2-3, (4), (5); AO §147, rule"
                                + " commercial-letter@1; deferred: conversation-text@1 of 29.09.2026, erasure request "
                                + REQUEST
                                + " of 01.10.2026");
        assertThat(verdict.deferred())
                .extracting(Claim::name)
                .containsExactly("conversation-text@1", "erasure request " + REQUEST);
        assertThat(held.explanation())
                .startsWith(
                        "held by " + HOLD + " (LEGAL, to be reviewed by 01.06.2027); deferred:");
        assertThat(held.deferred()).isEqualTo(verdict.deferred());
    }

    @Test
    @DisplayName("RET-10: a hold that waits for approval or was released holds nothing")
    void ignoresAHoldThatIsNotInForce() {
        Item item = item(Category.NONE, "sms", CLOSED);
        Instant now = berlin("2030-01-01T00:00:00");

        for (Hold.State state : List.of(Hold.State.PROPOSED, Hold.State.RELEASED)) {
            Hold hold =
                    new Hold(
                            HOLD,
                            Hold.Type.LEGAL,
                            state,
                            LocalDate.of(2027, 6, 1),
                            null,
                            Set.of(MESSAGE));

            assertThat(Precedence.decide(item, List.of(hold), RULES, null, now))
                    .isInstanceOf(Verdict.Delete.class);
        }
    }

    @Property
    void givesTheSameAnswerForTheSameInputInAnyOrderOfHolds(
            @ForAll("items") Item item,
            @ForAll("holds") List<Hold> holds,
            @ForAll("requests") List<Request> request,
            @ForAll("instants") Instant now,
            @ForAll long seed) {
        List<Hold> shuffled = new ArrayList<>(holds);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(Precedence.decide(item, shuffled, RULES, first(request), now))
                .isEqualTo(Precedence.decide(item, holds, RULES, first(request), now));
    }

    @Property
    void letsAHoldBeatEverything(
            @ForAll("items") Item item,
            @ForAll("holds") List<Hold> holds,
            @ForAll("requests") List<Request> request,
            @ForAll("instants") Instant now) {
        Verdict verdict = Precedence.decide(item, holds, RULES, first(request), now);

        assertThat(verdict instanceof Verdict.Held)
                .isEqualTo(holds.stream().anyMatch(hold -> hold.covers(item)));
    }

    @Property
    void keepsForTheLongestPeriodOfLawAndNamesEachDeletionThatLost(
            @ForAll("items") Item item,
            @ForAll("requests") List<Request> request,
            @ForAll("instants") Instant now) {
        Verdict verdict = Precedence.decide(item, List.of(), RULES, first(request), now);
        Instant law =
                RULES.statutory("muster", dataType(item.category()), item.traits(), now).stream()
                        .map(rule -> rule.dueAt(item.created()))
                        .max(Instant::compareTo)
                        .orElse(Instant.MIN);

        if (law.isAfter(now)) {
            assertThat(until(verdict)).isEqualTo(law);
            boolean accepted = !request.isEmpty() && !first(request).acceptedAt().isAfter(now);
            assertThat(verdict.deferred().stream().anyMatch(c -> c.name().startsWith("erasure")))
                    .isEqualTo(accepted);
            assertThat(verdict instanceof Verdict.Restrict)
                    .isEqualTo(!verdict.deferred().isEmpty());
        } else {
            assertThat(verdict).isNotInstanceOf(Verdict.Restrict.class);
        }
    }

    @Property
    void letsTheEarliestDeletionWin(
            @ForAll("items") Item item,
            @ForAll("requests") List<Request> request,
            @ForAll("instants") Instant now) {
        if (Precedence.decide(item, List.of(), RULES, first(request), now)
                instanceof Verdict.Delete delete) {
            assertThat(delete.because().at()).isBeforeOrEqualTo(now);
            if (!request.isEmpty()) {
                assertThat(delete.because().at())
                        .isBeforeOrEqualTo(
                                first(request).acceptedAt().isAfter(now)
                                        ? now
                                        : first(request).acceptedAt());
            }
        }
    }

    @Property
    void onceDeletedNeverKeptAgainByTime(
            @ForAll("items") Item item, @ForAll("instants") Instant now) {
        Verdict before = Precedence.decide(item, List.of(), RULES, null, now);
        Verdict after =
                Precedence.decide(item, List.of(), RULES, null, now.plus(400, ChronoUnit.DAYS));

        if (before instanceof Verdict.Delete) {
            assertThat(after).isInstanceOf(Verdict.Delete.class);
        }
    }

    @Provide
    Arbitrary<Item> items() {
        return Combinators.combine(
                        Arbitraries.of(Category.class),
                        Arbitraries.of("sms", "whatsapp", ""),
                        Arbitraries.integers().between(-1, 900))
                .as(
                        (category, channel, days) ->
                                item(
                                        category,
                                        channel,
                                        days < 0 ? null : RECEIVED.plus(days, ChronoUnit.DAYS)));
    }

    @Provide
    Arbitrary<List<Hold>> holds() {
        return Combinators.combine(
                        Arbitraries.of(Hold.Type.class),
                        Arbitraries.of(Hold.State.class),
                        Arbitraries.of("sms", "whatsapp"),
                        Arbitraries.of(true, false),
                        Arbitraries.longs().between(1, 9))
                .as(
                        (type, state, channel, named, id) ->
                                new Hold(
                                        new UUID(3, id),
                                        type,
                                        state,
                                        LocalDate.of(2027, 6, 1),
                                        named
                                                ? null
                                                : new Hold.Scope(
                                                        channel, null, null, null, null, null),
                                        named && id > 5 ? Set.of(MESSAGE) : Set.of()))
                .list()
                .uniqueElements(Hold::id)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<List<Request>> requests() {
        return instants()
                .map(at -> new Request(REQUEST, Request.Kind.ERASURE, at))
                .list()
                .ofMaxSize(1);
    }

    @Provide
    Arbitrary<Instant> instants() {
        return Arbitraries.longs()
                .between(0, 5000L * 24 * 60)
                .map(minutes -> RECEIVED.plus(minutes, ChronoUnit.MINUTES));
    }

    private static Request first(List<Request> requests) {
        return requests.isEmpty() ? null : requests.getFirst();
    }

    private static String dataType(Category category) {
        return category == Category.COMMERCIAL_LETTER
                ? "commercial-letter"
                : category == Category.VOUCHER ? "voucher" : "conversation-text";
    }

    @Test
    @DisplayName(
            "RET-6: a letter counts from the year in which it was sent, if that is later than it was asked for")
    void countsFromTheSending() {
        Item asked = item(Category.COMMERCIAL_LETTER, "sms", null);
        Item sent =
                new Item(
                        asked.tenant(),
                        asked.id(),
                        asked.subject(),
                        asked.conversation(),
                        asked.dataType(),
                        asked.channel(),
                        asked.purpose(),
                        asked.category(),
                        asked.created(),
                        asked.created().plus(Duration.ofDays(366)),
                        null,
                        null);

        Instant early = until(Precedence.decide(asked, List.of(), RULES, null, RECEIVED));
        Instant late = until(Precedence.decide(sent, List.of(), RULES, null, RECEIVED));

        assertThat(late.atZone(Rules.BERLIN)).isEqualTo(early.atZone(Rules.BERLIN).plusYears(1));
    }

    private static Hold everything(Hold.Type type) {
        return new Hold(
                HOLD,
                type,
                Hold.State.EFFECTIVE,
                LocalDate.of(2027, 6, 1),
                new Hold.Scope(null, null, null, null, null, null),
                Set.of());
    }

    private static Item item(Category category, String channel, Instant closed) {
        return new Item(
                "muster",
                MESSAGE,
                new UUID(4, 4),
                new UUID(5, 5),
                "conversation-text",
                channel,
                "SUPPORT_REPLY",
                category,
                RECEIVED,
                null,
                closed,
                null);
    }

    private static Instant until(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Keep keep -> keep.until();
            case Verdict.Restrict restrict -> restrict.until();
            case Verdict.Held held -> null;
            case Verdict.Delete delete -> null;
        };
    }

    private static String label(Verdict verdict) {
        RetentionRule rule =
                switch (verdict) {
                    case Verdict.Keep keep -> keep.rule();
                    case Verdict.Restrict restrict -> restrict.rule();
                    case Verdict.Held held -> held.rule();
                    case Verdict.Delete delete -> delete.rule();
                };
        return rule == null ? null : rule.label();
    }

    private static Tenants tenants(String block) {
        try {
            return MusterFile.tenants(Files.createTempDirectory("jawort-precedence"), block);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
