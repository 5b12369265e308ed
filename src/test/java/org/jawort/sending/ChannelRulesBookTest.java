package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.RepositoryMappings;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("FLT-9: windows, tags and categories as versioned data")
class ChannelRulesBookTest {

    private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private final ChannelRulesBook book =
            ChannelRulesBook.shipped((tenant, template) -> Optional.empty());

    private static ChannelQuestion ask(Channel channel, Purpose purpose) {
        return new ChannelQuestion(
                channel, purpose, null, null, false, null, null, false, "vonage");
    }

    private static ChannelQuestion wrote(ChannelQuestion q, Duration ago) {
        return new ChannelQuestion(
                q.channel(),
                q.purpose(),
                NOON.minus(ago),
                q.adClickAt(),
                q.template(),
                q.category(),
                q.tag(),
                q.writtenByHuman(),
                q.carrier());
    }

    private static ChannelQuestion viaAd(ChannelQuestion q, Duration ago) {
        return new ChannelQuestion(
                q.channel(),
                q.purpose(),
                NOON.minus(ago),
                NOON.minus(ago),
                q.template(),
                q.category(),
                q.tag(),
                q.writtenByHuman(),
                q.carrier());
    }

    private static ChannelQuestion template(ChannelQuestion q, TemplateCategory category) {
        return new ChannelQuestion(
                q.channel(),
                q.purpose(),
                q.lastInboundAt(),
                q.adClickAt(),
                true,
                category,
                q.tag(),
                q.writtenByHuman(),
                q.carrier());
    }

    private static ChannelQuestion tagged(ChannelQuestion q, String tag, boolean human) {
        return new ChannelQuestion(
                q.channel(),
                q.purpose(),
                q.lastInboundAt(),
                q.adClickAt(),
                q.template(),
                q.category(),
                tag,
                human,
                q.carrier());
    }

    private static ChannelQuestion over(ChannelQuestion q, String carrier) {
        return new ChannelQuestion(
                q.channel(),
                q.purpose(),
                q.lastInboundAt(),
                q.adClickAt(),
                q.template(),
                q.category(),
                q.tag(),
                q.writtenByHuman(),
                carrier);
    }

    private static ChannelWindow open(Duration after) {
        return new ChannelWindow.Open(NOON.plus(after));
    }

    private static ChannelWindow closed(OutboundReason reason) {
        return new ChannelWindow.Closed(reason);
    }

    private static final ChannelWindow ENDLESS = new ChannelWindow.Open(null);
    private static final ChannelWindow TEMPLATE = new ChannelWindow.WithoutConversation();
    private static final ChannelWindow SHUT = closed(OutboundReason.OUT_WINDOW_CLOSED);
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration MOMENT = Duration.ofNanos(1000);

