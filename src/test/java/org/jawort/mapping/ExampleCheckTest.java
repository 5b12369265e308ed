package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jawort.mapping.ExampleCheck.Finding;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleCheckTest {

    private static final String EXPECTED = "[{ \"kind\": \"ignored\", \"reason\": \"a\" }]";

    private static final String SEND =
            "{ \"method\": \"POST\", \"path\": \"/messages\", \"contentType\": \"json\","
                    + " \"body\": { \"to\": .to, \"text\": .content.text } }";

    @TempDir Path root;

    @BeforeEach
    void aProviderWithOneExample() throws IOException {
        write("acme/webhook.jslt", "[{ \"kind\": \"ignored\", \"reason\": .body.why }]");
        write("acme/examples/one.json", "{\"why\":\"a\"}");
        write("acme/examples/one.expected.json", EXPECTED);
    }

    @Test
    void findsNothingWhereEverythingFits() {
        assertThat(findings()).isEmpty();
    }

    @Test
    void findsADifferenceAndSaysWhere() throws IOException {
        write("acme/examples/one.expected.json", EXPECTED.replace("\"a\"", "\"b\""));

        assertThat(findings())
                .containsExactly(
                        new Finding(
                                "acme/examples/one.json",
                                "at /0/reason expected \"b\", mapping gives \"a\""));
    }

    @Test
    void findsAnEntryTheExpectedFileDoesNotKnow() throws IOException {
        write(
                "acme/webhook.jslt",
                "let entry = { \"kind\": \"ignored\", \"reason\": .body.why }\nif (true) [$entry, $entry] else []");

        assertThat(findings()).hasSize(1);
    }

    @Test
    void findsAnEntryThatBreaksTheContract() throws IOException {
        write(
                "acme/webhook.jslt",
                "[{ \"kind\": \"ignored\", \"reason\": .body.why, \"extra\": 1 }]");

        assertThat(findings())
                .contains(
                        new Finding(
                                "acme/examples/one.json",
                                "entry 0 breaks the contract:  additionalProperties"));
    }

    @Test
    void findsAnExampleWithoutExpectedFileAndTheOtherWayRound() throws IOException {
        write("acme/examples/two.form", "why=a");
        write("acme/examples/three.expected.json", EXPECTED);

        assertThat(findings())
                .extracting(Finding::file)
                .containsExactly("acme/examples/two.form", "acme/examples/three.expected.json");
    }

    @Test
    void findsAProviderWithoutExamples() throws IOException {
        Files.delete(root.resolve("acme/examples/one.json"));
        Files.delete(root.resolve("acme/examples/one.expected.json"));

        assertThat(findings()).extracting(Finding::file).containsExactly("acme/webhook.jslt");
    }

    @Test
    void findsAFileNoExampleRuns() throws IOException {
        write("acme/other.jslt", "def why(x) $x\nnull");
        write(
                "acme/webhook.jslt",
                "import \"acme/other.jslt\" as other\n[{ \"kind\": \"ignored\", \"reason\": if (.body.odd) other:why(.) else .body.why }]");

        assertThat(findings())
                .containsExactly(
                        new Finding(
                                "acme/other.jslt",
                                "no example runs this file; add one with its expected file"));
    }

    @Test
    void findsAFieldNeitherMappedNorIgnored() throws IOException {
        write(
                "acme/examples/one.json",
                "{\"why\":\"a\",\"list\":[{\"id\":1},{\"more\":null}],\"deep\":{\"empty\":{}}}");

        assertThat(findings())
                .extracting(Finding::message)
                .allMatch(message -> message.contains("neither mapped nor listed"));
        assertThat(findings())
                .extracting(finding -> finding.message().split(" ")[1])
                .containsExactly("list[].id", "list[].more", "deep.empty");
    }

    @Test
    void acceptsIgnoredFieldsOfAFileThatRan() throws IOException {
        write(
                "acme/examples/one.json",
                "{\"why\":\"a\",\"list\":[{\"id\":1},{\"more\":null}],\"deep\":{\"empty\":{}}}");
        write(
                "acme/webhook.jslt",
                "// ignored: list[].id, deep.*\n// ignored: list[].more\n[{ \"kind\": \"ignored\", \"reason\": .body.why }]");

        assertThat(findings()).isEmpty();
    }

    @Test
    void doesNotAcceptIgnoredFieldsOfAFileThatDidNotRun() throws IOException {
        write("acme/examples/one.json", "{\"why\":\"a\",\"extra\":1}");
        write(
                "acme/other.jslt",
                "// ignored: extra\n[{ \"kind\": \"ignored\", \"reason\": .body.odd }]");
        write(
                "acme/webhook.jslt",
                "import \"acme/other.jslt\" as other\nif (.body.odd) other(.) else [{ \"kind\": \"ignored\", \"reason\": .body.why }]");
        write("acme/examples/odd.json", "{\"odd\":\"a\",\"extra\":1}");
        write("acme/examples/odd.expected.json", EXPECTED);

        assertThat(findings()).extracting(Finding::file).containsExactly("acme/examples/one.json");
    }

    @Test
    void countsASubtreeTakenWholeAsMappedUnlessItIsTheOriginal() throws IOException {
        write("acme/examples/one.json", "{\"sid\":{\"accountSid\":\"AC\"},\"why\":\"a\"}");
        write(
                "acme/examples/one.expected.json",
                EXPECTED.replace("[{", "[{ \"account\": { \"accountSid\": \"AC\" },"));
        write(
                "acme/webhook.jslt",
                "[{ \"kind\": \"ignored\", \"reason\": .body.why, \"account\": .body.sid }]");
        List<Finding> taken = findings();

        write(
                "acme/webhook.jslt",
                "[{ \"kind\": \"ignored\", \"reason\": .body.why, \"original\": .body }]");
        List<Finding> original = findings();

        assertThat(taken).isEmpty();
        assertThat(original)
                .extracting(Finding::message)
                .anyMatch(message -> message.startsWith("field sid.accountSid is neither"));
    }

    @Test
    void checksTheFieldsOfAQueryLikeThoseOfABody() throws IOException {
        write(
                "acme/webhook.jslt",
                "[{ \"kind\": \"ignored\", \"reason\": fallback(.body.why, .query.why) }]");
        write("acme/examples/two.query", "why=a&extra=1\n");
        write("acme/examples/two.expected.json", EXPECTED);

        assertThat(findings())
                .extracting(finding -> finding.message().split(" ")[1])
                .containsExactly("extra");
    }

    @Test
    void provesSendMappingsOnTheirExamplesToo() throws IOException {
        aSendMapping();

        assertThat(findings()).isEmpty();
    }

    @Test
    void findsASendMappingWithoutExample() throws IOException {
        write("acme/send.jslt", SEND);
        write("acme/sent.jslt", "{ \"outcome\": \"accepted\", \"status\": \"queued\" }");

        assertThat(findings())
                .extracting(Finding::file)
                .containsExactlyInAnyOrder("acme/send.jslt", "acme/sent.jslt");
    }

    @Test
    void findsAFieldOfAMessageThatWouldNotBeSent() throws IOException {
        aSendMapping();
        write(
                "acme/examples/send-text.json",
                "{\"to\":\"1\",\"content\":{\"text\":\"a\",\"media\":[{\"url\":\"u\"}]}}");

        assertThat(findings())
                .extracting(finding -> finding.message().split(" ")[1])
                .containsExactly("content.media[].url");
    }

    @Test
    void findsARequestThatBreaksTheContract() throws IOException {
        aSendMapping();
        write("acme/send.jslt", SEND.replace("\"/messages\"", "\"/../\" + .to"));

        assertThat(findings())
                .extracting(Finding::message)
                .anyMatch(message -> message.contains("SCHEMA at acme/send.jslt /path pattern"));
    }

    @Test
    void asksForNothingOfAMessageThatIsNotSent() throws IOException {
        aSendMapping();
        write("acme/examples/send-fax.json", "{\"content\":{\"fax\":\"a\"}}");
        write("acme/examples/send-fax.expected.json", "{\"unsupported\":\"fax\"}");
        write("acme/send.jslt", "if (.content.fax) { \"unsupported\": \"fax\" } else " + SEND);

        assertThat(findings()).isEmpty();
    }

    private void aSendMapping() throws IOException {
        write("acme/send.jslt", SEND);
        write("acme/examples/send-text.json", "{\"to\":\"1\",\"content\":{\"text\":\"a\"}}");
        write(
                "acme/examples/send-text.expected.json",
                "{\"method\":\"POST\",\"path\":\"/messages\",\"contentType\":\"json\",\"body\":{\"to\":\"1\",\"text\":\"a\"}}");
    }

    private List<Finding> findings() {
        return new ExampleCheck(root).findings();
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
