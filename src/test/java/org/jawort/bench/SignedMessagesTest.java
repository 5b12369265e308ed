package org.jawort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.jawort.local.ProviderSigner;
import org.junit.jupiter.api.Test;

class SignedMessagesTest {

    private static final String URL = "http://127.0.0.1:8080/webhooks/twilio/bench/twilio";
    private static final String TOKEN = "test_auth_token_0123456789abcdef";

    private final SignedMessages messages = new SignedMessages(URI.create(URL), form(), TOKEN, 3);

    @Test
    void signsAsTwilioDoes() {
        String request = text(messages.requests(7, 20)[19]);
        byte[] body = request.split("\r\n\r\n")[1].getBytes(StandardCharsets.UTF_8);

        var signed =
                new ProviderSigner()
                        .sign(
                                "twilio",
                                null,
                                "POST",
                                URL,
                                "application/x-www-form-urlencoded",
                                body,
                                Map.of("authToken", TOKEN),
                                Instant.EPOCH);

        assertThat(request)
                .contains(
                        "\r\nX-Twilio-Signature: "
                                + signed.headers().get("X-Twilio-Signature")
                                + "\r\n")
                .contains("\r\nContent-Length: " + body.length + "\r\n");
    }

    @Test
    void signsWhatTheHandWrittenProgramsAccept() throws Exception {
        String request = text(messages.requests(7, 1)[0]);
        String signature = request.split("X-Twilio-Signature: ")[1].split("\r\n")[0];
        byte[] body = request.split("\r\n\r\n")[1].getBytes(StandardCharsets.UTF_8);
        var check = new HandWrittenTwilioCheck(TOKEN);

        assertThat(check.accepts(signature, URL, body)).isTrue();
        assertThat(check.accepts(signature, URL + "x", body)).isFalse();
        assertThat(check.accepts(null, URL, body)).isFalse();
    }

    @Test
    void givesEveryMessageItsOwnIdAndTheSendersTheirTurns() {
        byte[][] requests = messages.requests(7, 100);

        assertThat(Arrays.stream(requests).map(MessageNumber::firstIn))
                .extracting(MessageNumber::index)
                .doesNotHaveDuplicates()
                .hasSize(100)
                .contains(0, 99);
        assertThat(Arrays.stream(requests).map(request -> field(text(request), "WaId")).distinct())
                .hasSize(3);
    }

    @Test
    void findsTheNumberOfAMessageInAnEvent() {
        var number = new MessageNumber(0x2a, 4_711);

        var found =
                MessageNumber.firstIn(
                        ("{\"SM\":\"SMS\",\"providerMessageId\":\"" + number.sid() + "\"}")
                                .getBytes(StandardCharsets.UTF_8));

        assertThat(number.sid()).matches("SM[0-9a-f]{32}");
        assertThat(found).isEqualTo(number);
        assertThat(MessageNumber.firstIn("{\"id\":\"SM12\"}".getBytes(StandardCharsets.UTF_8)))
                .isNull();
    }

    @Test
    void countsAMessageThatCameTwiceOnce() {
        var arrivals = new Arrivals();

        arrivals.note(5_000, 20);
        arrivals.note(0, 10);
        arrivals.note(5_000, 30);

        assertThat(arrivals.count()).isEqualTo(new Arrivals.Count(2, 1, 20));
        assertThat(arrivals.times()[5_000]).isEqualTo(20);
        assertThat(arrivals.times()[1]).isZero();
    }

    private static String field(String request, String name) {
        return request.split("&" + name + "=")[1].split("&")[0];
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String form() {
        try {
            return Files.readString(Path.of("mappings/twilio/examples/whatsapp-text.form"));
        } catch (IOException absent) {
            throw new AssertionError(absent);
        }
    }
}
