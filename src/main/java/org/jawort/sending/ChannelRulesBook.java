package org.jawort.sending;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.OutboundReason;
import org.jawort.sending.ChannelRule.Kind;

/**
 * Table 2.3 by the versions of the rules that hold at the instant of sending (FLT-9). Asked in this
 * order: has the person come; is it night; is the tag in force; does the template's category fit;
 * is the window open; may a template go without one. Pure and thread-safe.
 */
public final class ChannelRulesBook implements ChannelRules {

    private static final ChannelWindow NOT_CARRIED =
            new ChannelWindow.Closed(OutboundReason.OUT_TAG_UNSUPPORTED);

    private final List<ChannelRule> rules;
    private final TemplateCategories categories;

    /**
     * @param categories asked within the tenant's transaction
     */
    ChannelRulesBook(List<ChannelRule> rules, TemplateCategories categories) {
        this.rules = List.copyOf(rules);
        this.categories = categories;
    }

    /** By the rules the hub ships with. */
    public static ChannelRulesBook shipped(TemplateCategories categories) {
        return new ChannelRulesBook(ChannelRulesFile.load(), categories);
    }

    /**
     * @return {@code null} for a channel without rules at that instant, of which nothing is known
     */
    @Override
    public ChannelWindow window(WindowQuestion question) {
        boolean hasTemplate = question.template() != null;
        return window(
                        new ChannelQuestion(
                                question.channel(),
                                question.purpose(),
                                question.lastInboundAt(),
                                question.adClickAt(),
                                hasTemplate,
                                hasTemplate
                                        ? categories
                                                .of(question.tenant(), question.template())
                                                .orElse(null)
                                        : null,
                                question.tag(),
                                question.human(),
                                question.carrier()),
                        question.now())
                .orElse(null);
    }

    /**
     * @return empty for a channel without rules at that instant, of which nothing is known
     */
    Optional<ChannelWindow> window(ChannelQuestion question, Instant now) {
        boolean known = inForce(question, now).findAny().isPresent();
        return known ? Optional.of(new Case(question, now).decide()) : Optional.empty();
    }

    private Stream<ChannelRule> inForce(ChannelQuestion question, Instant now) {
        return rules.stream()
                .filter(rule -> rule.channel() == question.channel() && rule.holdsAt(now));
    }

    private final class Case {
        private final ChannelQuestion question;
        private final Instant now;

        Case(ChannelQuestion question, Instant now) {
            this.question = question;
            this.now = now;
        }

        ChannelWindow decide() {
            return contact()
                    .or(this::quiet)
                    .or(this::category)
                    .or(this::openWindow)
                    .or(this::tagged)
                    .or(this::byTemplate)
                    .orElseGet(this::withoutWindow);
        }

        private Stream<ChannelRule> of(Kind kind) {
            return inForce(question, now).filter(rule -> rule.kind() == kind);
        }

        private Optional<ChannelWindow> contact() {
            boolean isThere = question.lastInboundAt() != null;
            return of(Kind.CONTACT).filter(rule -> !isThere).map(Case::closed).findFirst();
        }

        private Optional<ChannelWindow> quiet() {
            return of(Kind.QUIET)
                    .filter(rule -> rule.binds(question.purpose()) && rule.isQuietAt(now))
                    .map(Case::closed)
                    .findFirst();
        }

        /** What the provider calls advertising is none of another purpose, window or not. */
        private Optional<ChannelWindow> category() {
            boolean isMisused =
                    question.template()
                            && question.category() != null
                            && !question.category().fits(question.purpose());
            return of(Kind.TEMPLATE).filter(rule -> isMisused).map(Case::closed).findFirst();
        }

        private Optional<ChannelWindow> openWindow() {
            // A retired tag is refused by the platform whenever it comes.
            if (question.tag() != null && tag().isEmpty()) {
                return Optional.of(new ChannelWindow.Closed(OutboundReason.OUT_TAG_RETIRED));
            }
            return of(Kind.WINDOW)
                    .filter(rule -> rule.binds(question.purpose()))
                    .map(rule -> window(rule, rule.onAd() ? adClick() : question.lastInboundAt()))
                    .flatMap(Optional::stream)
                    .max(Case::laterEnd)
                    .map(open -> open);
        }

        /** A tap is followed by the person's message; before that there is nobody to write to. */
        private Instant adClick() {
            return question.lastInboundAt() == null ? null : question.adClickAt();
        }

        private Optional<ChannelWindow.Open> window(ChannelRule rule, Instant since) {
            if (since == null) {
                return Optional.empty();
            }
            Instant endsAt = rule.period() == null ? null : since.plus(rule.period());
            return endsAt == null || !now.isAfter(endsAt)
                    ? Optional.of(new ChannelWindow.Open(endsAt))
                    : Optional.empty();
        }

        private static int laterEnd(ChannelWindow.Open one, ChannelWindow.Open other) {
            if (one.endsAt() == null || other.endsAt() == null) {
                return one.endsAt() == null ? 1 : -1;
            }
            return one.endsAt().compareTo(other.endsAt());
        }

        private Optional<ChannelRule> tag() {
            return of(Kind.TAG).filter(rule -> rule.tag().equals(question.tag())).findFirst();
        }

        private Optional<ChannelWindow> tagged() {
            return tag().filter(rule -> question.writtenByHuman() || !rule.humanOnly())
                    .flatMap(
                            rule ->
                                    window(rule, question.lastInboundAt())
                                            .map(open -> isCarried(rule) ? open : NOT_CARRIED));
        }

        private boolean isCarried(ChannelRule rule) {
            return rule.carriedBy() == null || rule.carriedBy().contains(question.carrier());
        }

        private Optional<ChannelWindow> byTemplate() {
            return of(Kind.TEMPLATE)
                    .filter(rule -> question.template() && isCarried(rule))
                    .map(rule -> (ChannelWindow) new ChannelWindow.WithoutConversation())
                    .findFirst();
        }

        /** No window binds this purpose, so the legal basis decides; or one does, and is shut. */
        private ChannelWindow withoutWindow() {
            return of(Kind.WINDOW)
                    .filter(rule -> rule.binds(question.purpose()))
                    .map(Case::closed)
                    .findFirst()
                    .orElse(new ChannelWindow.Open(null));
        }

        private static ChannelWindow closed(ChannelRule rule) {
            return new ChannelWindow.Closed(rule.denies());
        }
    }
}