    static Stream<Arguments> rows() {
        var whatsapp = ask(Channel.WHATSAPP, Purpose.NOTIFICATION);
        var messenger = ask(Channel.MESSENGER, Purpose.SUPPORT_REPLY);
        var instagram = ask(Channel.INSTAGRAM, Purpose.SUPPORT_REPLY);
        var apple = ask(Channel.APPLE, Purpose.SUPPORT_REPLY);
        var telegram = ask(Channel.TELEGRAM, Purpose.SUPPORT_REPLY);
        var viber = ask(Channel.VIBER, Purpose.SUPPORT_REPLY);
        var line = ask(Channel.LINE, Purpose.SUPPORT_REPLY);
        var web = ask(Channel.WEB, Purpose.SUPPORT_REPLY);
        return Stream.of(
                row("whatsapp-window", "exactly 24 h", wrote(whatsapp, DAY), open(Duration.ZERO)),
                row("whatsapp-window", "a moment more", wrote(whatsapp, DAY.plus(MOMENT)), SHUT),
                row("whatsapp-window", "never wrote", whatsapp, SHUT),
                row(
                        "whatsapp-template",
                        "outside the window",
                        template(whatsapp, TemplateCategory.UTILITY),
                        TEMPLATE),
                row(
                        "whatsapp-template",
                        "the provider said nothing yet",
                        template(whatsapp, null),
                        TEMPLATE),
                row(
                        "whatsapp-template",
                        "advertising within the window",
                        template(wrote(whatsapp, MOMENT), TemplateCategory.MARKETING),
                        closed(OutboundReason.OUT_TEMPLATE_CATEGORY)),
                row(
                        "whatsapp-template",
                        "a login code for a reminder",
                        template(whatsapp, TemplateCategory.AUTHENTICATION),
                        closed(OutboundReason.OUT_TEMPLATE_CATEGORY)),
                row("messenger-window", "exactly 24 h", wrote(messenger, DAY), open(Duration.ZERO)),
                row("messenger-window", "a moment more", wrote(messenger, DAY.plus(MOMENT)), SHUT),
                row("messenger-ad", "exactly 7 d", viaAd(messenger, WEEK), open(Duration.ZERO)),
                row("messenger-ad", "a moment more", viaAd(messenger, WEEK.plus(MOMENT)), SHUT),
                row(
                        "messenger-human-agent",
                        "exactly 7 d",
                        tagged(wrote(messenger, WEEK), "HUMAN_AGENT", true),
                        open(Duration.ZERO)),
                row(
                        "messenger-human-agent",
                        "a moment more",
                        tagged(wrote(messenger, WEEK.plus(MOMENT)), "HUMAN_AGENT", true),
                        SHUT),
                row(
                        "messenger-human-agent",
                        "a bot",
                        tagged(wrote(messenger, WEEK), "HUMAN_AGENT", false),
                        SHUT),
                row(
                        "messenger-human-agent",
                        "over a provider that cannot say it",
                        over(tagged(wrote(messenger, WEEK), "HUMAN_AGENT", true), "twilio"),
                        closed(OutboundReason.OUT_TAG_UNSUPPORTED)),
                row(
                        "messenger-confirmed-event",
                        "retired, even within the window",
                        tagged(wrote(messenger, MOMENT), "CONFIRMED_EVENT_UPDATE", true),
                        closed(OutboundReason.OUT_TAG_RETIRED)),
                row(
                        "messenger-account-update",
                        "retired",
                        tagged(messenger, "ACCOUNT_UPDATE", true),
                        closed(OutboundReason.OUT_TAG_RETIRED)),
                row(
                        "messenger-post-purchase",
                        "retired",
                        tagged(messenger, "POST_PURCHASE_UPDATE", true),
                        closed(OutboundReason.OUT_TAG_RETIRED)),
                row(
                        "messenger-template",
                        "within the window",
                        template(
                                wrote(ask(Channel.MESSENGER, Purpose.NOTIFICATION), DAY),
                                TemplateCategory.UTILITY),
                        open(Duration.ZERO)),
                row(
                        "messenger-template",
                        "outside it, since no mapping sends it as one",
                        template(
                                ask(Channel.MESSENGER, Purpose.NOTIFICATION),
                                TemplateCategory.UTILITY),
                        SHUT),
                row(
                        "messenger-template",
                        "advertising within the window",
                        template(
                                wrote(ask(Channel.MESSENGER, Purpose.NOTIFICATION), MOMENT),
                                TemplateCategory.MARKETING),
                        closed(OutboundReason.OUT_TEMPLATE_CATEGORY)),
                row("instagram-window", "exactly 24 h", wrote(instagram, DAY), open(Duration.ZERO)),
                row("instagram-window", "a moment more", wrote(instagram, DAY.plus(MOMENT)), SHUT),
                row("instagram-ad", "exactly 7 d", viaAd(instagram, WEEK), open(Duration.ZERO)),
                row(
                        "instagram-human-agent",
                        "no provider documents how",
                        over(tagged(wrote(instagram, WEEK), "HUMAN_AGENT", true), "smooch"),
                        closed(OutboundReason.OUT_TAG_UNSUPPORTED)),
                row(
                        "instagram-human-agent",
                        "a moment after 7 d",
                        over(
                                tagged(wrote(instagram, WEEK.plus(MOMENT)), "HUMAN_AGENT", true),
                                "smooch"),
                        SHUT),
                row(
                        "apple-conversation",
                        "never wrote",
                        apple,
                        closed(OutboundReason.OUT_CONVERSATION_DELETED)),
                row("apple-window", "years ago", wrote(apple, Duration.ofDays(999)), ENDLESS),
                row(
                        "telegram-start",
                        "never started",
                        telegram,
                        closed(OutboundReason.OUT_BOT_BLOCKED)),
                row("telegram-reply", "exactly 24 h", wrote(telegram, DAY), open(Duration.ZERO)),
                row("telegram-reply", "a moment more", wrote(telegram, DAY.plus(MOMENT)), SHUT),
                row(
                        "telegram-reply",
                        "of a notification the basis decides",
                        wrote(ask(Channel.TELEGRAM, Purpose.NOTIFICATION), WEEK),
                        ENDLESS),
                row("sms-open", "by day", ask(Channel.SMS, Purpose.NOTIFICATION), ENDLESS),
                row("mms-open", "by day", ask(Channel.MMS, Purpose.NOTIFICATION), ENDLESS),
                row("rcs-open", "any time", ask(Channel.RCS, Purpose.NOTIFICATION), ENDLESS),
                row("viber-reply", "exactly 24 h", wrote(viber, DAY), open(Duration.ZERO)),
                row("viber-reply", "a moment more", wrote(viber, DAY.plus(MOMENT)), SHUT),
                row("line-contact", "never wrote", line, SHUT),
                row("line-reply", "exactly 24 h", wrote(line, DAY), open(Duration.ZERO)),
                row("web-contact", "never wrote", web, SHUT),
                row("web-window", "stays", wrote(web, WEEK), ENDLESS));
    }

