package org.jawort.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.message.Category;
import org.jawort.retention.RetentionRule.StartType;
import org.jawort.retention.Verdict.Claim;

/**
 * Which reason to keep or to delete an item wins (RET-5): a hold, then the law that asks to keep
 * it, then what the person asked for, then the tenant's rule, then the hub's. Among several periods
 * of law the longest wins, among deletions the earliest. A restriction the person asked for (GDPR
 * Art. 18) asks to keep as well, without an end: nothing is done with the item, not even what law
 * would have done with it, which keeps it no longer. A pure function: the same input gives the same
 * answer in the same words.
 */
public final class Precedence {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("dd.MM.yyyy", Locale.ROOT);

    /**
     * What a person asked for, and the tenant accepted.
     *
     * @param id {@code null} where the hub keeps none
     */
    public record Request(UUID id, Kind kind, Instant acceptedAt) {

        public enum Kind {
            ERASURE,
            OBJECTION,
            WITHDRAWAL,
            /** In force; the only one that asks to keep. */
            RESTRICTION
        }
    }

    private record Bound(RetentionRule rule, Instant until) {}

    private Precedence() {}

    /**
     * @param holds of the tenant, in any state and order
     * @param request {@code null} if the person asked for nothing
     */
    public static Verdict decide(
            Item item, List<Hold> holds, RetentionRules rules, Request request, Instant now) {
        Item counted = counted(item, rules, now);
        RetentionRule rule = rules.rule(item.tenant(), item.dataType(), counted.traits(), now);
        Optional<Instant> due = due(counted, rule, rules);
        List<Claim> claims = claims(request, rule, due);
        List<Claim> ripe = claims.stream().filter(claim -> !claim.at().isAfter(now)).toList();
        Optional<Bound> bound = bound(counted, rules, now);
        List<Hold> holding =
                holds.stream()
                        .filter(hold -> hold.covers(item) || hold.covers(counted))
                        .sorted(Comparator.comparing(Hold::id))
                        .toList();
        if (!holding.isEmpty()) {
            return held(holding, bound.map(Bound::rule).orElse(rule), ripe);
        }
        if (isRestriction(request) && !ripe.isEmpty()) {
            return keptForThePerson(request, bound.map(Bound::rule).orElse(rule), ripe);
        }
        if (bound.isPresent()) {
            return keptByLaw(bound.get(), ripe);
        }
        if (!ripe.isEmpty()) {
            Claim first = ripe.getFirst();
            boolean byRule = first.name().equals(rule.label());
            return new Verdict.Delete(
                    first,
                    byRule ? rule : null,
                    "to be deleted since %s because of %s"
                            .formatted(day(first.at()), byRule ? because(rule) : first.name()));
        }
        return due.<Verdict>map(end -> new Verdict.Keep(end, rule, List.of(), keptUntil(end, rule)))
                .orElseGet(
                        () ->
                                new Verdict.Keep(
                                        null,
                                        rule,
                                        List.of(),
                                        "kept because its period has not begun: not yet \"%s\", rule %s"
                                                .formatted(rule.startEvent(), rule.label())));
    }

    /** What nobody classified in time counts as what the tenant said (RET-7). */
    private static Item counted(Item item, RetentionRules rules, Instant now) {
        return unclassifiedUntil(item, rules)
                .filter(end -> !end.isAfter(now))
                .map(end -> item.as(rules.unclassified(item.tenant()).then()))
                .orElse(item);
    }

    /** When the wait for a category ends; empty if there is none. */
    private static Optional<Instant> unclassifiedUntil(Item item, RetentionRules rules) {
        if (item.category() != Category.UNKNOWN || item.caseClosed() == null) {
            return Optional.empty();
        }
        return Optional.of(rules.unclassified(item.tenant()).waiting().dueAt(item.caseClosed()));
    }

