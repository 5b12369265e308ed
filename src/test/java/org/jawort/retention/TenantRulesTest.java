package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.Period;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RET-3: what a tenant's file makes of the hub's rules")
class TenantRulesTest {

    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

    /** The first line of the retention block in the file of the tenant. */
    private static final int BLOCK = MusterFile.RETENTION_LINE;

    @TempDir java.nio.file.Path home;

    @Test
    void lengthensWithABasisOnRecord() {
        RetentionRule rule =
                rules(
                                """
                                conversationText: { period: P12M, basis: "Warranty claims, BGB 438", owner: Service desk }
                                """)
                        .rule("muster", "conversation-text");

        assertThat(rule.period()).isEqualTo(Period.ofMonths(12));
        assertThat(rule.basis()).isEqualTo("Warranty claims, BGB 438");
        assertThat(rule.owner()).isEqualTo("Service desk");
    }

    @ParameterizedTest
    @CsvSource({
        "conversationText: P4M, 0, RET-3",
        "'media: P5D\\nconversationText: P91D', 1, RET-3",
        "'media: P5D\\nrules:\\n  - { id: own, version: 1, dataType: media, period: P1Y, owner: desk, validFrom: 2026-01-01 }', 2, RET-3",
        "'rules:\\n  - { id: own, version: 1, dataType: commercial-letter, period: P5Y, owner: desk, validFrom: 2026-01-01 }', 1, HGB",
        "'rules:\\n  - { id: own, version: 1, dataType: photo-album, period: P1D, owner: desk, validFrom: 2026-01-01 }', 1, data type",
        "'rules:\\n  - { id: own, version: 1, dataType: dedup-key, period: P1D, criteria: { channel: sms }, owner: desk, validFrom: 2026-01-01 }', 1, criteria",
        "'rules:\\n  - { id: own, version: 1, dataType: media, period: ten, owner: desk, validFrom: 2026-01-01 }', 1, ISO 8601",
        "'rules:\\n  - { id: media, version: 1, dataType: media, period: P10D, owner: desk, validFrom: 2026-01-01 }', 1, media@1",
        "'rules:\\n  - { id: own, version: 1, dataType: dedup-key, period: P366D, owner: desk, validFrom: 2026-01-01 }', 1, RET-3",
        "'rules:\\n  - { id: own, version: 1, dataType: commercial-letter, period: P2191D, owner: desk, validFrom: 2026-01-01 }', 1, HGB",
        "'media: P5D\\nconversationText: P999999999Y', 1, 100 years",
        "'unknown: { after: P-999999999Y }', 0, 100 years",
        "'unknown: { after: P2M30D }', 0, RET-7",
        "'media: P5D\\nmediaText: P5D', -1, mediaText",
        "'unknown: { after: P91D }', 0, RET-7",
        "'categories:\\n  - { id: one, category: UNKNOWN, words: [x] }', 1, category"
    })
    @DisplayName("RET-3: what it may not is refused with file and line")
    void refusesWithFileAndLine(String block, int line, String said) {
        assertThatThrownBy(() -> rules(block.replace("\\n", "\n")))
                .hasMessageContaining("tenants/muster.yaml:" + (BLOCK + 1 + line) + ":")
                .hasMessageContaining(said);
    }

    @Test
    @DisplayName("RET-2: the rule with the most criteria holds, the earliest deletion wins")
    void choosesByCriteria() {
        RetentionRules rules =
                rules(
                        """
                        conversationText: P60D
                        rules:
                          - { id: sms, version: 1, dataType: conversation-text, period: P30D, criteria: { channel: sms }, owner: desk, validFrom: 2026-01-01 }
                          - { id: ads, version: 1, dataType: conversation-text, period: P10D, criteria: { channel: sms, purpose: MARKETING }, owner: desk, validFrom: 2026-01-01 }
                        """);

        assertThat(period(rules, Map.of("channel", "whatsapp"))).isEqualTo(Period.ofDays(60));
        assertThat(period(rules, Map.of("channel", "sms"))).isEqualTo(Period.ofDays(30));
        assertThat(period(rules, Map.of("channel", "sms", "purpose", "MARKETING")))
                .isEqualTo(Period.ofDays(10));
    }

