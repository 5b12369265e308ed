package org.jawort.consent;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.stream.Stream;
import org.jawort.consent.OutboundDecision.Obligation;

/** Table 2.2 with FLT-3 to FLT-5: the checks in their fixed order, the first denial wins. */
public final class OutboundFilter {
    private OutboundFilter() {}

    public static OutboundDecision decide(
            OutboundAttempt attempt, ConsentRules rules, Instant now) {
        if (!attempt.gates().storeAvailable()) {
            return unread(OutboundReason.OUT_STORE_UNAVAILABLE);
        }
        if (!isKnown(attempt)) {
            return unread(OutboundReason.OUT_UNKNOWN);
        }
        return new Case(attempt, rules, now, EnumSet.noneOf(Obligation.class)).decide();
    }

    private static boolean isKnown(OutboundAttempt attempt) {
        var record = attempt.record();
        if (Stream.of(
                        Optional.ofNullable(attempt.purpose()),
                        Optional.ofNullable(attempt.channel()),
                        Optional.ofNullable(attempt.overlays()),
                        Optional.ofNullable(attempt.window()),
                        Optional.ofNullable(record))
                .anyMatch(Optional::isEmpty)) {
            return false;
        }
        return record.channel() == attempt.channel().consentChannel()
                && (!attempt.purpose().hasRecord() || attempt.purpose() == record.purpose());
    }

    private static OutboundDecision unread(OutboundReason reason) {
        return new OutboundDecision(
                reason, null, null, null, null, EnumSet.noneOf(Obligation.class));
    }

