package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jawort.message.Channel;
import org.jawort.tenant.Account.AccountChannel;

/**
 * One input of a mapping beside what the mapping must make of it. {@code send-<case>.json} is a
 * message to send and {@code sent-<case>.json} an answer to one, {@code erase-<case>.json}
 * something to erase and {@code erased-<case>.json} an answer to that; any other is a recorded
 * webhook: {@code <case>.form}, {@code .json} or {@code .query}, {@code <case>.expected.json}, and
 * where the account's channels matter {@code <case>.channels.json}, a list of {@code {channel,
 * address, providerChannelId}}. A line break at the end of a form or query is the editor's, not the
 * provider's.
 */
record MappingExample(String provider, Path recorded) {

    /** Which of a provider's mappings an example is for. */
    enum Kind {
        WEBHOOK(MappingFiles.ENTRY),
        SEND(MappingFiles.SEND),
        SENT(MappingFiles.SENT),
        ERASE(MappingFiles.ERASE),
        ERASED(MappingFiles.ERASED);

        private final String entry;

        Kind(String entry) {
            this.entry = entry;
        }

        /** The file the mapping begins in. */
        String entry(String provider) {
            return provider + "/" + entry;
        }
    }

    static final String EXPECTED = ".expected.json";
    private static final String CHANNELS = ".channels.json";
    private static final Instant RECEIVED_AT = Instant.parse("2026-11-23T10:11:12.345Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    static List<MappingExample> in(String provider, Path folder) {
        return MappingFiles.list(folder)
                .filter(file -> isRecorded(file.getFileName().toString()))
                .map(file -> new MappingExample(provider, file))
                .toList();
    }

    Kind kind() {
        return switch (name().substring(0, name().indexOf('-') + 1)) {
            case "send-" -> Kind.SEND;
            case "sent-" -> Kind.SENT;
            case "erase-" -> Kind.ERASE;
            case "erased-" -> Kind.ERASED;
            default -> Kind.WEBHOOK;
        };
    }

    /** What the mapping gets: a webhook as intake would hand it over, else the document itself. */
    ObjectNode input() throws IOException {
        return kind() == Kind.WEBHOOK
                ? webhook()
                : JSON.readValue(Files.readAllBytes(recorded), ObjectNode.class);
    }

    /**
     * Where in the input the fields stand that must not get lost; empty if it is all of it.
     *
     * @param input of this example
     */
    String fieldsIn(ObjectNode input) {
        return switch (kind()) {
            case WEBHOOK -> input.get("body").isNull() ? "query" : "body";
            case SEND, ERASE -> "";
            case SENT, ERASED -> "body";
        };
    }

    private static boolean isRecorded(String name) {
        return (name.endsWith(".form") || name.endsWith(".query") || name.endsWith(".json"))
                && !name.endsWith(EXPECTED)
                && !name.endsWith(CHANNELS);
    }

    /** The file's name without its ending. */
    String name() {
        String file = recorded.getFileName().toString();
        return file.substring(0, file.lastIndexOf('.'));
    }

    Path expected() {
        return recorded.resolveSibling(name() + EXPECTED);
    }

    JsonNode expectedOutput() throws IOException {
        return JSON.readTree(Files.readAllBytes(expected()));
    }

    /** The webhook as intake would hand it to the mapping; only for {@link Kind#WEBHOOK}. */
    ObjectNode webhook() throws IOException {
        byte[] bytes = Files.readAllBytes(recorded);
        String file = recorded.getFileName().toString();
        if (file.endsWith(".query")) {
            return webhook(
                    "GET",
                    null,
                    new String(bytes, StandardCharsets.UTF_8).stripTrailing(),
                    new byte[0]);
        }
        if (file.endsWith(".form")) {
            return webhook(
                    "POST", "application/x-www-form-urlencoded", null, withoutLastLineBreak(bytes));
        }
        return webhook("POST", "application/json", null, bytes);
    }

    private ObjectNode webhook(String method, String contentType, String rawQuery, byte[] body)
            throws IOException {
        return WebhookDocument.of(
                provider,
                "autohaus-muster",
                provider,
                channels(),
                method,
                contentType,
                rawQuery,
                Map.of(),
                body,
                RECEIVED_AT);
    }

    private static byte[] withoutLastLineBreak(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    private List<AccountChannel> channels() throws IOException {
        Path file = recorded.resolveSibling(name() + CHANNELS);
        List<AccountChannel> channels = new ArrayList<>();
        if (Files.exists(file)) {
            for (JsonNode channel : JSON.readTree(Files.readAllBytes(file))) {
                channels.add(
                        new AccountChannel(
                                Channel.of(channel.get("channel").asText()),
                                channel.path("address").textValue(),
                                channel.path("providerChannelId").textValue()));
            }
        }
        return channels;
    }
}