    @Test
    @DisplayName("RET-2: a version holds from its day on")
    void takesTheNewestValidVersion() {
        RetentionRules rules =
                rules(
                        """
                        rules:
                          - { id: own, version: 1, dataType: media, period: P20D, owner: desk, validFrom: 2026-01-01 }
                          - { id: own, version: 2, dataType: media, period: P10D, owner: desk, validFrom: 2026-12-01 }
                        """);

        assertThat(rules.rule("muster", "media").label()).isEqualTo("own@1");
        assertThat(
                        rules.rule(
                                        "muster",
                                        "media",
                                        Map.of(),
                                        Instant.parse("2026-11-30T23:00:00Z"))
                                .label())
                .as("December has begun in Berlin")
                .isEqualTo("own@2");
    }

    @Test
    @DisplayName(
            "RET-12, RET-13: another period is another rule, also where it has no id; the hub's own keeps its name")
    void namesARuleByItsPeriod() {
        RetentionRules sixty = rules("conversationText: P60D\n");
        RetentionRules thirty = rules("conversationText: P30D\n");

        assertThat(sixty.label("muster", "conversation-text"))
                .isEqualTo("conversation-text-P60D@1");
        assertThat(thirty.label("muster", "conversation-text"))
                .isEqualTo("conversation-text-P30D@1");
        assertThat(thirty.find("muster", "conversation-text-P30D@1").orElseThrow().period())
                .isEqualTo(Period.ofDays(30));
        assertThat(thirty.find("muster", "conversation-text@1").orElseThrow().period())
                .isEqualTo(Period.ofDays(90));
        assertThat(rules("conversationText: P90D\n").label("muster", "conversation-text"))
                .isEqualTo("conversation-text@1");
    }

    @ParameterizedTest
    @DisplayName("RET-12: a plan is made under all that its rules say, not under their names alone")
    @CsvSource({
        "P20D, P10D",
        "channel: sms, channel: mms",
        "'Warranty claims', 'Customer service'",
        "owner: desk, owner: office",
        "after: P30D, after: P31D",
        "then: NONE, then: VOUCHER"
    })
    void hashesWhatRulesSay(String was, String is) {
        String block =
                """
                unknown: { after: P30D, then: NONE }
                rules:
                  - { id: own, version: 1, dataType: media, period: P20D, criteria: { channel: sms }, basis: "Warranty claims", owner: desk, validFrom: 2026-01-01 }
                """;

        assertThat(rules(block).contentHash("muster", NOW))
                .isEqualTo(rules(block).contentHash("muster", NOW))
                .isNotEqualTo(rules(block.replace(was, is)).contentHash("muster", NOW));
    }

    @Test
    @DisplayName("RET-6: banks, insurers and investment firms keep vouchers ten years")
    void keepsVouchersOfFinancialFirmsLonger() {
        assertThat(rules("financial: true\n").rule("muster", "voucher").period())
                .isEqualTo(Period.ofYears(10));
        assertThat(rules("financial: false\n").rule("muster", "voucher").period())
                .isEqualTo(Period.ofYears(8));
    }

    @Test
    @DisplayName("RET-5: an event names the rule by which its message is kept")
    void namesTheRuleOfAMessage() {
        RetentionRules rules =
                rules(
                        """
                        financial: true
                        rules:
                          - { id: sms, version: 3, dataType: conversation-text, period: P10D, criteria: { channel: sms }, owner: desk, validFrom: 2026-01-01 }
                        """);

        assertThat(rules.label("muster", "conversation-text", "sms", null, "UNKNOWN"))
                .isEqualTo("sms@3");
        assertThat(rules.label("muster", "conversation-text", "line", null, "NONE"))
                .isEqualTo("conversation-text@1");
        assertThat(rules.label("muster", "conversation-text", "sms", null, "COMMERCIAL_LETTER"))
                .isEqualTo("commercial-letter@1");
        assertThat(rules.label("muster", "conversation-text", "sms", null, "VOUCHER"))
                .isEqualTo("voucher-financial@1");
    }

