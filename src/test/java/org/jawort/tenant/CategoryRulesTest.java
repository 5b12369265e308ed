package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.jawort.message.Category;
import org.jawort.tenant.CategoryRules.Rule;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RET-7: what a message is by commercial and tax law, by the tenant's rules")
class CategoryRulesTest {

    private static final CategoryRules RULES =
            new CategoryRules(
                    List.of(
                            new Rule(
                                    "invoice",
                                    Category.VOUCHER,
                                    new MessageCriteria(
                                            null,
                                            null,
                                            null,
                                            "document",
                                            null,
                                            List.of("Rechnung*"),
                                            null)),
                            new Rule(
                                    "photo",
                                    Category.NONE,
                                    new MessageCriteria(
                                            "inbound", null, null, null, "image/*", List.of(),
                                            null)),
                            new Rule(
                                    "scan",
                                    Category.VOUCHER,
                                    new MessageCriteria(
                                            null,
                                            null,
                                            null,
                                            null,
                                            "application/pdf",
                                            List.of(),
                                            null)),
                            new Rule(
                                    "order",
                                    Category.COMMERCIAL_LETTER,
                                    new MessageCriteria(
                                            null,
                                            null,
                                            null,
                                            null,
                                            null,
                                            List.of("bestelle", "Straße"),
                                            null)),
                            new Rule(
                                    "crm",
                                    Category.COMMERCIAL_LETTER,
                                    new MessageCriteria(
                                            null, null, null, null, null, List.of(), "order-"))));

    @ParameterizedTest
    @CsvSource({
        "inbound, '{\"type\":\"text\",\"text\":\"Hiermit BESTELLE ich.\"}', COMMERCIAL_LETTER, order",
        "inbound, '{\"type\":\"text\",\"text\":\"Bestellen Sie bitte\"}', UNKNOWN,",
        "inbound, '{\"type\":\"text\",\"text\":\"vorbestelle\"}', UNKNOWN,",
        "inbound, '{\"type\":\"text\",\"text\":\"STRAßE 5\"}', COMMERCIAL_LETTER, order",
        "inbound, '{\"type\":\"text\",\"text\":\"Rechnung\"}', UNKNOWN,",
        "inbound, '{\"type\":\"button\",\"button\":{\"text\":\"Ich bestelle\"}}', COMMERCIAL_LETTER, order",
        "inbound, '{\"type\":\"document\",\"media\":[{\"name\":\"rechnungen_2026.pdf\",\"contentType\":\"application/pdf\"}]}', VOUCHER, invoice",
        "inbound, '{\"type\":\"document\",\"media\":[{\"contentType\":\"application/pdf\"}]}', VOUCHER, scan",
        "inbound, '{\"type\":\"document\",\"media\":[{\"contentType\":\"Application/PDF; x=y\"}]}', VOUCHER, scan",
        "inbound, '{\"type\":\"image\",\"media\":[{\"contentType\":\"image/png\"}]}', NONE, photo",
        "inbound, '{\"type\":\"image\",\"media\":[{\"contentType\":\"IMAGE/PNG;q=1\"}]}', NONE, photo",
        "outbound, '{\"type\":\"image\",\"media\":[{\"contentType\":\"image/png\"}]}', UNKNOWN,",
        "inbound, '{}', UNKNOWN,"
    })
    void classifies(String direction, String content, Category category, String rule) {
        var classified =
                RULES.classify(new MessageTraits(direction, "sms", null, json(content), null));

        assertThat(classified.category()).isEqualTo(category);
        assertThat(classified.rule()).isEqualTo(rule);
    }

    @Test
    @DisplayName("by the reference the CRM gave it, its link to a deal")
    void classifiesByLink() {
        JsonNode content = json("{\"type\":\"text\",\"text\":\"Guten Tag\"}");

        assertThat(
                        RULES.classify(
                                        new MessageTraits(
                                                "outbound", "sms", null, content, "order-4711"))
                                .category())
                .isEqualTo(Category.COMMERCIAL_LETTER);
        assertThat(
                        RULES.classify(
                                        new MessageTraits(
                                                "outbound", "sms", null, content, "appointment-1"))
                                .category())
                .isEqualTo(Category.UNKNOWN);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException broken) {
            throw new AssertionError(broken);
        }
    }
}
