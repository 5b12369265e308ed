package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jawort.message.Label;
import org.jawort.tenant.LabelRules.Found;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RET-11: what messages are filed under, by the tenant's rules")
class LabelRulesTest {

    private static LabelRules rules(String yaml) {
        return LabelRules.parse(
                "tenants/muster.yaml",
                YamlDocument.parse("tenants/muster.yaml", "labels:\n" + yaml, text -> text));
    }

    private static MessageTraits says(String text) {
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.put("type", "text").put("text", text);
        return new MessageTraits("inbound", "sms", null, content, null);
    }

    private static List<String> values(List<Found> found) {
        return found.stream()
                .map(one -> one.rule() + "=" + one.label().name() + ":" + one.label().value())
                .toList();
    }

    @Test
    void takesWhatAPatternFindsInWordsAndReference() {
        LabelRules rules =
                rules("  - { id: c, label: case, finds: \"\\\\b(F-[0-9]{4,8})\\\\b\" }\n");
        MessageTraits referred =
                new MessageTraits("outbound", "sms", null, says("x").content(), "F-4711");

        assertThat(values(rules.labels(says("Zu f-1023 bitte")))).containsExactly("c=case:f-1023");
        assertThat(values(rules.labels(referred))).containsExactly("c=case:F-4711");
        assertThat(rules.labels(says("Zu XF-1023"))).isEmpty();
    }

    @Test
    void decidesByTheFirstRuleOfALabelThatFits() {
        LabelRules rules =
                rules(
                        """
                          - { id: chat, label: desk, value: chat, channel: whatsapp }
                          - { id: tyres, label: desk, value: tyres, words: [Reifen*] }
                          - { id: rest, label: desk, value: office }
                          - { id: all, label: desk, value: open, of: conversation }
                          - { id: plan, label: appointment, value: reminder, template: appointment-reminder }
                        """);

        assertThat(values(rules.labels(says("Reifenwechsel"))))
                .containsExactly("tyres=desk:tyres", "all=desk:open");
        assertThat(values(rules.labels(says("Hallo"))))
                .containsExactly("rest=desk:office", "all=desk:open");
        assertThat(
                        values(
                                rules.labels(
                                        new MessageTraits(
                                                "outbound",
                                                "whatsapp",
                                                "appointment-reminder",
                                                says("").content(),
                                                null))))
                .contains("chat=desk:chat", "plan=appointment:reminder");
    }

    @Test
    @DisplayName("a rule may ask for every type a message can have, as events and searches name it")
    void asksForEveryTypeAMessageCanHave() throws Exception {
        JsonNode types = schema("tenant-v1.json").at("/$defs/criteria/properties/contentType/enum");
        ObjectNode question = JsonNodeFactory.instance.objectNode().put("type", "buttons");
        LabelRules rules =
                rules("  - { id: asked, label: desk, value: consent, contentType: buttons }\n");

        assertThat(types)
                .isNotEmpty()
                .containsExactlyElementsOf(
                        schema("message-v1.json").at("/$defs/content/properties/type/enum"));
        assertThat(values(rules.labels(new MessageTraits("outbound", "sms", null, question, null))))
                .containsExactly("asked=desk:consent");
    }

    private static JsonNode schema(String name) throws IOException {
        return new ObjectMapper().readTree(LabelRulesTest.class.getResource("/schema/" + name));
    }

    @Test
    @DisplayName(
            "whoever writes to a tenant cannot stop its pipeline with a pattern of the tenant's")
    void endsAPatternThatGoesOnForEver() {
        LabelRules rules = rules("  - { id: bad, label: case, finds: \"(a+)+$\" }\n");

        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> assertThat(rules.labels(says("a".repeat(4_000) + "!"))).isEmpty());
    }

    @Test
    @DisplayName("nor with one that goes too deep")
    void endsAPatternThatFillsTheStack() {
        LabelRules rules =
                rules("  - { id: deep, label: case, finds: \"((?:[A-Z]|[0-9])[ -]?)+#\" }\n");

        assertThat(rules.labels(says("A".repeat(4_096)))).isEmpty();
    }

    @Test
    void namesTheLineOfWhatIsNoPattern() {
        assertThatThrownBy(() -> rules("  - { id: bad, label: case, finds: \"(\" }\n"))
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining("tenants/muster.yaml:2")
                .hasMessageContaining("no regular expression");
    }

    @ParameterizedTest
    @CsvSource({"M-AB 123, mab123", "F–1023, f-1023", "' K OP 4 ', K-OP-4"})
    void looksValuesUpAsPeopleWriteThem(String stored, String asked) {
        assertThat(Label.folded(stored)).isEqualTo(Label.folded(asked));
    }
}
