package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jawort.mapping.WebhookUnreadable.Reason;
import org.jawort.message.Channel;
import org.jawort.tenant.Account.AccountChannel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookDocumentTest {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Instant RECEIVED_AT = Instant.parse("2026-11-23T10:11:12.345Z");

    @Test
    void saysWhoseWebhookItIsAndOverWhatItCame() {
        var channel = new AccountChannel(Channel.WHATSAPP, "+4930123456", null);

        ObjectNode document =
                WebhookDocument.of(
                        "twilio",
                        "autohaus-muster",
                        "wa",
                        List.of(channel),
                        "POST",
                        "application/json; charset=utf-8",
                        "rc=3&name=a%20b",
                        Map.of("i-twilio-idempotency-token", "token"),
                        "{\"a\":[1]}".getBytes(StandardCharsets.UTF_8),
                        RECEIVED_AT);

        assertThat(document.toString())
                .isEqualTo(
                        """
                        {"provider":"twilio","tenant":"autohaus-muster","account":"wa",\
                        "channels":[{"channel":"whatsapp","address":"+4930123456","providerChannelId":null}],\
                        "method":"POST","contentType":"application/json; charset=utf-8","query":{"rc":"3","name":"a b"},\
                        "headers":{"i-twilio-idempotency-token":"token"},"body":{"a":[1]},"receivedAt":"2026-11-23T10:11:12.345Z"}""");
    }

    @Test
    void makesAListOfARepeatedNameInTheOrderOfTheText() {
        assertThat(body(FORM, "a=1&b=&a=%32&c&&a=1").toString())
                .isEqualTo("{\"a\":[\"1\",\"2\",\"1\"],\"b\":\"\",\"c\":\"\"}");
    }

    @Test
    void keepsBlanksAndReadsAPlusAsABlankButNotAnEscapedPlus() {
        assertThat(body(FORM, "t=++a%2Bb+").path("t").asText()).isEqualTo("  a+b ");
    }

    @Test
    void hasNoBodyForAGetWithoutOne() {
        ObjectNode document = document("GET", null, "a=1", new byte[0]);

        assertThat(document.get("body").isNull()).isTrue();
        assertThat(document.at("/query/a").asText()).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, '{\"a\":1',         BAD_JSON",
        "application/json, '{\"a\":1}x',       BAD_JSON",
        "application/json, '{\"a\":1}{}',      BAD_JSON",
        "application/json, '{\"a\":1,\"a\":2}', BAD_JSON",
        "application/json, ' ',                BAD_JSON",
        "application/json, NaN,                BAD_JSON",
        "application/json, 1e999,              BAD_NUMBER",
        "application/json, '[-1e999]',         BAD_NUMBER",
        "application/json, '',                 NO_BODY",
        "application/x-www-form-urlencoded, '',      NO_BODY",
        "application/x-www-form-urlencoded, a=%E4%,  BAD_FORM",
        "application/x-www-form-urlencoded, a=%2,    BAD_FORM",
        "application/x-www-form-urlencoded, a=%zz,   BAD_FORM",
        "application/x-www-form-urlencoded, a=%E4,   BAD_UTF8",
        "application/x-www-form-urlencoded, %C3=1,   BAD_UTF8",
        "text/plain, a=1, CONTENT_TYPE",
        ", a=1, CONTENT_TYPE"
    })
    void namesWhyAWebhookCannotBeRead(String contentType, String body, Reason reason) {
        assertThat(reasonOf("POST", contentType, null, body.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(reason);
    }

    @Test
    void refusesBytesThatAreNotUtf8EvenInsideAString() {
        byte[] latin1 = "{\"text\":\"Grüße\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(reasonOf("POST", "application/json", null, latin1)).isEqualTo(Reason.BAD_UTF8);
    }

    @Test
    void refusesABrokenQueryToo() {
        assertThat(reasonOf("GET", null, "a=%4", new byte[0])).isEqualTo(Reason.BAD_FORM);
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 1_000, 100_000})
    @DisplayName("S6: JSON nested too deep ends in a reason, not in a stack overflow")
    void refusesJsonNestedTooDeep(int depth) {
        byte[] lists = ("[".repeat(depth) + "]".repeat(depth)).getBytes(StandardCharsets.UTF_8);
        byte[] objects =
                ("{\"a\":".repeat(depth) + "1" + "}".repeat(depth))
                        .getBytes(StandardCharsets.UTF_8);

        assertThat(reasonOf("POST", "application/json", null, lists)).isEqualTo(Reason.TOO_DEEP);
        assertThat(reasonOf("POST", "application/json", null, objects)).isEqualTo(Reason.TOO_DEEP);
    }

    @Test
    void readsJsonNestedAsDeepAsAllowed() {
        String deep = "[".repeat(100) + "]".repeat(100);

        assertThat(body("application/json", deep).toString()).isEqualTo(deep);
    }

    @Test
    void refusesANumberOfAbsurdlyManyDigits() {
        byte[] digits = "9".repeat(100_000).getBytes(StandardCharsets.UTF_8);

        assertThat(reasonOf("POST", "application/json", null, digits)).isEqualTo(Reason.BAD_NUMBER);
    }

    @Test
    void skipsAByteOrderMark() {
        assertThat(body("application/cloudevents+json", "\uFEFF{}").isObject()).isTrue();
    }

    @Test
    @DisplayName("LOG-1: the error quotes nothing of the webhook")
    void quotesNothingOfAnUnreadableWebhook() {
        byte[] broken = "{\"text\":\"geheim".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> document("POST", "application/json", null, broken))
                .isInstanceOf(WebhookUnreadable.class)
                .hasMessage("BAD_JSON")
                .hasNoCause();
    }

    @Property(tries = 500)
    void givesADocumentOrAReasonForAnyBytes(
            @ForAll @Size(max = 200) byte[] body,
            @ForAll @Size(max = 60) String rawQuery,
            @ForAll boolean json) {
        try {
            assertThat(
                            document("POST", json ? "application/json" : FORM, rawQuery, body)
                                    .has("body"))
                    .isTrue();
        } catch (WebhookUnreadable refused) {
            assertThat(refused.reason()).isNotNull();
        }
    }

    @Property(tries = 300)
    void decodesAnyFormFieldToWhatWasEncoded(@ForAll String name, @ForAll String value) {
        Assume.that(isUnicode(name) && isUnicode(value));
        String form =
                URLEncoder.encode(name, StandardCharsets.UTF_8)
                        + "="
                        + URLEncoder.encode(value, StandardCharsets.UTF_8);

        JsonNode body = body(FORM, form);

        assertThat(body.get(name).textValue()).isEqualTo(value);
    }

    /** Without half a surrogate pair, which has no UTF-8. */
    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static JsonNode body(String contentType, String body) {
        return document("POST", contentType, null, body.getBytes(StandardCharsets.UTF_8))
                .get("body");
    }

    private static Reason reasonOf(
            String method, String contentType, String rawQuery, byte[] body) {
        try {
            document(method, contentType, rawQuery, body);
            return null;
        } catch (WebhookUnreadable refused) {
            return refused.reason();
        }
    }

    private static ObjectNode document(
            String method, String contentType, String rawQuery, byte[] body) {
        return WebhookDocument.of(
                "p",
                "t",
                "a",
                List.of(),
                method,
                contentType,
                rawQuery,
                Map.of(),
                body,
                RECEIVED_AT);
    }
}