    /** By the rule; while nobody classified the item, not before the wait for that is over. */
    private static Optional<Instant> due(Item item, RetentionRule rule, RetentionRules rules) {
        Instant start = item.start(rule.startType());
        if (start == null) {
            return Optional.empty();
        }
        Instant due = rule.dueAt(start);
        return rule.startType() == StartType.S2
                ? Optional.of(
                        unclassifiedUntil(item, rules).filter(end -> end.isAfter(due)).orElse(due))
                : Optional.of(due);
    }

    /** The earliest first. */
    private static List<Claim> claims(Request request, RetentionRule rule, Optional<Instant> due) {
        List<Claim> claims = new ArrayList<>();
        if (request != null && !isRestriction(request)) {
            claims.add(
                    new Claim(
                            request.kind().name().toLowerCase(Locale.ROOT)
                                    + " request"
                                    + (request.id() == null ? "" : " " + request.id()),
                            request.acceptedAt()));
        }
        due.ifPresent(end -> claims.add(new Claim(rule.label(), end)));
        claims.sort(Comparator.comparing(Claim::at)); // stable: on a tie the request
        return claims;
    }

    /** The longest period of law that is not over; a voucher may be a letter as well. */
    private static Optional<Bound> bound(Item item, RetentionRules rules, Instant now) {
        String dataType = RetentionRules.boundAs(item.category(), item.dataType());
        return rules.statutory(item.tenant(), dataType, item.traits(), now).stream()
                .filter(rule -> item.start(rule.startType()) != null)
                .map(rule -> new Bound(rule, rule.dueAt(item.start(rule.startType()))))
                .filter(bound -> bound.until().isAfter(now))
                .max(
                        Comparator.comparing(Bound::until)
                                .thenComparing(bound -> bound.rule().label()));
    }

    private static Verdict held(List<Hold> holding, RetentionRule rule, List<Claim> ripe) {
        String holds =
                holding.stream()
                        .map(
                                hold ->
                                        "%s (%s, to be reviewed by %s)"
                                                .formatted(
                                                        hold.id(),
                                                        hold.type(),
                                                        DAY.format(hold.reviewOn())))
                        .collect(Collectors.joining(" and "));
        return new Verdict.Held(
                holding.stream().map(Hold::id).toList(),
                rule,
                ripe,
                "held by " + holds + deferred(ripe));
    }

    private static Verdict keptByLaw(Bound bound, List<Claim> ripe) {
        String until = lastDay(bound.until(), bound.rule());
        String why = until + " because " + because(bound.rule());
        return ripe.isEmpty()
                ? new Verdict.Keep(bound.until(), bound.rule(), ripe, "kept until " + why)
                : new Verdict.Restrict(
                        bound.until(),
                        bound.rule(),
                        ripe,
                        "restricted, kept until " + why + deferred(ripe));
    }

    private static boolean isRestriction(Request request) {
        return request != null && request.kind() == Request.Kind.RESTRICTION;
    }

    private static Verdict keptForThePerson(Request request, RetentionRule rule, List<Claim> ripe) {
        return new Verdict.Keep(
                null,
                rule,
                ripe,
                "kept because its person asked to restrict it (GDPR Art. 18), in force since "
                        + day(request.acceptedAt())
                        + deferred(ripe));
    }

    static String keptUntil(Instant end, RetentionRule rule) {
        return "kept until %s because %s".formatted(lastDay(end, rule), because(rule));
    }

    static String because(RetentionRule rule) {
        return rule.basis() + ", rule " + rule.label();
    }

    private static String deferred(List<Claim> claims) {
        return claims.isEmpty()
                ? ""
                : claims.stream()
                        .map(claim -> claim.name() + " of " + day(claim.at()))
                        .collect(Collectors.joining(", ", "; deferred: ", ""));
    }

    static String day(Instant at) {
        return DAY.format(LocalDate.ofInstant(at, BERLIN));
    }

    /** Of a period that ends with a year, the last day of that year. */
    private static String lastDay(Instant end, RetentionRule rule) {
        return DAY.format(LocalDate.ofInstant(end.minus(1, ChronoUnit.MICROS), rule.tz()));
    }
}
