package org.jawort.consent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jawort.consent.InboundDecision.Decision;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.message.Channel;

/**
 * Table 2.1. Precedence: reject, STOP, wording of a data-subject request, abuse block, restriction,
 * the rest; STOP and data requests therefore work in every state and under every overlay.
 *
 * <p>Where several purposes stand differently on one channel, the code follows the first that
 * applies: everything suppressed by the person or the provider; a purpose granted or active; asked;
 * withdrawn; not granted; unknown.
 */
public final class InboundFilter {
    private final Keywords keywords;

    public InboundFilter(Keywords keywords) {
        this.keywords = keywords;
    }

    public InboundDecision decide(InboundMessage message, InboundContext context) {
        return new Case(
                        keywords,
                        message,
                        context,
                        new OpenQuestions(message, context),
                        EnumSet.noneOf(Flag.class),
                        new ArrayList<>())
                .decide();
    }

    private record Case(
            Keywords keywords,
            InboundMessage message,
            InboundContext context,
            OpenQuestions questions,
            EnumSet<Flag> flags,
            List<InboundDecision.Step> steps) {

        InboundDecision decide() {
            switch (message.trust()) {
                case BAD_SIGNATURE, REPLAY, OVERSIZE -> {
                    return decision(Decision.REJECT, InboundReason.IN_REJECT_AUTH, null);
                }
                case AUTHENTIC -> {}
            }
            var prompts = questions.forWords();
            var reading = read(prompts);
            notePreference();
            if (reading instanceof Reading.Stop
                    || message.preference() == ProviderPreference.STOP) {
                return stop();
            }
            if (reading instanceof Reading.DataRequest request) {
                if (message.oneToOne()) {
                    flags.add(Flag.DATA_REQUEST);
                }
                if (!message.oneToOne() || !request.clear()) {
                    flags.add(Flag.HUMAN_NEEDED);
                }
                if (request.nearStop()) {
                    flags.add(Flag.HOLD_PROACTIVE);
                }
                return decision(Decision.ACCEPT, InboundReason.IN_DSR, standing());
            }
            if (context.overlays().abuseBlocked()) {
                flags.clear();
                steps.clear();
                return decision(Decision.DROP, InboundReason.IN_DROP_BLOCKED, null);
            }
            var isNearStop = reading instanceof Reading.PossibleWithdrawal;
            if (isNearStop) {
                flags.add(Flag.HOLD_PROACTIVE);
            }
            if (context.overlays().restricted()) {
                return decision(Decision.STORE_ONLY, InboundReason.IN_RESTRICTED, standing());
            }
            if (isNearStop) {
                return decision(Decision.ACCEPT, InboundReason.IN_POSSIBLE_STOP, standing());
            }
            return answer(reading, prompts).orElseGet(() -> ordinary(reading));
        }

        private InboundDecision stop() {
            var byProvider = message.preference() == ProviderPreference.STOP;
            for (var record : context.refusable()) {
                steps.add(
                        new InboundDecision.Step(
                                record.id(),
                                new ConsentEvent.Stop(
                                        message.time(),
                                        ConsentEvent.Stop.Route.CHAT,
                                        Set.of(),
                                        byProvider)));
                if (byProvider) {
                    steps.add(
                            new InboundDecision.Step(
                                    record.id(),
                                    new ConsentEvent.ProviderOptOut(
                                            message.time(), SuppressionScope.ALL)));
                }
            }
            return decision(Decision.CONSUME, InboundReason.IN_STOP, standing(context.refusable()));
        }

        private void notePreference() {
            if (message.preference() == ProviderPreference.HELP) {
                flags.add(Flag.ANSWERED_BY_PROVIDER);
            }
            if (message.preference() == ProviderPreference.START || isWrittenAgain()) {
                // the overlay is one for all records, so lifting it once is enough
                context.refusable().stream()
                        .findFirst()
                        .ifPresent(
                                record ->
                                        add(
                                                record,
                                                new ConsentEvent.ProviderOptIn(
                                                        message.time(), SuppressionScope.ALL)));
            }
        }

        /** Apple has no word for it: who writes anew has the conversation back (T10). */
        private boolean isWrittenAgain() {
            return message.channel() == Channel.APPLE
                    && context.overlays()
                            .isSuppressed(SuppressionScope.ALL, SuppressionSource.PROVIDER);
        }

        private Reading read(List<ConsentRecord> prompts) {
            var language =
                    (prompts.isEmpty() ? questions.openElsewhere() : prompts)
                            .stream()
                                    .map(record -> record.prompt().language())
                                    .findFirst()
                                    .orElse(null);
            return new InboundWords(keywords, message)
                    .read(language, questions.answered().isPresent());
        }

        private Optional<InboundDecision> answer(Reading reading, List<ConsentRecord> prompts) {
            if (message.kind() == InboundMessage.Kind.BUTTON && message.isToUsAlone()) {
                return buttonAnswer();
            }
            var isYes = reading instanceof Reading.Grant;
            var isNo = reading instanceof Reading.Deny;
            if (!isYes && !isNo) {
                return Optional.empty();
            }
            if (isNo && prompts.stream().allMatch(OpenQuestions::isLapsed)) {
                var elsewhere = questions.openElsewhere();
                return elsewhere.size() == 1
                        ? Optional.of(no(elsewhere.getFirst()))
                        : Optional.empty();
            }
            if (prompts.isEmpty()) {
                return Optional.empty();
            }
            if (prompts.size() > 1) {
                flags.add(Flag.ASK_WITH_BUTTONS);
                return Optional.empty();
            }
            var record = prompts.getFirst();
            if (record.hasOpenPrompt()) {
                // a "Ja" older than the prompt answered something else
                if (!record.prompt().isBefore(message.time().effective())) {
                    return Optional.empty();
                }
                return Optional.of(isYes ? yes(record, false) : no(record));
            }
            if (isNo && record.state() == ConsentState.GRANTED) {
                return Optional.of(no(record));
            }
            if (isYes && record.state() == ConsentState.EXPIRED) {
                // late: counts as the wish to be asked again, and the message goes on as any other
                add(record, yesEvent(record, false));
            }
            return Optional.empty();
        }

        private Optional<InboundDecision> buttonAnswer() {
            return questions
                    .answered()
                    .map(
                            record ->
                                    message.buttonPayload().equals(record.prompt().denyPayload())
                                            ? no(record)
                                            : yes(record, true));
        }

        private InboundDecision yes(ConsentRecord record, boolean byButton) {
            add(record, yesEvent(record, byButton));
            return decision(Decision.CONSUME, InboundReason.IN_CONSENT_YES, record);
        }

        private ConsentEvent.Yes yesEvent(ConsentRecord record, boolean byButton) {
            return new ConsentEvent.Yes(
                    message.time(),
                    record.prompt().promptId(),
                    message.addressId(),
                    byButton,
                    true,
                    message.oneToOne());
        }

        private InboundDecision no(ConsentRecord record) {
            add(
                    record,
                    new ConsentEvent.No(
                            message.time(),
                            record.prompt().promptId(),
                            record.prompt().addressId()));
            return decision(Decision.CONSUME, InboundReason.IN_CONSENT_NO, record);
        }

        private InboundDecision ordinary(Reading reading) {
            noteWishes(reading);
            for (var record : context.records()) {
                if (record.state() == ConsentState.PENDING) {
                    add(record, new ConsentEvent.OtherText(message.time()));
                }
            }
            var record = standing();
            if (isSuppressedByPersonOrProvider()) {
                return afterWithdrawal(record);
            }
            return switch (record == null ? ConsentState.NONE : record.state()) {
                case GRANTED, LI_ACTIVE -> {
                    flags.add(Flag.WINDOW_OPENED);
                    yield decision(Decision.ACCEPT, InboundReason.IN_OK, record);
                }
                case REQUESTED, PENDING ->
                        // asked because a strict tenant was written to: still held until the YES
                        context.strict() && record.origin() == CaptureOrigin.FIRST_CONTACT
                                ? held(record)
                                : decision(Decision.ACCEPT, InboundReason.IN_OK_PENDING, record);
                case WITHDRAWN, OBJECTED -> afterWithdrawal(record);
                case EXPIRED, DECLINED, RECONSENT_DUE ->
                        context.strict()
                                ? firstContact(record)
                                : decision(Decision.ACCEPT, InboundReason.IN_OK_NO_GRANT, record);
                case NONE -> {
                    flags.add(Flag.SEND_NOTICE);
                    yield context.strict()
                            ? firstContact(record)
                            : decision(Decision.ACCEPT, InboundReason.IN_OK_USER_INITIATED, record);
                }
            };
        }

        private void noteWishes(Reading reading) {
            switch (reading) {
                case Reading.Start start ->
                        context.records().stream()
                                .filter(Case::mayBeAsked)
                                .forEach(record -> add(record, captured(CaptureOrigin.CHAT)));
                case Reading.Help help -> flags.add(Flag.HELP);
                case Reading.HumanNeeded human -> flags.add(Flag.HUMAN_NEEDED);
                case Reading.Stop ignored -> {}
                case Reading.Grant ignored -> {}
                case Reading.Deny ignored -> {}
                case Reading.PossibleWithdrawal ignored -> {}
                case Reading.DataRequest ignored -> {}
                case Reading.None ignored -> {}
            }
        }

        /** A start word asks for service, not for advertising, which needs a capture of its own. */
        private static boolean mayBeAsked(ConsentRecord record) {
            return record.basis() == Basis.CONSENT
                    && record.purpose() != Purpose.MARKETING
                    && switch (record.state()) {
                        case NONE, EXPIRED, DECLINED, WITHDRAWN -> true;
                        case REQUESTED, PENDING, GRANTED, RECONSENT_DUE, LI_ACTIVE, OBJECTED ->
                                false;
                    };
        }

        private ConsentEvent.Captured captured(CaptureOrigin origin) {
            return new ConsentEvent.Captured(message.time(), origin, message.addressId(), true);
        }

        /** Holds what was written, and asks, unless a NO still stands. */
        private InboundDecision firstContact(ConsentRecord standing) {
            var isAsked =
                    steps.stream().anyMatch(step -> step.event() instanceof ConsentEvent.Captured);
            if (!isAsked) {
                context.records().stream()
                        .filter(Case::mayBeAsked)
                        .filter(record -> !record.state().isRefusal())
                        .min(
                                Comparator.comparing(
                                        record -> record.purpose() != Purpose.SUPPORT_REPLY))
                        .ifPresent(record -> add(record, captured(CaptureOrigin.FIRST_CONTACT)));
            }
            return held(standing);
        }

        private InboundDecision held(ConsentRecord record) {
            flags.add(Flag.PURGE_UNLESS_GRANTED);
            return decision(Decision.HOLD, InboundReason.IN_HELD_NO_CONSENT, record);
        }

        private InboundDecision afterWithdrawal(ConsentRecord record) {
            flags.add(Flag.WITHDRAWN_BANNER);
            return decision(Decision.ACCEPT, InboundReason.IN_OK_AFTER_WITHDRAWAL, record);
        }

        private boolean isSuppressedByPersonOrProvider() {
            var overlays = context.overlays();
            return overlays.isSuppressed(SuppressionScope.ALL, SuppressionSource.SUBJECT)
                    || overlays.isSuppressed(SuppressionScope.ALL, SuppressionSource.PROVIDER);
        }

        /** Null if the tenant keeps no record here at all. */
        private ConsentRecord standing() {
            return standing(context.records());
        }

        private static ConsentRecord standing(List<ConsentRecord> records) {
            Function<ConsentRecord, Integer> rank =
                    record ->
                            switch (record.state()) {
                                case GRANTED, LI_ACTIVE -> 0;
                                case PENDING -> 1;
                                case REQUESTED -> 2;
                                case WITHDRAWN, OBJECTED -> 3;
                                case RECONSENT_DUE -> 4;
                                case DECLINED -> 5;
                                case EXPIRED -> 6;
                                case NONE -> 7;
                            };
            return records.stream()
                    .min(Comparator.comparing(rank).thenComparing(ConsentRecord::purpose))
                    .orElse(null);
        }

        private void add(ConsentRecord record, ConsentEvent event) {
            steps.add(new InboundDecision.Step(record.id(), event));
        }

        private InboundDecision decision(
                Decision decision, InboundReason reason, ConsentRecord record) {
            return new InboundDecision(
                    decision,
                    reason,
                    record == null ? null : record.id(),
                    record == null ? ConsentState.NONE : record.state(),
                    Purpose.SUPPORT_REPLY,
                    flags,
                    steps);
        }
    }
}