    private record Case(
            OutboundAttempt attempt,
            ConsentRules rules,
            Instant now,
            EnumSet<Obligation> obligations) {

        OutboundDecision decide() {
            var denial =
                    gates().or(this::erasure)
                            .or(this::restriction)
                            .or(this::suppression)
                            .or(this::hold)
                            .or(this::basis)
                            .or(this::platform)
                            .or(this::notice)
                            .or(this::window)
                            .or(this::content);
            if (purpose() == Purpose.DSR_REPLY) {
                obligations.add(Obligation.NO_PERSONAL_DATA_IN_CHAT);
                if (overlays().isSuppressed(SuppressionScope.ALL, SuppressionSource.PROVIDER)) {
                    obligations.add(Obligation.USE_OTHER_ROUTE);
                }
            }
            var record = attempt.record();
            return new OutboundDecision(
                    denial.orElse(OutboundReason.OUT_OK),
                    record.basis(),
                    record.id(),
                    record.textVersion(),
                    attempt.window() instanceof ChannelWindow.Open open ? open.endsAt() : null,
                    obligations);
        }

        private Optional<OutboundReason> gates() {
            if (!attempt.gates().senderActive()) {
                return deny(OutboundReason.OUT_SENDER_INACTIVE);
            }
            return denyUnless(attempt.gates().residencyAllowed(), OutboundReason.OUT_RESIDENCY);
        }

        private Optional<OutboundReason> erasure() {
            return denyUnless(
                    !overlays().erasureRunning() || purpose() == Purpose.DSR_REPLY,
                    OutboundReason.OUT_ERASURE);
        }

        private Optional<OutboundReason> restriction() {
            return denyUnless(
                    !overlays().restricted() || purpose() == Purpose.DSR_REPLY,
                    OutboundReason.OUT_RESTRICTED);
        }

        private Optional<OutboundReason> suppression() {
            var since = overlays().suppressedAllSince();
            if (since.isPresent() && !passesSuppression(since.get())) {
                return deny(OutboundReason.OUT_SUPPRESSED);
            }
            var isMarketingSuppressed =
                    overlays().active().stream()
                            .anyMatch(
                                    suppression ->
                                            suppression.scope() == SuppressionScope.MARKETING);
            return denyUnless(
                    purpose() != Purpose.MARKETING || !isMarketingSuppressed,
                    OutboundReason.OUT_SUPPRESSED_MARKETING);
        }

        private boolean passesSuppression(Instant since) {
            return switch (purpose()) {
                case DSR_REPLY, OPTOUT_CONFIRM -> true;
                case SUPPORT_REPLY -> wroteAfter(since);
                case CONSENT_PROMPT -> isOnlySubjectSuppressed() && isCapturedAfter(since);
                case NOTIFICATION, AUTHENTICATION, MARKETING, PRIVACY_NOTICE -> false;
            };
        }

        private boolean wroteAfter(Instant refusal) {
            return attempt.lastWrittenAt() != null && attempt.lastWrittenAt().isAfter(refusal);
        }

        private boolean isOnlySubjectSuppressed() {
            return overlays().active().stream()
                    .filter(suppression -> suppression.scope() == SuppressionScope.ALL)
                    .allMatch(suppression -> suppression.source() == SuppressionSource.SUBJECT);
        }

        private boolean isCapturedAfter(Instant since) {
            var record = attempt.record();
            return record.state() == ConsentState.REQUESTED
                    && record.capturedAt() != null
                    && record.capturedAt().isAfter(since);
        }

        private Optional<OutboundReason> hold() {
            return denyUnless(
                    overlays().possibleWithdrawalSince() == null || !purpose().isProactive(),
                    OutboundReason.OUT_HELD_POSSIBLE_STOP);
        }

        private Optional<OutboundReason> basis() {
            return switch (purpose()) {
                case SUPPORT_REPLY -> supportReply();
                case NOTIFICATION -> notification();
                case MARKETING -> marketing();
                case AUTHENTICATION -> authentication();
                case CONSENT_PROMPT -> denyUnless(mayPrompt(), OutboundReason.OUT_PROMPT_LIMIT);
                case PRIVACY_NOTICE, OPTOUT_CONFIRM ->
                        denyUnless(!attempt.alreadySent(), OutboundReason.OUT_ALREADY_SENT);
                case DSR_REPLY -> Optional.empty();
            };
        }

        private Optional<OutboundReason> supportReply() {
            var isOpen =
                    attempt.lastInboundAt() != null
                            && attempt.window() instanceof ChannelWindow.Open;
            var isAllowed =
                    switch (state()) {
                        case GRANTED, LI_ACTIVE -> true;
                        case WITHDRAWN, OBJECTED -> {
                            obligations.add(Obligation.REPLY_ONLY);
                            var refusedAt = attempt.record().lastRefusalAt();
                            yield isOpen && refusedAt != null && wroteAfter(refusedAt);
                        }
                        case NONE, EXPIRED, DECLINED, RECONSENT_DUE, REQUESTED, PENDING -> isOpen;
                    };
            return denyUnless(
                    isAllowed,
                    isForPeople()
                            ? OutboundReason.OUT_TAG_UNSUPPORTED
                            : OutboundReason.OUT_NO_OPEN_CONVERSATION);
        }

        /** The platform would let people answer now, and the provider has no way to say so. */
        private boolean isForPeople() {
            return attempt.window() instanceof ChannelWindow.Closed closed
                    && closed.reason() == OutboundReason.OUT_TAG_UNSUPPORTED;
        }

        private Optional<OutboundReason> notification() {
            return switch (state()) {
                case GRANTED, LI_ACTIVE -> Optional.empty();
                case REQUESTED, PENDING -> deny(OutboundReason.OUT_PENDING);
                case WITHDRAWN, OBJECTED -> deny(OutboundReason.OUT_WITHDRAWN);
                case NONE, EXPIRED, DECLINED, RECONSENT_DUE -> deny(OutboundReason.OUT_NO_BASIS);
            };
        }

        private Optional<OutboundReason> marketing() {
            if (!attempt.gates().marketingApproved()) {
                return deny(OutboundReason.OUT_MARKETING_OFF);
            }
            return denyUnless(
                    state() == ConsentState.GRANTED && attempt.record().basis() == Basis.CONSENT,
                    OutboundReason.OUT_NO_BASIS);
        }

        private Optional<OutboundReason> authentication() {
            var triggered = attempt.authTriggeredAt();
            var isFresh =
                    triggered != null
                            && !triggered.isAfter(now)
                            && now.isBefore(triggered.plus(rules.authenticationTrigger()));
            var isAllowed =
                    switch (state()) {
                        case GRANTED, LI_ACTIVE -> true;
                        case NONE,
                                EXPIRED,
                                DECLINED,
                                RECONSENT_DUE,
                                REQUESTED,
                                PENDING,
                                WITHDRAWN,
                                OBJECTED ->
                                isFresh;
                    };
            return denyUnless(isAllowed, OutboundReason.OUT_AUTH_NOT_TRIGGERED);
        }

        /** Judged by the stored state: an old text in its grace still asks for the new one. */
        private boolean mayPrompt() {
            var record = attempt.record();
            var isUnsent =
                    !attempt.alreadySent()
                            && (record.prompt() == null
                                    || record.prompt().status() != Prompt.Status.ACCEPTED);
            return isUnsent
                    && switch (record.state()) {
                        case REQUESTED, PENDING, RECONSENT_DUE -> true;
                        case NONE, EXPIRED -> isInvited();
                        case DECLINED -> isInvited() && isCooledDown();
                        case GRANTED, WITHDRAWN, OBJECTED, LI_ACTIVE -> false;
                    };
        }

        private boolean isInvited() {
            return attempt.promptInvited() && attempt.window() instanceof ChannelWindow.Open;
        }

        private boolean isCooledDown() {
            var refusedAt = attempt.record().lastRefusalAt();
            return refusedAt != null
                    && !now.isBefore(Times.plus(refusedAt, rules.declineCooling()));
        }

        private Optional<OutboundReason> platform() {
            return denyUnless(
                    !purpose().isProactive() || attempt.gates().platformPermission(),
                    OutboundReason.OUT_NO_PLATFORM_OPTIN);
        }

        private Optional<OutboundReason> notice() {
            if (attempt.gates().noticeDelivered()) {
                return Optional.empty();
            }
            return switch (purpose()) {
                case NOTIFICATION, MARKETING -> noticeFirst();
                case CONSENT_PROMPT ->
                        attempt.promptEmbedsNotice() ? Optional.empty() : noticeFirst();
                // asked for by the person: the answer is due, and the notice with it
                case SUPPORT_REPLY, AUTHENTICATION -> {
                    obligations.add(Obligation.SEND_NOTICE_FIRST);
                    yield Optional.empty();
                }
                case PRIVACY_NOTICE, OPTOUT_CONFIRM, DSR_REPLY -> Optional.empty();
            };
        }

        private Optional<OutboundReason> noticeFirst() {
            obligations.add(Obligation.SEND_NOTICE_FIRST);
            return deny(OutboundReason.OUT_NOTICE_MISSING);
        }

        private Optional<OutboundReason> window() {
            return switch (attempt.window()) {
                case ChannelWindow.Open open -> Optional.empty();
                case ChannelWindow.WithoutConversation without -> Optional.empty();
                case ChannelWindow.Closed closed -> deny(closed.reason());
            };
        }

        private Optional<OutboundReason> content() {
            return denyUnless(
                    !attempt.gates().contentSensitive(), OutboundReason.OUT_SENSITIVE_CONTENT);
        }

        /**
         * The state that counts now: under a changed text the old grant only covers its grace
         * (FLT-4), a grant whose validity is over has expired although nobody has written that down
         * yet, and it never covers another address (CON-8).
         */
        private ConsentState state() {
            var record = attempt.record();
            var state = record.state();
            if (record.isToBeRenewed()) {
                obligations.add(Obligation.RECONSENT);
                state = record.isInGrace(now) ? ConsentState.GRANTED : ConsentState.EXPIRED;
            }
            if (state == ConsentState.GRANTED && !isValidHere(record)) {
                return ConsentState.EXPIRED;
            }
            return state;
        }

        private boolean isValidHere(ConsentRecord record) {
            return record.validUntil() != null
                    && now.isBefore(record.validUntil())
                    && record.addressId() != null
                    && record.addressId().equals(attempt.addressId());
        }

        private Purpose purpose() {
            return attempt.purpose();
        }

        private Overlays overlays() {
            return attempt.overlays();
        }

        private static Optional<OutboundReason> deny(OutboundReason reason) {
            return Optional.of(reason);
        }

        private static Optional<OutboundReason> denyUnless(boolean isFine, OutboundReason reason) {
            return isFine ? Optional.empty() : Optional.of(reason);
        }
    }
}
