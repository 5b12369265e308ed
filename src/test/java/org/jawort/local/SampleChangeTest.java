package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SampleChangeTest {

    private static final String TWILIO =
            "MessageSid=SM10000001100000011000000110000001&Body=Hallo&WaId=4915100000011"
                    + "&Url=https%3A%2F%2Fapi.example%2FSM10000001100000011000000110000001"
                    + "&ChannelMetadata=%7B%22WaId%22%3A%224915100000011%22%7D&From=whatsapp%3A%2B4915100000011&To=whatsapp%3A%2B493023125010";
    private static final String MESSAGEBIRD =
            """
            {"contact":{"id":"58728c4cdb7882d5207f2a8a84d21dea","msisdn":4915200000001},"message":{"id":"23866a85db58aa434cfec781595298c3","from":"+4915200000001","content":{"text":"Hallo"}}}""";

    @Test
    void keepsTheNotationOfANumberInEveryPlace() {
        String changed = form(TWILIO, new SampleChange(null, null, "+4917600000099"), "twilio");

        assertThat(changed)
                .contains(
                        "From=whatsapp:+4917600000099",
                        "WaId=4917600000099",
                        "\"WaId\":\"4917600000099\"")
                .contains("To=whatsapp:+493023125010")
                .doesNotContain("4915100000011");
    }

    @Test
    void replacesAnIdWhereverItStandsAndKeepsItsShape() {
        String changed = form(TWILIO, new SampleChange("seed", null, null), "twilio");

        String id = changed.replaceAll("(?s).*MessageSid=([^&]*).*", "$1");
        assertThat(id).matches("SM[0-9a-f]{32}").isNotEqualTo("SM10000001100000011000000110000001");
        assertThat(changed).contains("https://api.example/" + id).contains("Body=Hallo");
    }

    @Test
    void givesTheSameIdsForASeedAndOthersForAnother() {
        assertThat(form(TWILIO, new SampleChange("one", null, null), "twilio"))
                .isEqualTo(form(TWILIO, new SampleChange("one", null, null), "twilio"))
                .isNotEqualTo(form(TWILIO, new SampleChange("two", null, null), "twilio"));
    }

    @Test
    void keepsAUuidAUuidOfVersionFour() throws IOException {
        String sample =
                "{\"message_uuid\":\"5a3c0000-0000-4000-8000-000000000010\",\"message_type\":\"text\"}";

        String changed = json(sample, new SampleChange("seed", null, null), "vonage");

        assertThat(changed)
                .matches(
                        "\\{\"message_uuid\":\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\".*")
                .doesNotContain("5a3c0000");
    }

    @Test
    void keepsNumbersNumbersAndGivesAnotherPersonAnotherContact() throws IOException {
        String changed =
                json(MESSAGEBIRD, new SampleChange(null, null, "+4917600000099"), "messagebird");

        assertThat(changed)
                .contains("\"msisdn\":4917600000099", "\"from\":\"+4917600000099\"")
                .contains("23866a85db58aa434cfec781595298c3")
                .doesNotContain("58728c4cdb7882d5207f2a8a84d21dea");
    }

    @Test
    void givesOnePersonTheSameContactEveryTime() throws IOException {
        var change = new SampleChange(null, null, "+4917600000099");

        assertThat(json(MESSAGEBIRD, change, "messagebird"))
                .isEqualTo(json(MESSAGEBIRD, change, "messagebird"));
    }

    @Test
    void writesTheTextLiterallyAndItsKeyword() throws IOException {
        String sample =
                "{\"text\":\"Hallo\",\"message_type\":\"text\",\"sms\":{\"keyword\":\"HALLO\"}}";

        String changed =
                json(sample, new SampleChange(null, "stop $1 \\ \"bitte\"", null), "vonage");

        assertThat(changed)
                .isEqualTo(
                        "{\"text\":\"stop $1 \\\\ \\\"bitte\\\"\",\"message_type\":\"text\",\"sms\":{\"keyword\":\"STOP\"}}");
    }

    @Test
    void encodesAFormAgain() {
        var body = SampleBody.form("Body=a&From=x".getBytes(StandardCharsets.UTF_8));

        new SampleChange(null, "Grüße & 100% = + 👍", null)
                .apply(body, ProviderFields.of("twilio"));

        assertThat(new String(body.bytes(), StandardCharsets.UTF_8))
                .isEqualTo("Body=Gr%C3%BC%C3%9Fe+%26+100%25+%3D+%2B+%F0%9F%91%8D&From=x");
    }

    @Test
    void changesEveryEventOfOneDelivery() throws IOException {
        String sample =
                "{\"events\":[{\"id\":\"69fe22df3648edf901ea4b6b\"},{\"id\":\"69fe22df3648edf901ea4b6c\"}]}";

        String changed = json(sample, new SampleChange("seed", null, null), "smooch");

        assertThat(changed).doesNotContain("69fe22df3648edf901ea4b6b", "69fe22df3648edf901ea4b6c");
        assertThat(changed).hasSameSizeAs(sample);
    }

    @Test
    void refusesASenderForAReportAboutAMessageOfTheBusiness() {
        assertThatThrownBy(
                        () ->
                                form(
                                        "From=%2B1&MessageStatus=sent",
                                        new SampleChange(null, null, "+49176"), "twilio"))
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("--from");
    }

    @Test
    void refusesASenderForAMessageTheBusinessSent() {
        String sent = MESSAGEBIRD.replace("\"message\":{", "\"message\":{\"direction\":\"sent\",");

        assertThatThrownBy(() -> json(sent, new SampleChange(null, null, "+49176"), "messagebird"))
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("--from");
    }

    @Test
    void refusesATextWhereThereIsNone() {
        assertThatThrownBy(
                        () -> form("Latitude=1", new SampleChange(null, "Hallo", null), "twilio"))
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("--text");
    }

    private static String form(String sample, SampleChange change, String provider) {
        var body = SampleBody.form(sample.getBytes(StandardCharsets.UTF_8));
        change.apply(body, ProviderFields.of(provider));
        return URLDecoder.decode(
                new String(body.bytes(), StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static String json(String sample, SampleChange change, String provider)
            throws IOException {
        var body = SampleBody.json(sample.getBytes(StandardCharsets.UTF_8));
        change.apply(body, ProviderFields.of(provider));
        return new String(body.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void writesTheTimeInTheNotationOfItsPlace() throws IOException {
        var change =
                new SampleChange(null, null, null, Instant.parse("2026-11-26T08:09:10.123456Z"));

        assertThat(
                        json(
                                "{\"timestamp\":\"2026-11-03T09:12:44Z\",\"message-timestamp\":\"2026-11-03 09:12:44\"}",
                                change,
                                "vonage"))
                .contains("\"2026-11-26T08:09:10.123Z\"", "\"2026-11-26 08:09:10\"");
        assertThat(
                        json(
                                "{\"timestamp\":1793782999.5,\"messages\":[{\"received\":1793782999.5}],\"other\":\"2026-11-03T09:12:44Z\"}",
                                change,
                                "smooch"))
                .contains("\"timestamp\":1795680550.123", "\"received\":1795680550.123")
                .contains("\"other\":\"2026-11-03T09:12:44Z\"");
    }
}
