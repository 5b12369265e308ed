package org.jawort.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What blocks a person on a channel whatever the state of a record: checked separately, and first
 * (FLT-3).
 *
 * @param suppressions at most one per scope and source, in a fixed order; see {@link
 *     Suppression#isActive()}
 * @param restricted processing is restricted, GDPR Art. 18
 * @param erasureRunning an erasure was begun and is not done
 * @param abuseBlocked on the tenant's block list
 * @param doubt near matches of a STOP that wait for a human (CON-12)
 */
public record Overlays(
        List<Suppression> suppressions,
        boolean restricted,
        boolean erasureRunning,
        boolean abuseBlocked,
        Doubt doubt) {

    private static final Comparator<Suppression> ORDER =
            Comparator.comparing(Suppression::source).thenComparing(Suppression::scope);

    public static final Overlays CLEAR = new Overlays(List.of(), false, false, false, Doubt.NONE);

    public Overlays {
        suppressions = suppressions.stream().sorted(ORDER).toList();
    }

    public List<Suppression> active() {
        return suppressions.stream().filter(Suppression::isActive).toList();
    }

    /**
     * The newest refusal of the active suppressions that cover everything; empty if there is none.
     */
    public Optional<Instant> suppressedAllSince() {
        return active().stream()
                .filter(suppression -> suppression.scope() == SuppressionScope.ALL)
                .map(Suppression::since)
                .max(Comparator.naturalOrder());
    }

    boolean isSuppressed(SuppressionScope scope, SuppressionSource source) {
        return active().stream()
                .anyMatch(
                        suppression ->
                                suppression.scope() == scope && suppression.source() == source);
    }

    /** Adds a refusal; an older one changes nothing. */
    public Overlays suppress(SuppressionScope scope, SuppressionSource source, Instant at) {
        return joining(new Suppression(scope, source, at, null));
    }

    /** Lifts what was refused before {@code at}, also if that refusal is reported only later. */
    public Overlays lift(SuppressionScope scope, SuppressionSource source, Instant at) {
        return joining(new Suppression(scope, source, null, at));
    }

    /**
     * Takes back the lifts that a grant brought, because the grant was refused or void after all.
     */
    Overlays withoutLiftOfGrant(Instant grantedAt) {
        if (grantedAt == null) {
            return this;
        }
        return mapping(
                suppression ->
                        suppression.source() == SuppressionSource.SUBJECT
                                        && grantedAt.equals(suppression.liftedAt())
                                ? suppression.withoutLift()
                                : suppression);
    }

    /**
     * Of a person who turns out to be known under another name as well (CON-3): what is blocked
     * there is blocked here, whatever was lifted here, for it was lifted by somebody of whom the
     * refusal was not known. A refusal of the very same instant is the same one, and was known.
     * What a provider blocks there is the person's own refusal here, for nobody could lift it.
     */
    Overlays joined(Overlays other) {
        var all = this;
        for (var theirs : unknownOf(other)) {
            all = all.withoutLifted(theirs).joining(theirs.withoutLift());
        }
        var waits = doubt.join(other.doubt);
        return all.with(all.stoppedAt().map(waits::decidedUpTo).orElse(waits));
    }

    /** What is blocked under another name, as a block of this one, unless it is known here. */
    List<Suppression> unknownOf(Overlays other) {
        return other.active().stream()
                .map(Suppression::elsewhere)
                .filter(theirs -> suppressions.stream().noneMatch(theirs::isSameRefusal))
                .toList();
    }

    private Overlays withoutLifted(Suppression block) {
        return with(
                suppressions.stream()
                        .filter(one -> one.isActive() || !one.isSameBlock(block))
                        .toList());
    }

    /** When the person last said STOP to everything, if that stands. */
    private Optional<Instant> stoppedAt() {
        return active().stream()
                .filter(one -> one.scope() == SuppressionScope.ALL)
                .filter(one -> one.source() == SuppressionSource.SUBJECT)
                .map(Suppression::since)
                .findFirst();
    }

    public Overlays withRestricted(boolean value) {
        return new Overlays(suppressions, value, erasureRunning, abuseBlocked, doubt);
    }

    public Overlays withErasureRunning(boolean value) {
        return new Overlays(suppressions, restricted, value, abuseBlocked, doubt);
    }

    public Overlays withAbuseBlocked(boolean value) {
        return new Overlays(suppressions, restricted, erasureRunning, value, doubt);
    }

    /** The first near match of a STOP that waits for a human (CON-12); null if none does. */
    public Instant possibleWithdrawalSince() {
        return doubt.since();
    }

    /** The newest, which a human has to have read before deciding; null if none waits. */
    public Instant possibleWithdrawalLastAt() {
        return doubt.lastAt();
    }

    /**
     * @param at of one more; null when a human has decided about all of them
     */
    public Overlays withPossibleWithdrawal(Instant at) {
        return with(at == null ? Doubt.NONE : doubt.with(at));
    }

    /**
     * A withdrawal of everything leaves nothing for a human to decide about what was nearly one
     * before it.
     */
    Overlays withoutDoubt(SuppressionScope scope, Instant at) {
        return scope == SuppressionScope.ALL ? with(doubt.decidedUpTo(at)) : this;
    }

    Overlays joining(Suppression added) {
        var joined = new ArrayList<Suppression>();
        var incoming = added;
        for (var suppression : suppressions) {
            if (suppression.isSameBlock(added)) {
                incoming = suppression.join(added);
            } else {
                joined.add(suppression);
            }
        }
        joined.add(incoming);
        return with(joined);
    }

    private Overlays mapping(UnaryOperator<Suppression> change) {
        return with(suppressions.stream().map(change).toList());
    }

    private Overlays with(List<Suppression> changed) {
        return new Overlays(changed, restricted, erasureRunning, abuseBlocked, doubt);
    }

    Overlays with(Doubt changed) {
        return new Overlays(suppressions, restricted, erasureRunning, abuseBlocked, changed);
    }
}
