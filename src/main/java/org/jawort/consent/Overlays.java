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
 * @param possibleWithdrawalSince a near match of a STOP waits for a human since then (CON-12); null
 *     if none
 */
public record Overlays(
        List<Suppression> suppressions,
        boolean restricted,
        boolean erasureRunning,
        boolean abuseBlocked,
        Instant possibleWithdrawalSince) {

    private static final Comparator<Suppression> ORDER =
            Comparator.comparing(Suppression::source).thenComparing(Suppression::scope);

    public static final Overlays CLEAR = new Overlays(List.of(), false, false, false, null);

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
                                ? new Suppression(
                                        suppression.scope(),
                                        suppression.source(),
                                        suppression.since(),
                                        null)
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
                                ? new Suppression(
                                        suppression.scope(),
                                        suppression.source(),
                                        suppression.since(),
                                        null)
                                : suppression);
    }

    /** Without the suppressions that are no newer than what the other has been told already. */
    Overlays newsTo(Overlays other) {
        return with(
                suppressions.stream()
                        .filter(
                                suppression ->
                                        other.suppressions.stream()
                                                .noneMatch(known -> known.covers(suppression)))
                        .toList());
    }

    public Overlays withRestricted(boolean value) {
        return new Overlays(
                suppressions, value, erasureRunning, abuseBlocked, possibleWithdrawalSince);
    }

    public Overlays withErasureRunning(boolean value) {
        return new Overlays(suppressions, restricted, value, abuseBlocked, possibleWithdrawalSince);
    }

    public Overlays withAbuseBlocked(boolean value) {
        return new Overlays(
                suppressions, restricted, erasureRunning, value, possibleWithdrawalSince);
    }

    /**
     * @param since null when a human has decided
     */
    public Overlays withPossibleWithdrawal(Instant since) {
        return new Overlays(suppressions, restricted, erasureRunning, abuseBlocked, since);
    }

    /**
     * A withdrawal of everything leaves nothing for a human to decide about what was nearly one
     * before it.
     */
    Overlays withoutDoubt(SuppressionScope scope, Instant at) {
        var isSettled =
                scope == SuppressionScope.ALL
                        && possibleWithdrawalSince != null
                        && !possibleWithdrawalSince.isAfter(at);
        return isSettled ? withPossibleWithdrawal(null) : this;
    }

    Overlays joining(Suppression added) {
        var joined = new ArrayList<Suppression>();
        var incoming = added;
        for (var suppression : suppressions) {
            if (suppression.scope() == added.scope() && suppression.source() == added.source()) {
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
        return new Overlays(
                changed, restricted, erasureRunning, abuseBlocked, possibleWithdrawalSince);
    }
}
