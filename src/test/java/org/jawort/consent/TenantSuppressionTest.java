package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.OutboundReason.*;

import java.util.List;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.Consents.Standing;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a tenant blocks of itself: overlays that say nothing of what the person wants. */
class TenantSuppressionTest {

    private static final ConsentBook.Cause CAUSE =
            new ConsentBook.Cause("api", null, new byte[] {1});
    private static final Person ONE = new Person("autohaus-muster", SUBJECT);
    private static final Person OTHER = new Person("autohaus-muster", new UUID(8, 1));

    private static final SuppressionSource TENANT = SuppressionSource.TENANT;

    private static ConsentEvent suppressed(long seconds) {
        return new ConsentEvent.TenantSuppressed(time(seconds), SuppressionScope.ALL);
    }

    private static ConsentEvent released(long seconds) {
        return new ConsentEvent.TenantReleased(time(seconds), SuppressionScope.ALL);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A tenant's suppression moves no state, nor does its lifting")
    void movesNoState(ConsentState state) {
        var before = in(state);

        var after = Standing.of(before).after(suppressed(700), released(800));

        assertThat(after.record()).isEqualTo(before);
        assertThat(after.overlays().active()).isEmpty();
    }

    @Test
    @DisplayName(
            "T4, T10, T16: neither a YES nor a START nor a revocation lifts what the tenant did")
    void isLiftedByTheTenantOnly() {
        var agreed = Standing.of(none()).after(suppressed(0), captured(1), offered(2), accepted(3));
        var yes = agreed.after(yes(4));
        var started = yes.after(new ConsentEvent.ProviderOptIn(time(5), SuppressionScope.ALL));
        var revoked =
                Standing.of(in(ConsentState.OBJECTED))
                        .after(
                                suppressed(600),
                                new ConsentEvent.ObjectionRevoked(time(90_000), true));

        assertThat(yes.record().state()).isEqualTo(ConsentState.GRANTED);
        assertThat(revoked.record().state()).isEqualTo(ConsentState.LI_ACTIVE);
        for (var standing : List.of(yes, started, revoked)) {
            assertThat(standing.overlays().isSuppressed(SuppressionScope.ALL, TENANT)).isTrue();
            assertThat(standing.after(released(99_000)).overlays().active())
                    .noneMatch(one -> one.source() == TENANT);
        }
    }

    @Test
    @DisplayName("What the person refused a tenant cannot lift")
    void doesNotLiftTheRefusalOfThePerson() {
        var stopped = Standing.of(in(ConsentState.GRANTED)).after(stop(500), suppressed(600));

        var released = stopped.after(released(700));

        assertThat(released.overlays().active())
                .extracting(Suppression::source)
                .containsExactly(SuppressionSource.SUBJECT);
    }

    @Test
    @DisplayName(
            "FLT-4: SUPPRESSED(ALL, tenant) lets pass a confirmation of a STOP, an answer to a request,"
                    + " a reply to what came since, and no prompt, however new the capture")
    void letsFewThingsPass() {
        var granted = Standing.of(in(ConsentState.GRANTED)).after(suppressed(500));
        var asked = Standing.of(none()).after(suppressed(500), captured(600));

        for (var denied :
                List.of(Purpose.NOTIFICATION, Purpose.AUTHENTICATION, Purpose.SUPPORT_REPLY)) {
            assertThat(
                            new Attempt(denied, granted)
                                    .record(in(ConsentState.GRANTED, denied))
                                    .reason())
                    .as("%s", denied)
                    .isEqualTo(OUT_SUPPRESSED);
        }
        assertThat(new Attempt(Purpose.PRIVACY_NOTICE, granted).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(new Attempt(Purpose.CONSENT_PROMPT, asked).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(new Attempt(Purpose.DSR_REPLY, granted).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.OPTOUT_CONFIRM, granted).reason()).isEqualTo(OUT_OK);
        var reply =
                new Attempt(Purpose.SUPPORT_REPLY, granted)
                        .record(in(ConsentState.GRANTED, Purpose.SUPPORT_REPLY));
        assertThat(reply.lastInbound(at(500)).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(reply.lastInbound(at(501)).reason()).isEqualTo(OUT_OK);
    }

    @Test
    @DisplayName("FLT-3, FLT-4: SUPPRESSED(MARKETING, tenant) denies advertising and nothing else")
    void deniesAdvertising() {
        var event = new ConsentEvent.TenantSuppressed(time(500), SuppressionScope.MARKETING);
        var marketing = Standing.of(in(ConsentState.GRANTED, Purpose.MARKETING)).after(event);
        var notification = Standing.of(in(ConsentState.GRANTED)).after(event);

        assertThat(new Attempt(Purpose.MARKETING, marketing).reason())
                .isEqualTo(OUT_SUPPRESSED_MARKETING);
        assertThat(new Attempt(Purpose.NOTIFICATION, notification).reason()).isEqualTo(OUT_OK);
    }

    @Test
    @DisplayName(
            "CON-3: a tenant's suppression of before both names were known holds for both, as nobody's"
                    + " refusal: grants stay; ordered or lifted later, it is so under both")
    void holdsUnderAllNames() {
        var book = new ConsentBook();
        book.loaded(ONE, in(ConsentState.GRANTED));
        book.apply(OTHER, record(book, OTHER), suppressed(50), RULES, CAUSE);

        var changes = book.join(ONE, OTHER, at(60), name -> CAUSE);

        assertThat(changes).isEmpty();
        assertThat(record(book, ONE).state()).isEqualTo(ConsentState.GRANTED);
        assertThat(isSuppressed(book, ONE)).isTrue();

        book.apply(ONE, record(book, ONE), released(70), RULES, CAUSE);
        assertThat(isSuppressed(book, ONE) || isSuppressed(book, OTHER)).isFalse();

        book.apply(OTHER, record(book, OTHER), suppressed(80), RULES, CAUSE);
        assertThat(isSuppressed(book, ONE) && isSuppressed(book, OTHER)).isTrue();
    }

    /** Of notifications, as it stands. */
    private static ConsentRecord record(ConsentBook book, Person person) {
        return book.record(person, Channel.WHATSAPP, Purpose.NOTIFICATION, Basis.CONSENT);
    }

    private static boolean isSuppressed(ConsentBook book, Person person) {
        return book.overlays(person, Channel.WHATSAPP).isSuppressed(SuppressionScope.ALL, TENANT);
    }

    @Test
    @DisplayName("CON-3, SEC-4: known again by a stub, what the tenant suppressed ends no consent")
    void isKnownAgainAsTheTenants() {
        var book = new ConsentBook();
        book.loaded(ONE, in(ConsentState.GRANTED));
        var stub = new Suppression(SuppressionScope.ALL, TENANT, at(50), null);

        var changes =
                book.knowAgain(
                        new SuppressionStubs.Refused(ONE, Channel.WHATSAPP, stub), at(60), CAUSE);

        assertThat(changes).isEmpty();
        assertThat(isSuppressed(book, ONE)).isTrue();
    }

    @Test
    @DisplayName("IN_DROP_BLOCKED: whoever is blocked under one name is so under all")
    void blocksAllNames() {
        var book = new ConsentBook();
        book.loadedFlags(OTHER, Overlays.CLEAR.withAbuseBlocked(true));
        assertThat(book.overlays(ONE, Channel.SMS).abuseBlocked()).isFalse();

        book.join(ONE, OTHER, at(60), name -> CAUSE);

        assertThat(book.overlays(ONE, Channel.SMS).abuseBlocked()).isTrue();
        book.leave(OTHER);
        assertThat(book.overlays(ONE, Channel.SMS).abuseBlocked()).isFalse();
    }
}
