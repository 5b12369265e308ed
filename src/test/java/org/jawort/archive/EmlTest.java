package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.james.mime4j.dom.BinaryBody;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.dom.TextBody;
import org.apache.james.mime4j.dom.field.UnstructuredField;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("RET-11: a message as an EML, read by a parser that is not ours")
class EmlTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final UUID PICTURE = new UUID(5, 5);

    @Test
    void saysWhoWroteWhatAndWhen() throws IOException {
        Message read = read(SampleEvents.message(7, "Grüße aus Köln 👋\nzweite Zeile"), List.of());

        assertThat(text(read)).isEqualTo("Grüße aus Köln 👋\r\nzweite Zeile\r\n");
        assertThat(read.getFrom().getFirst().getName()).isEqualTo("Jürgen Beispiel");
        assertThat(read.getFrom().getFirst().getAddress())
                .isEqualTo("+4915100000042@phone.jawort.invalid");
        assertThat(read.getTo().flatten().getFirst().getAddress())
                .isEqualTo("+4930123456@phone.jawort.invalid");
        assertThat(read.getDate().toInstant()).isEqualTo(Instant.parse("2026-11-23T10:11:12Z"));
        assertThat(read.getMimeType()).isEqualTo("multipart/mixed");
    }

    @Test
    void makesAConversationAThread() throws IOException {
        ObjectNode answer = SampleEvents.message(8);
        ((ObjectNode) answer.get("data"))
                .putObject("replyTo")
                .put("providerMessageId", "SM0004")
                .put("messageId", new UUID(7, 4).toString());
        ObjectNode status = SampleEvents.message(12);
        status.put("type", "jawort.message.status.v1");

        Message first = read(SampleEvents.message(4), List.of());
        Message second = read(answer, List.of());
        Message third = read(status, List.of());

        String root = "<" + SampleEvents.conversation(0) + "@autohaus-muster.jawort.invalid>";
        assertThat(first.getMessageId())
                .isEqualTo("<" + new UUID(7, 4) + "@autohaus-muster.jawort.invalid>");
        assertThat(field(first, "References")).isEqualTo(root);
        assertThat(field(first, "In-Reply-To")).isEqualTo(root);
        assertThat(field(second, "In-Reply-To")).isEqualTo(first.getMessageId());
        assertThat(field(second, "References").split("\\s+"))
                .containsExactly(root, first.getMessageId());
        assertThat(third.getMessageId()).contains(SampleEvents.id(12).toString());
        assertThat(field(third, "In-Reply-To")).contains(new UUID(7, 12).toString());
        assertThat(second.getSubject()).isEqualTo(first.getSubject());
    }

    @Test
    void carriesAllThatIsSaidInFieldsAndTheEventItself() throws IOException {
        ObjectNode event = SampleEvents.message(7);

        Message read = read(event, List.of());

        assertThat(field(read, "X-Jawort-Event-Sequence")).isEqualTo("7");
        assertThat(field(read, "X-Jawort-Event-Type")).isEqualTo("jawort.message.received.v1");
        assertThat(field(read, "X-Jawort-Provider-Message-Id")).isEqualTo("SM007");
        assertThat(field(read, "X-Jawort-From-Name")).isEqualTo("Jürgen Beispiel");
        assertThat(field(read, "X-Jawort-From-Aliases-1-Address")).isEqualTo("DE.8812");
        assertThat(field(read, "X-Jawort-Consent-Decision")).isEqualTo("accept");
        assertThat(field(read, "X-Jawort-Retention-Rule")).isEqualTo("conversation-text@3");
        assertThat(read.getHeader().getField("X-Jawort-Sent-At")).isNull();
        JsonNode attached = JSON.readTree(bytes(parts(read).get(1)));
        assertThat(attached).isEqualTo(event);
    }

    @Test
    void attachesWhatTheHubHasAndNamesWhatItHasNot() throws IOException {
        ObjectNode event = SampleEvents.message(7, "zwei Bilder");
        var media = ((ObjectNode) event.at("/data/content")).putArray("media");
        media.addObject().put("id", PICTURE.toString()).put("contentType", "image/png");
        media.addObject()
                .put("id", new UUID(5, 6).toString())
                .put("name", "rechnung.pdf")
                .put("contentType", "application/pdf")
                .putObject("unavailable")
                .put("reason", "NOT_FOUND")
                .put("final", true);
        byte[] picture = new byte[100_000];
        new java.util.Random(1).nextBytes(picture);

        Message read = read(event, List.of(attached("image/png", "bild.png", picture)));

        Entity part = parts(read).get(2);
        assertThat(bytes(part)).isEqualTo(picture);
        assertThat(part.getFilename()).isEqualTo("bild.png");
        assertThat(part.getMimeType()).isEqualTo("image/png");
        assertThat(text(read))
                .contains("[not attached] rechnung.pdf (application/pdf, unknown bytes): NOT_FOUND")
                .doesNotContain("bild.png");
    }

    @Test
    void attachesAFileThatCameAfterItsMessageToWhatTellsSoInTheSameThread() throws IOException {
        ObjectNode event = SampleEvents.message(7);
        String message = event.at("/data/messageId").asText();
        event.put("type", "jawort.media.stored.v1");
        ((ObjectNode) event.get("data")).remove(List.of("from", "to", "consent", "replyTo"));
        ((ObjectNode) event.at("/data"))
                .putObject("content")
                .putArray("media")
                .addObject()
                .put("id", PICTURE.toString())
                .put("contentType", "image/png")
                .put("sha256", "00");
        byte[] picture = {1, 2, 3};

        Message read = read(event, List.of(attached("image/png", "bild.png", picture)));

        assertThat(bytes(parts(read).get(2))).isEqualTo(picture);
        assertThat(read.getHeader().getField("In-Reply-To").getBody()).contains(message);
        assertThat(read.getHeader().getField("Message-ID").getBody()).doesNotContain(message);
        assertThat(text(read)).contains("[event] jawort.media.stored.v1");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "application/json, original.json, `{\"messages\": [\"Grüße\"]}`",
                "application/x-www-form-urlencoded, original.txt, `Body=Gr%C3%BC%C3%9Fe&From=x`"
            })
    @DisplayName(
            "RET-11: what the provider sent is a part of its own, byte for byte; the event beside it has its length and hash")
    void attachesWhatTheProviderSent(String type, String name, String sent) throws IOException {
        ObjectNode event = SampleEvents.message(7);
        byte[] bytes = sent.getBytes(StandardCharsets.UTF_8);
        original(event, type, bytes).put("text", sent);
        ObjectNode before = event.deepCopy();

        Message read = read(event, List.of(attached("image/png", "bild.png", new byte[] {1})));

        Entity part = parts(read).get(2);
        assertThat(part.getMimeType()).isEqualTo(type);
        assertThat(part.getFilename()).isEqualTo(name);
        assertThat(bytes(part)).isEqualTo(bytes);
        assertThat(parts(read).get(3).getFilename()).isEqualTo("bild.png");
        assertThat(field(read, "X-Jawort-Original-Size")).isEqualTo(String.valueOf(bytes.length));
        assertThat(field(read, "X-Jawort-Original-Sha256")).isEqualTo(Sha256.hex(Sha256.of(bytes)));
        assertThat(read.getHeader().getField("X-Jawort-Original-Text")).isNull();
        JsonNode beside = JSON.readTree(bytes(parts(read).get(1)));
        assertThat(beside.at("/data/original").properties())
                .extracting(Map.Entry::getKey)
                .containsExactlyInAnyOrder("contentType", "size", "sha256");
        assertThat(event).isEqualTo(before);
    }

    @Test
    void attachesWhatIsNoTextAsItCame() throws IOException {
        ObjectNode event = SampleEvents.message(7);
        byte[] bytes = {'B', '=', (byte) 0xff, 0, '\r', '\n'};
        original(event, "application/x-www-form-urlencoded", bytes)
                .put("base64", Base64.getEncoder().encodeToString(bytes));

        assertThat(bytes(parts(read(event, List.of())).get(2))).isEqualTo(bytes);
    }

    @Test
    void leavesAnOriginalThatAMappingMadeOfSomethingElseInTheEvent() throws IOException {
        ObjectNode event = SampleEvents.message(7);
        ((ObjectNode) event.get("data")).putObject("original").put("base64", "?");

        Message read = read(event, List.of());

        assertThat(parts(read)).hasSize(2);
        assertThat(JSON.readTree(bytes(parts(read).get(1)))).isEqualTo(event);
    }

    private static ObjectNode original(ObjectNode event, String type, byte[] bytes) {
        return ((ObjectNode) event.get("data"))
                .putObject("original")
                .put("contentType", type)
                .put("size", bytes.length)
                .put("sha256", Sha256.hex(Sha256.of(bytes)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Erika\r\nBcc: everybody@example.org",
                "=?UTF-8?B?QmNj?=",
                "${sys:user.home} {{env:PATH}} $simple{header.x}",
                "\"><script>",
                " am Rand ",
                "ein sehr langer Name der nicht auf eine Zeile passt, sondern auf mehrere Zeilen verteilt wird, und zwar ohne dass etwas fehlt",
                "\u202Egnp.exe\u0000",
                "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"
            })
    @DisplayName(
            "S1, S12, S13: what people write stays what they wrote, and becomes no field, no part and no path")
    void keepsHostileWordsWhatTheyAre(String words) throws IOException {
        ObjectNode event =
                SampleEvents.message(7, words + "\n--=_jawort-" + SampleEvents.id(7) + "--\n");
        ((ObjectNode) event.at("/data/from")).put("name", words).put("address", words);
        ((ObjectNode) event.get("data")).put(words, words);
        ((ObjectNode) event.at("/data/content"))
                .putArray("media")
                .addObject()
                .put("id", PICTURE.toString());

        Message read =
                read(event, List.of(attached(words, "../../" + words, new byte[] {1, 2, 3})));

        assertThat(field(read, "X-Jawort-From-Name")).isEqualTo(words);
        assertThat(read.getHeader().getField("Bcc")).isNull();
        assertThat(read.getFrom()).hasSize(1);
        assertThat(parts(read)).hasSize(3);
        assertThat(text(read)).contains("--=_jawort-" + SampleEvents.id(7) + "--");
        assertThat(JSON.readTree(bytes(parts(read).get(1)))).isEqualTo(event);
        assertThat(parts(read).get(2).getFilename()).doesNotContain("/", "\\", "\r", "\n");
        assertThat(parts(read).get(2).getMimeType()).isEqualTo("application/octet-stream");
    }

    @Test
    void keepsToTheLengthOfLines() throws IOException {
        String text = "x".repeat(5000) + "\n" + "ü ".repeat(4000);
        ObjectNode event = SampleEvents.message(7, text);
        ((ObjectNode) event.get("data")).put("reference", "y".repeat(5000));

        byte[] eml = write(event, List.of());

        assertThat(new String(eml, StandardCharsets.US_ASCII).split("\r\n", -1))
                .allMatch(line -> line.length() <= 998 && !line.contains("\n"));
        assertThat(field(parse(eml), "X-Jawort-Reference")).isEqualTo("y".repeat(5000));
        assertThat(text(parse(eml))).startsWith(text.replace("\n", "\r\n"));
    }

    @Test
    void isTheSameWheneverItIsMade() throws IOException {
        ObjectNode event = SampleEvents.message(7);

        assertThat(write(event, List.of())).isEqualTo(write(event, List.of()));
    }

    @Test
    void canBeMadeOfWhateverAMappingLeaves() throws IOException {
        ObjectNode event = JSON.createObjectNode();
        event.put("id", SampleEvents.id(7).toString()).put("sequence", 7).put("time", "gestern");
        event.put("data", "nothing");

        Message read = read(event, List.of());

        assertThat(JSON.readTree(bytes(parts(read).get(1)))).isEqualTo(event);
    }

    @Test
    void tellsOfWhatIsNoMessage() throws IOException {
        ObjectNode event = SampleEvents.message(7);
        event.put("type", "jawort.subject.erased.v1");
        event.putObject("data").put("subjectId", new UUID(9, 1).toString()).put("rule", "erasure");

        Message read = read(event, List.of());

        assertThat(text(read)).contains("[event] jawort.subject.erased.v1", "[rule] erasure");
        assertThat(read.getHeader().getField("References")).isNull();
    }

    private static Eml.Attached attached(String type, String name, byte[] bytes) {
        return new Eml.Attached(PICTURE, type, name, () -> new ByteArrayInputStream(bytes));
    }

    private static byte[] write(ObjectNode event, List<Eml.Attached> attached) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Eml.of("autohaus-muster", event, attached).writeTo(out);
        return out.toByteArray();
    }

    private static Message read(ObjectNode event, List<Eml.Attached> attached) throws IOException {
        return parse(write(event, attached));
    }

    private static Message parse(byte[] eml) throws IOException {
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(
                MimeConfig.custom()
                        .setStrictParsing(true)
                        .setMaxHeaderLen(20_000)
                        .setMaxHeaderCount(1000)
                        .build());
        return builder.parseMessage(new ByteArrayInputStream(eml));
    }

    private static List<Entity> parts(Message message) {
        return ((Multipart) message.getBody()).getBodyParts();
    }

    private static String text(Message message) throws IOException {
        TextBody body = (TextBody) parts(message).getFirst().getBody();
        StringBuilder text = new StringBuilder();
        try (var reader = body.getReader()) {
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    private static byte[] bytes(Entity part) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(part.getBody()).isInstanceOfAny(BinaryBody.class, TextBody.class);
        ((SingleBody) part.getBody()).writeTo(out);
        return out.toByteArray();
    }

    private static String field(Message message, String name) {
        var field = message.getHeader().getField(name);
        assertThat(field).as(name).isNotNull();
        return field instanceof UnstructuredField text
                ? text.getValue()
                : org.apache.james.mime4j.codec.DecoderUtil.decodeEncodedWords(
                        org.apache.james.mime4j.util.MimeUtil.unfold(field.getBody()),
                        org.apache.james.mime4j.codec.DecodeMonitor.SILENT);
    }
}