    @Test
    @DisplayName("RET-6: the consent to be called with advertising is proved for five years")
    void keepsProofOfAdvertisingConsentLonger() {
        RetentionRules rules = rules("media: P1D\n");

        assertThat(
                        rules.rule("muster", "consent-proof", Map.of("purpose", "MARKETING"), NOW)
                                .period())
                .isEqualTo(Period.ofYears(5));
        assertThat(rules.rule("muster", "consent-proof").period()).isEqualTo(Period.ofYears(3));
    }

    @Test
    @DisplayName("RET-1: the hub's own file is held against its schema, with the line")
    void refusesBrokenHubRules() {
        String rule =
                "rules:\n  - { id: a, version: 1, dataType: media, startType: S1, startEvent: made,"
                        + " period: P1D, basis: none, owner: hub, validFrom: 2026-01-01 }\n";

        assertThat(RetentionRulesFile.parse(rule).all()).hasSize(1);
        assertThatThrownBy(() -> RetentionRulesFile.parse(rule.replace("S1", "S4")))
                .hasMessageContaining("retention-rules.yaml:2:");
        assertThatThrownBy(() -> RetentionRulesFile.parse(rule.replace("P1D", "P999999999Y")))
                .hasMessageContaining("retention-rules.yaml:2:")
                .hasMessageContaining("100 years");
        assertThatThrownBy(
                        () ->
                                RetentionRulesFile.parse(
                                        rule
                                                + rule.replace("rules:\n", "")
                                                        .replace("id: a", "id: b")))
                .hasMessageContaining("retention-rules.yaml:3:")
                .hasMessageContaining("same items");
        assertThatThrownBy(
                        () ->
                                new RetentionRules(
                                        MusterFile.tenants(home, "media: P1D\n"),
                                        RetentionRulesFile.parse(rule),
                                        () -> NOW))
                .hasMessageContaining("no retention rule for data type")
                .hasMessageContaining("RET-1");
    }

    @Test
    @DisplayName(
            "RET-2, RET-7: the nightly run gets a cutoff for each channel, purpose and category")
    void makesCutoffsOfCriteria() {
        Cutoffs plain = Cutoffs.of(rules("unknown: { after: P0D }\n"), "muster", "media", NOW);
        Cutoffs waits = Cutoffs.of(rules("media: P30D\n"), "muster", "media", NOW);
        Cutoffs byChannel =
                Cutoffs.of(
                        rules(
                                """
                                unknown: { after: P30D, then: COMMERCIAL_LETTER }
                                rules:
                                  - { id: sms, version: 1, dataType: media, period: P10D, criteria: { channel: sms }, owner: desk, validFrom: 2026-01-01 }
                                """),
                        "muster",
                        "media",
                        NOW);

        assertThat(plain.exceptions()).isEqualTo("{}");
        assertThat(plain.latest()).isEqualTo(days(30));
        assertThat(cutoffs(waits)).containsEntry("sms||UNKNOWN", days(90).toString());
        assertThat(cutoffs(waits)).containsEntry("", days(30).toString());
        assertThat(cutoffs(waits)).doesNotContainKey("sms||NONE");
        assertThat(byChannel.latest()).isEqualTo(days(10));
        assertThat(cutoffs(byChannel))
                .containsEntry("sms|SUPPORT_REPLY|NONE", days(10).toString())
                .containsEntry("sms||UNKNOWN", "-infinity")
                .doesNotContainKey("whatsapp||NONE");
    }

    private static Map<String, String> cutoffs(Cutoffs cutoffs) {
        Map<String, String> byKey = new HashMap<>();
        try {
            new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(cutoffs.exceptions())
                    .properties()
                    .forEach(entry -> byKey.put(entry.getKey(), entry.getValue().asText()));
        } catch (java.io.IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
        return byKey;
    }

    /** What ended exactly so long ago is over as well. */
    private static Instant days(int before) {
        return NOW.atZone(Rules.BERLIN).minusDays(before).toInstant().plus(1, ChronoUnit.MICROS);
    }

    private static Period period(RetentionRules rules, Map<String, String> traits) {
        return rules.rule("muster", "conversation-text", traits, NOW).period();
    }

    private RetentionRules rules(String block) {
        return new RetentionRules(MusterFile.tenants(home, block), () -> NOW);
    }
}