    private static Arguments row(
            String rule, String situation, ChannelQuestion question, ChannelWindow expected) {
        return Arguments.of(rule, situation, question, expected);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("rows")
    @DisplayName("table 2.3")
    void followsTheTable(
            String rule, String situation, ChannelQuestion question, ChannelWindow expected) {
        assertThat(book.window(question, NOON)).contains(expected);
    }

    /**
     * Berlin's clock; the nights of 29 March and 25 October 2026 are an hour shorter and longer.
     */
    static Stream<Arguments> nights() {
        return Stream.of(
                Arguments.of("2026-11-25T20:59:59", false),
                Arguments.of("2026-11-25T21:00:00", true),
                Arguments.of("2026-11-26T07:59:59", true),
                Arguments.of("2026-11-26T08:00:00", false),
                Arguments.of("2026-03-28T20:59:59", false),
                Arguments.of("2026-03-28T21:00:00", true),
                Arguments.of("2026-03-29T07:59:59", true),
                Arguments.of("2026-03-29T08:00:00", false),
                Arguments.of("2026-10-24T21:00:00", true),
                Arguments.of("2026-10-25T07:59:59", true),
                Arguments.of("2026-10-25T08:00:00", false));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("nights")
    @DisplayName("sms-quiet, mms-quiet: 21 to 8 by the wall clock of Berlin")
    void keepsQuietAtNight(LocalDateTime local, boolean quiet) {
        Instant at = local.atZone(BERLIN).toInstant();
        for (Channel channel : Set.of(Channel.SMS, Channel.MMS)) {
            for (Purpose purpose : Purpose.values()) {
                boolean bound = purpose == Purpose.NOTIFICATION || purpose == Purpose.MARKETING;

                assertThat(book.window(ask(channel, purpose), at))
                        .contains(
                                quiet && bound ? closed(OutboundReason.OUT_QUIET_HOURS) : ENDLESS);
            }
        }
    }

    @Test
    void choosesTheVersionByTheInstant() {
        Instant retired = Instant.parse("2026-04-27T00:00:00Z");
        var question = tagged(ask(Channel.MESSENGER, Purpose.NOTIFICATION), "ACCOUNT_UPDATE", true);

        assertThat(book.window(question, retired.minusNanos(1000)))
                .contains(SHUT); // no period was kept of what is gone
        assertThat(book.window(question, retired)).contains(closed(OutboundReason.OUT_TAG_RETIRED));
        assertThat(book.window(question, Instant.parse("1999-12-31T00:00:00Z"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, twilio, send-messenger-text",
        "vonage, vonage, send-messenger-text",
        "smooch, smooch, send-messenger-text-human-agent",
        "messagebird/classic, messagebird, send-classic-messenger-text-in-conversation",
        "messagebird/channels, messagebird, send-channels-messenger-text",
        "messagebird/platform, messagebird, send-platform-messenger-unsupported"
    })
    @DisplayName("FLT-7: a tag is allowed over exactly those providers whose mapping hands it on")
    void allowsTagsWhereTheMappingsCarryThem(String carrier, String provider, String example)
            throws IOException {
        Mappings mappings = RepositoryMappings.ALL;
        for (Channel channel : List.of(Channel.MESSENGER, Channel.INSTAGRAM)) {
            ObjectNode message = example(provider, example);
            message.put("channel", channel.wireName()).put("tag", "HUMAN_AGENT");
            var question =
                    tagged(wrote(ask(channel, Purpose.SUPPORT_REPLY), WEEK), "HUMAN_AGENT", true);

            assertThat(book.window(over(question, carrier), NOON).orElseThrow())
                    .as("%s over %s", channel, carrier)
                    .isEqualTo(
                            mappings.send(provider, message).has("unsupported")
                                    ? closed(OutboundReason.OUT_TAG_UNSUPPORTED)
                                    : open(Duration.ZERO));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, twilio, send-messenger-text",
        "vonage, vonage, send-messenger-text",
        "smooch, smooch, send-messenger-text-human-agent",
        "messagebird/classic, messagebird, send-classic-messenger-text-in-conversation",
        "messagebird/channels, messagebird, send-channels-messenger-text",
        "messagebird/platform, messagebird, send-platform-messenger-unsupported"
    })
    @DisplayName(
            "table 2.3: no template goes outside the window over a provider whose mapping sends its"
                    + " words")
    void allowsNoTemplateWhereTheMappingsSendItsWords(
            String carrier, String provider, String example) throws IOException {
        ObjectNode message = example(provider, example);
        message.putObject("content")
                .put("type", "template")
                .putObject("template")
                .put("name", "abholung")
                .put("providerId", "HX00000000000000000000000000000077")
                .put("namespace", "muster")
                .put("language", "de")
                .put("text", "Ihr Wagen ist fertig.")
                .putArray("parameters");
        message.putNull("tag");
        boolean asTemplate =
                RepositoryMappings.ALL
                        .send(provider, message)
                        .toString()
                        .matches(".*(abholung|HX0+77).*");
        var question =
                template(ask(Channel.MESSENGER, Purpose.NOTIFICATION), TemplateCategory.UTILITY);

        assertThat(book.window(over(question, carrier), NOON).orElseThrow())
                .isIn(asTemplate ? Set.of(TEMPLATE, SHUT) : Set.of(SHUT));
    }

    private static ObjectNode example(String provider, String example) throws IOException {
        return (ObjectNode)
                new YAMLMapper()
                        .readTree(
                                Path.of("mappings", provider, "examples")
                                        .resolve(example + ".json")
                                        .toFile());
    }

    @Test
    void everyRuleHasARow() {
        Set<String> covered = rows().map(row -> (String) row.get()[0]).collect(Collectors.toSet());

        assertThat(ChannelRulesFile.load().stream().map(ChannelRule::id))
                .allMatch(id -> covered.contains(id) || id.endsWith("-quiet"));
        assertThat(ChannelRulesFile.load().stream().map(ChannelRule::channel))
                .contains(Channel.values());
    }

    @Test
    void refusesRulesThatBreakTheSchemaOrContradictEachOther() throws IOException {
        JsonNode noSource =
                yaml("{rules: [{id: a, channel: sms, kind: open, validFrom: '2026-01-01'}]}");
        JsonNode twice =
                yaml(
                        "{rules: [{id: a, channel: sms, kind: open, validFrom: '2026-01-01', source: 'https://a.example'},"
                                + " {id: a, channel: sms, kind: open, validFrom: '2026-02-01', source: 'https://a.example'}]}");

        assertThatThrownBy(() -> ChannelRulesFile.parse(noSource)).hasMessageContaining("source");
        assertThatThrownBy(() -> ChannelRulesFile.parse(twice))
                .hasMessageContaining("two versions of a");
    }

    private static JsonNode yaml(String text) throws IOException {
        return new YAMLMapper().readTree(text);
    }
}
