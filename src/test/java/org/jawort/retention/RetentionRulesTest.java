package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.Period;
import java.util.Map;
import org.jawort.retention.RetentionRule.Rounding;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionRulesTest {

    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

    @ParameterizedTest
    @DisplayName("RET-6: the default rules")
    @CsvSource({
        "transport-buffer, S1, P3D, EXACT",
        "delivery-metadata, S1, P90D, EXACT",
        "conversation-text, S2, P90D, EXACT",
        "media, S2, P30D, EXACT",
        "commercial-letter, S1, P6Y, END_OF_YEAR",
        "voucher, S1, P8Y, END_OF_YEAR",
        "consent-proof, S3, P3Y, END_OF_YEAR",
        "unanswered-prompt, S1, P30D, EXACT",
        "notice-evidence, S3, P3Y, END_OF_YEAR",
        "request-file, S2, P3Y, END_OF_YEAR",
        "suppression-stub, S3, P0D, EXACT",
        "access-log, S1, P12M, EXACT",
        "backup, S1, P35D, EXACT",
        "deletion-evidence, S1, P3Y, EXACT"
    })
    void holdsTheDefaultRules(
            String dataType, RetentionRule.StartType start, Period period, Rounding rounding) {
        RetentionRule rule = rules(Map.of()).rule("autohaus-muster", dataType);

        assertThat(rule.startType()).isEqualTo(start);
        assertThat(rule.period()).isEqualTo(period);
        assertThat(rule.rounding()).isEqualTo(rounding);
        assertThat(rule.basis()).isNotBlank();
    }

    @Test
    @DisplayName("RET-3: a tenant may shorten")
    void takesAShorterPeriodOfATenantAndLeavesTheOtherRules() {
        RetentionRules rules = rules(Map.of("conversationText", Period.ofDays(14)));

        assertThat(rules.rule("autohaus-muster", "conversation-text").period())
                .isEqualTo(Period.ofDays(14));
        assertThat(rules.rule("autohaus-muster", "conversation-text").basis())
                .isEqualTo(rules(Map.of()).rule("autohaus-muster", "conversation-text").basis());
        assertThat(rules.rule("autohaus-muster", "media").period()).isEqualTo(Period.ofDays(30));
    }

    @Test
    void doesNotCarryThePeriodOfOneTenantToAnother() {
        RetentionRules rules =
                new RetentionRules(
                        new Tenants(
                                Map.of(
                                        "one",
                                                TenantInTest.of("one")
                                                        .retention(
                                                                Map.of("media", Period.ofDays(1)))
                                                        .build(),
                                        "two", TenantInTest.of("two").retention(Map.of()).build())),
                        () -> NOW);

        assertThat(rules.rule("one", "media").period()).isEqualTo(Period.ofDays(1));
        assertThat(rules.rule("two", "media").period()).isEqualTo(Period.ofDays(30));
    }

    @ParameterizedTest
    @DisplayName("RET-3: no longer than the hub's without a recorded basis")
    @CsvSource({
        "conversationText, P91D",
        "conversationText, P4M",
        "media, P1Y",
        "transportBuffer, P4D"
    })
    void refusesALongerPeriod(String name, Period period) {
        assertThatThrownBy(() -> rules(Map.of(name, period)))
                .hasMessageContaining("tenants/autohaus-muster.yaml")
                .hasMessageContaining("retention." + name)
                .hasMessageContaining(period.toString())
                .hasMessageContaining("RET-3");
    }

    @Test
    void takesThePeriodOfTheHubItself() {
        assertThat(
                        rules(Map.of("media", Period.ofDays(30)))
                                .rule("autohaus-muster", "media")
                                .period())
                .isEqualTo(Period.ofDays(30));
    }

    @ParameterizedTest
    @CsvSource({"P-1D", "P-3M"})
    @DisplayName("a period before the start would delete what is still open")
    void refusesANegativePeriod(Period period) {
        assertThatThrownBy(() -> rules(Map.of("conversationText", period)))
                .hasMessageContaining("tenants/autohaus-muster.yaml")
                .hasMessageContaining("retention.conversationText");
    }

    @Test
    @DisplayName("RET-1: what has no rule cannot be stored")
    void refusesADataTypeWithoutARule() {
        assertThatThrownBy(() -> rules(Map.of()).rule("autohaus-muster", "photo-album"))
                .hasMessageContaining("photo-album");
    }

    @ParameterizedTest
    @DisplayName(
            "RET-1: the hub does not start with a rule for some items of a data type only, be it now or from a later version on")
    @CsvSource({
        "'dataType: media, ', 'dataType: media, criteria: { channel: whatsapp }, ', media",
        "'id: media, version: 1, dataType: media, startType: S2, startEvent: conversation closed, period: P30D, basis: \"GDPR Art. 5(1)(e)\", owner: hub, validFrom: 2026-01-01', 'id: media, version: 1, dataType: media, startType: S2, startEvent: conversation closed, period: P30D, basis: \"GDPR Art. 5(1)(e)\", owner: hub, validFrom: 2026-11-27', media",
        "'id: voucher, version: 1, dataType: voucher', 'id: voucher, version: 1, dataType: voucher, criteria: { sector: FINANCIAL }, tz: Europe/Berlin', voucher",
        "'  - { id: media,', '  - { id: media, version: 2, dataType: media, criteria: { channel: sms }, startType: S2, startEvent: closed, period: P1D, basis: none, owner: hub, validFrom: 2030-01-01 }\n  - { id: media,', media"
    })
    void refusesRulesThatLeaveItemsOut(String rule, String changed, String dataType)
            throws Exception {
        String file;
        try (var in = RetentionRulesTest.class.getResourceAsStream("/retention-rules.yaml")) {
            file = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        HubRules whole = RetentionRulesFile.parse(file);
        assertThat(file).contains(rule);
        HubRules rules =
                RetentionRulesFile.parse(
                        file.replaceFirst(quote(rule), changed.replace("\\n", "\n")));

        assertThatThrownBy(
                        () ->
                                new RetentionRules(
                                        TenantInTest.of("muster").alone(), rules, () -> NOW))
                .hasMessageContaining(
                        "retention-rules.yaml:"
                                + rules.all().stream()
                                        .filter(one -> one.dataType().equals(dataType))
                                        .mapToInt(one -> rules.lines().get(one.label()))
                                        .max()
                                        .getAsInt()
                                + ": ")
                .hasMessageContaining("no retention rule for data type " + dataType)
                .hasMessageContaining("RET-1");
        new RetentionRules(TenantInTest.of("muster").alone(), whole, () -> NOW);
    }

    @Test
    @DisplayName(
            "RET-2, RET-11: a rule that archives before it deletes is about what archives are given, and its tenants have one")
    void refusesToArchiveWhereThereIsNoArchive() throws Exception {
        String file;
        try (var in = RetentionRulesTest.class.getResourceAsStream("/retention-rules.yaml")) {
            file = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        String period = "startEvent: received, period: P12M,";
        assertThat(file).contains(period, "period: P30D, basis");

        assertThatThrownBy(
                        () ->
                                RetentionRulesFile.parse(
                                        file.replace(
                                                period, period + " action: ARCHIVE_THEN_DELETE,")))
                .hasMessageMatching("retention-rules.yaml:\\d+: .*no dedup-key.*");
        HubRules rules =
                RetentionRulesFile.parse(
                        file.replaceFirst(
                                "(dataType: media, .* period: P30D,)",
                                "$1 action: ARCHIVE_THEN_DELETE,"));
        assertThatThrownBy(
                        () ->
                                new RetentionRules(
                                        TenantInTest.of("muster").alone(), rules, () -> NOW))
                .hasMessageContaining("tenants/muster.yaml: ")
                .hasMessageContaining("media@1 archives before it deletes");
    }

    private static String quote(String text) {
        return java.util.regex.Pattern.quote(text);
    }

    private static RetentionRules rules(Map<String, Period> retention) {
        return new RetentionRules(
                TenantInTest.of("autohaus-muster").retention(retention).alone(), () -> NOW);
    }
}
