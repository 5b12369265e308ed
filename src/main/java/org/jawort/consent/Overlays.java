package org.jawort.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

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
     * Blocks for two identities at once: what is active for one is active for both, whatever the
     * other has lifted (CON-3).
     */
    Overlays merged(Overlays other) {
        var all = this;
        for (var suppression : other.suppressions) {
            all = all.joining(suppression);
        }
        return all.mapping(
                suppression ->
                        isSuppressed(suppression.scope(), suppression.source())
                                        || other.isSuppressed(
                                                suppression.scope(), suppression.source())
                                ? suppression.withoutLift()
                                : suppression);
    }

    /**
     * With what is new to this name of a person of what the other's says (CON-3): a refusal that
     * was answered under one name does not come back from the other.
     */
    Overlays taking(Overlays other) {
        var news =
                other.active().stream()
                        .filter(
                                theirs ->
                                        Times.isNews(
                                                theirs.since(),
                                                theirs.heardAt(),
                                                same(theirs)
                                                        .map(Suppression::heardAt)
                                                        .orElse(null)))
                        .toList();
        var taken = merged(CLEAR.with(news)).with(doubt.joining(other.doubt));
        var stop =
                taken.active().stream()
                        .filter(one -> one.scope() == SuppressionScope.ALL)
                        .filter(one -> one.source() == SuppressionSource.SUBJECT)
                        .findFirst();
        return taken.withRestricted(restricted || other.restricted)
                .withErasureRunning(erasureRunning || other.erasureRunning)
                .withAbuseBlocked(abuseBlocked || other.abuseBlocked)
                .with(stop.map(one -> taken.doubt.decidedUpTo(one.since())).orElse(taken.doubt));
    }

    /** Once both have taken what the other had to say. */
    Overlays heard(Overlays other) {
        return mapping(
                        mine ->
                                Stream.of(Optional.of(mine), other.same(mine))
                                        .flatMap(Optional::stream)
                                        .filter(Suppression::isActive)
                                        .map(Suppression::since)
                                        .max(Comparator.naturalOrder())
                                        .map(mine::heard)
                                        .orElse(mine))
                .with(doubt.heard(other.doubt));
    }

    private Optional<Suppression> same(Suppression other) {
        return suppressions.stream().filter(one -> one.isSameBlock(other)).findFirst();
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
        return with(at == null ? doubt.decided() : doubt.with(at));
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
