package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jawort.mapping.MappedWebhook.BadEntry;
import org.jawort.mapping.MappingFailed.Reason;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String IGNORED = "{ \"kind\": \"ignored\", \"reason\": \"test\" }";

    @TempDir Path root;

    @Test
    void keepsTheValidEntriesOfAWebhookWithABadOne() throws IOException {
        write(
                "acme/webhook.jslt",
                "["
                        + IGNORED
                        + ", { \"kind\": \"message\", \"eventId\": .body.id }, { \"kind\": \"news\" }]");

        MappedWebhook mapped =
                new Mappings(root).map("acme", JSON.readTree("{\"body\":{\"id\":\"geheim\"}}"));

        assertThat(mapped.entries())
                .extracting(JsonNode::toString)
                .containsExactly("{\"kind\":\"ignored\",\"reason\":\"test\"}");
        assertThat(mapped.bad())
                .containsExactly(
                        new BadEntry(1, Reason.SCHEMA, " required channel"),
                        new BadEntry(2, Reason.SCHEMA, "/kind enum"));
    }

    @Test
    @DisplayName("an event a mapping does not know is kept apart under the provider's word for it")
    void keepsApartWhatAMappingDoesNotKnow() throws IOException {
        write(
                "acme/webhook.jslt",
                "import \"lib/unknown.jslt\" as unknown\n"
                        + "flatten([[{ \"kind\": \"unknown\" }], [for (.body) unknown:event(.)], unknown:channel(\"kakao\")])");
        for (String file : List.of("lib/unknown.jslt", "lib/reason.jslt")) {
            write(file, Files.readString(Path.of("mappings", file)));
        }

        MappedWebhook mapped =
                new Mappings(root)
                        .map(
                                "acme",
                                JSON.readTree(
                                        "{\"body\":[\"sms.received\",\"+4915100000012\",\"4915100000012\",\"von Erika\"]}"));

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad())
                .containsExactly(
                        new BadEntry(0, Reason.SCHEMA, " required reason"),
                        new BadEntry(1, Reason.UNKNOWN_EVENT, "sms.received"),
                        new BadEntry(2, Reason.UNKNOWN_EVENT, null),
                        new BadEntry(3, Reason.UNKNOWN_EVENT, null),
                        new BadEntry(4, Reason.UNKNOWN_EVENT, null),
                        new BadEntry(5, Reason.UNKNOWN_EVENT, "channel:kakao"));
    }

    @Test
    void refusesATimeThatIsNone() throws IOException {
        write(
                "acme/webhook.jslt",
                "[{ \"kind\": \"status\", \"eventId\": \"1\", \"providerMessageId\": \"1\", \"status\": \"sent\", \"occurredAt\": \"gestern\" }]");

        MappedWebhook mapped = new Mappings(root).map("acme", JSON.createObjectNode());

        assertThat(mapped.bad())
                .containsExactly(new BadEntry(0, Reason.SCHEMA, "/occurredAt format"));
    }

    @Test
    void callsAnEmptyListAFault() throws IOException {
        write("acme/webhook.jslt", "[]");

        assertThat(failure("acme").reason()).isEqualTo(Reason.EMPTY);
    }

    @Test
    void callsAnythingButAListAFault() throws IOException {
        write("acme/webhook.jslt", IGNORED);

        assertThat(failure("acme").reason()).isEqualTo(Reason.SCHEMA);
    }

    @Test
    void callsAProviderWithoutMappingAFault() {
        assertThat(failure("unheard-of").reason()).isEqualTo(Reason.NO_MAPPING);
    }

    @Test
    @DisplayName("LOG-1: says where a mapping stopped, and nothing of the value that stopped it")
    void saysWhereAMappingStoppedButNotWhy() throws IOException {
        write("acme/webhook.jslt", "\n\n[for (.body) .]");
        JsonNode webhook = JSON.readTree("{\"body\":\"geheim\"}");

        MappingFailed failed =
                catchThrowableOfType(
                        MappingFailed.class, () -> new Mappings(root).map("acme", webhook));

        assertThat(failed).hasMessage("MAPPING_ERROR at acme/webhook.jslt:3:1").hasNoCause();
        assertThat(failed.reason()).isEqualTo(Reason.MAPPING_ERROR);
    }

    @Test
    void survivesAMappingThatCallsItselfForEver() throws IOException {
        write("acme/webhook.jslt", "def again(x) again($x + 1)\n\nagain(1)");

        assertThat(failure("acme").reason()).isEqualTo(Reason.MAPPING_ERROR);
    }

    @Test
    void findsImportsFromTheMappingsFolderOn() throws IOException {
        write("lib/words.jslt", "def reason() \"test\"");
        write(
                "acme/part.jslt",
                "import \"lib/words.jslt\" as words\n{ \"kind\": \"ignored\", \"reason\": words:reason() }");
        write("acme/webhook.jslt", "import \"acme/part.jslt\" as part\n[part(.)]");

        MappedWebhook mapped = new Mappings(root).map("acme", JSON.createObjectNode());

        assertThat(mapped.entries()).hasSize(1);
    }

    @Test
    void namesFileAndPlaceOfAMistake() throws IOException {
        write("acme/webhook.jslt", "[\n  { \"kind\" \"ignored\" }\n]");

        MappingInvalid invalid =
                catchThrowableOfType(MappingInvalid.class, () -> new Mappings(root));

        assertThat(invalid.file()).isEqualTo("acme/webhook.jslt");
        assertThat(invalid.line()).isEqualTo(2);
        assertThat(invalid).hasMessageStartingWith("mappings/acme/webhook.jslt:2:");
    }

    @Test
    void namesTheImportedFileThatIsWrong() throws IOException {
        write("lib/words.jslt", "def reason( \"test\"");
        write("acme/webhook.jslt", "import \"lib/words.jslt\" as words\n[words:reason()]");

        MappingInvalid invalid =
                catchThrowableOfType(MappingInvalid.class, () -> new Mappings(root));

        assertThat(invalid.file()).isEqualTo("lib/words.jslt");
    }

    @Test
    void readsNothingOutsideTheMappingsFolder() throws IOException {
        write("acme/webhook.jslt", "import \"../outside.jslt\" as outside\n[outside(.)]");

        assertThatThrownBy(() -> new Mappings(root))
                .isInstanceOf(MappingInvalid.class)
                .hasMessageContaining("inside the mappings folder");
    }

    @Test
    void wantsAnEntryFileOfEveryProvider() throws IOException {
        write("acme/message.jslt", ".");

        assertThatThrownBy(() -> new Mappings(root))
                .isInstanceOf(MappingInvalid.class)
                .hasMessageContaining("acme/webhook.jslt");
    }

    @Test
    void givesAnEventUnchangedToACanonicalDestination() throws IOException {
        JsonNode event =
                JSON.readTree(
                        "{\"id\":\"1\",\"data\":{\"sentAt\":null,\"media\":[],\"text\":\"\"}}");

        JsonNode output =
                new Mappings(Path.of("mappings"))
                        .compile("destinations/canonical.jslt")
                        .apply(event);

        assertThat(output).isEqualTo(event);
    }

    @Test
    void mapsManyWebhooksAtATime() throws Exception {
        write("acme/webhook.jslt", "[{ \"kind\": \"ignored\", \"reason\": \"number \" + .body }]");
        Mappings mappings = new Mappings(root);
        Callable<Boolean> thousand =
                () ->
                        IntStream.range(0, 1_000)
                                .allMatch(
                                        n ->
                                                mappings.map(
                                                                "acme",
                                                                JSON.createObjectNode()
                                                                        .put("body", n))
                                                        .entries()
                                                        .getFirst()
                                                        .get("reason")
                                                        .asText()
                                                        .equals("number " + n));

        try (var threads = Executors.newFixedThreadPool(4)) {
            var results = threads.invokeAll(Collections.nCopies(4, thousand));

            for (var result : results) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    private MappingFailed failure(String provider) {
        return catchThrowableOfType(
                MappingFailed.class,
                () -> new Mappings(root).map(provider, JSON.createObjectNode().put("body", "x")));
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
