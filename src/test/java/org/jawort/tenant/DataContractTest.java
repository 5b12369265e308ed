package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("What of an event may go to a destination")
class DataContractTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SCHEMAS = Path.of("src/main/resources/schema");

    /** Type and length of the schema of each event's data, as {@code event-v1.json} lists them. */
    private static List<Path> dataSchemas() throws Exception {
        Set<String> names = new TreeSet<>();
        JSON.readTree(SCHEMAS.resolve("event-v1.json").toFile())
                .at("/properties/type/enum")
                .forEach(
                        type -> {
                            String name = type.asText().replaceAll("^jawort\\.|\\.v1$", "");
                            names.add(
                                    name.matches("message\\.(received|sent)")
                                            ? "message"
                                            : name.replace('.', '-'));
                        });
        return names.stream().map(name -> SCHEMAS.resolve(name + "-v1.json")).toList();
    }

    /** Every value a schema describes, as a path with dots; lists of objects are passed through. */
    private static Set<String> values(Path file) throws Exception {
        JsonNode schema = JSON.readTree(file.toFile());
        Set<String> values = new TreeSet<>();
        walk(schema, schema, "", values);
        return values;
    }

    private static void walk(JsonNode root, JsonNode at, String path, Set<String> values) {
        JsonNode node = at.has("$ref") ? root.at(at.get("$ref").asText().substring(1)) : at;
        JsonNode items =
                node.path("items").has("$ref")
                        ? root.at(node.path("items").get("$ref").asText().substring(1))
                        : node.path("items");
        if (node.has("properties")) {
            node.get("properties")
                    .properties()
                    .forEach(
                            field ->
                                    walk(
                                            root,
                                            field.getValue(),
                                            path.isEmpty()
                                                    ? field.getKey()
                                                    : path + "." + field.getKey(),
                                            values));
        } else if (items.has("properties")) {
            walk(root, items, path, values);
        } else {
            values.add(path);
        }
    }

    /** An event in which every value of a schema, and one more in each object, is a canary. */
    private static ObjectNode planted(Path file) throws Exception {
        ObjectNode event = JSON.createObjectNode();
        for (String field :
                List.of("specversion", "id", "type", "source", "subject", "time", "tenant")) {
            event.put(field, "envelope-" + field);
        }
        event.put("sequence", "7");
        event.put("fieldOfTomorrow", "canary:envelope.fieldOfTomorrow");
        JsonNode schema = JSON.readTree(file.toFile());
        event.set("data", plant(schema, schema, ""));
        return event;
    }

    private static JsonNode plant(JsonNode root, JsonNode at, String path) {
        JsonNode node = at.has("$ref") ? root.at(at.get("$ref").asText().substring(1)) : at;
        if (node.has("properties")) {
            ObjectNode object = JSON.createObjectNode();
            node.get("properties")
                    .properties()
                    .forEach(
                            field ->
                                    object.set(
                                            field.getKey(),
                                            plant(
                                                    root,
                                                    field.getValue(),
                                                    (path.isEmpty() ? "" : path + ".")
                                                            + field.getKey())));
            String unknown = (path.isEmpty() ? "" : path + ".") + "fieldOfTomorrow";
            object.put("fieldOfTomorrow", "canary:" + unknown);
            object.putObject("objectOfTomorrow").put("label", "canary:" + unknown + ".label");
            return object;
        }
        if (node.has("items")) {
            return JSON.createArrayNode().add(plant(root, node.get("items"), path));
        }
        return JSON.getNodeFactory().textNode("canary:" + path);
    }

    /** The paths whose canaries are in what left. */
    private static Set<String> found(JsonNode left) {
        Set<String> found = new TreeSet<>();
        List<JsonNode> open = new ArrayList<>(List.of(left));
        while (!open.isEmpty()) {
            JsonNode node = open.removeLast();
            node.forEach(open::add);
            if (node.isTextual() && node.asText().startsWith("canary:")) {
                found.add(node.asText().substring("canary:".length()));
            }
        }
        return found;
    }

    @Test
    @DisplayName("every field of every schema is in one profile, so that a new one is decided on")
    void leavesNoFieldUndecided() throws Exception {
        Map<String, Set<String>> undecided = new TreeMap<>();
        Set<String> decided = new TreeSet<>();
        for (Path schema : dataSchemas()) {
            Set<String> values = values(schema);
            decided.addAll(values);
            values.removeAll(DataProfiles.paths());
            if (!values.isEmpty()) {
                undecided.put(schema.getFileName().toString(), values);
            }
        }

        assertThat(undecided).isEmpty();
        Set<String> ofNoSchema = new TreeSet<>(DataProfiles.paths());
        ofNoSchema.removeAll(decided);
        assertThat(ofNoSchema).as("in a profile and in no schema").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"metadata", "no-content"})
    @DisplayName("a profile lets out its own values and no other, whatever the event has")
    void letsOutTheProfileAndNothingElse(String profile) throws Exception {
        DataContract contract = DataProfiles.profile(profile);
        for (Path schema : dataSchemas()) {
            JsonNode left = contract.of(planted(schema));

            Set<String> allowed = values(schema);
            allowed.retainAll(contract.paths());
            assertThat(found(left)).as("%s of %s", profile, schema).isEqualTo(allowed);
            assertThat(left.get("sequence").asText()).isEqualTo("7");
            assertThat(left.get("subject").asText()).isEqualTo("envelope-subject");
        }
    }

    @Test
    void noWordAndNoAddressIsMetadata() throws Exception {
        Set<String> metadata =
                found(DataProfiles.profile("metadata").of(planted(schema("message"))));

        assertThat(metadata)
                .contains("messageId", "content.type", "content.media.contentType")
                .noneMatch(path -> path.matches("from.*|to\\..*|referral.*|provider.*Id|reference"))
                .noneMatch(
                        path -> path.matches("content\\.(text|media\\.name|location|contacts).*"));
        assertThat(found(DataProfiles.profile("no-content").of(planted(schema("message")))))
                .contains("from.address", "from.aliases.address", "to.name")
                .noneMatch(path -> path.matches("content\\.(text|media\\.(name|url)|button).*"))
                .noneMatch(path -> path.startsWith("referral"));
    }

    @Test
    void letsOutTheListedFieldsWithAllThatIsInThem() throws Exception {
        DataContract contract =
                DataContract.ofFields(Set.of("from.aliases", "content.text"), Set.of("messageId"));

        Set<String> left = found(contract.of(planted(schema("message"))));

        assertThat(left)
                .containsExactlyInAnyOrder(
                        "messageId",
                        "content.text",
                        "from.aliases.address",
                        "from.aliases.scheme",
                        "from.aliases.fieldOfTomorrow",
                        "from.aliases.fieldOfTomorrow.label");
    }

    @Test
    @DisplayName(
            "of a cause that is an object, a profile with the word lets out its own parts only")
    void doesNotTakeAnObjectForAValue() throws Exception {
        JsonNode left = DataProfiles.profile("metadata").of(planted(schema("consent-changed")));

        assertThat(left.at("/data/cause").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("messageId");
        JsonNode notice = DataProfiles.profile("metadata").of(planted(schema("notice-delivered")));
        assertThat(notice.at("/data/cause").asText()).isEqualTo("canary:cause");
    }

    @Test
    void fullIsTheEventItself() throws Exception {
        JsonNode event = planted(schema("message"));

        assertThat(DataContract.FULL.of(event)).isSameAs(event);
        assertThat(DataContract.FULL.carries("content.media.url")).isTrue();
    }

    @Test
    void changesNothingOfTheEventItself() throws Exception {
        JsonNode event = planted(schema("message"));
        JsonNode before = event.deepCopy();

        DataProfiles.profile("metadata").of(event);

        assertThat(event).isEqualTo(before);
    }

    @Test
    void keepsANullThatStandsForAPart() {
        ObjectNode event = JSON.createObjectNode();
        event.putObject("data").putNull("from").putNull("sentAt");

        JsonNode left = DataProfiles.profile("no-content").of(event).get("data");

        assertThat(left.get("from").isNull()).isTrue();
        assertThat(left.get("sentAt").isNull()).isTrue();
    }

    @Test
    void tellsWhetherWhatIsAttachedMayLeave() {
        assertThat(DataProfiles.profile("no-content").carries("content.media.id")).isFalse();
        assertThat(DataProfiles.profile("metadata").carries("content.media.id")).isFalse();
        assertThat(DataProfiles.profile("no-content").carries("content.media.size")).isTrue();
        assertThat(DataProfiles.profile("no-content").carries("content.media")).isFalse();
        assertThat(
                        DataContract.ofFields(Set.of("content.media"), Set.of())
                                .carries("content.media.url"))
                .isTrue();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "profile: all | 8 | does not have a value in the enumeration",
                "fields: [content.txt] | 8 | no event has a field 'content.txt'",
                "fields: ['content text'] | 8 | does not match the regex",
                "fields: [] | 8 | at least 1",
                "fields: [from, original] | 8 | only archives get what a provider sent",
                "fields: [original.text] | 8 | only archives get what a provider sent",
                "fields: [from]\\n    profile: full | 8 | write one of them"
            })
    void tellsOfAContractThatIsNone(String lines, int line, String told, @TempDir Path home)
            throws Exception {
        assertThatThrownBy(() -> load(home, "crm-webhook", lines.replace("\\n", "\n")))
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining("muster.yaml:" + line)
                .hasMessageContaining(told);
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "archive-jsonl | consumed: include | true",
                "archive-s3 | profile: full | true",
                "archive-journal | fields: [content, original] | true",
                "archive-smtp | fields: [original.sha256] | true",
                "archive-jsonl | fields: [content, from] | false",
                "archive-journal | profile: no-content | false",
                "archive-s3 | profile: metadata | false",
                "crm-webhook | profile: full | false",
                "dms-s3 | profile: full | false",
                "crm-hubspot | consumed: include | false"
            })
    @DisplayName(
            "RET-11: what the provider sent word for word goes to archives only, where the contract has it")
    void letsOriginalsOutToArchivesOnly(
            String route, String lines, boolean takes, @TempDir Path home) throws Exception {
        assertThat(load(home, route, lines).takesOriginals()).isEqualTo(takes);
    }

    @Test
    void readsTheContractOfADestination(@TempDir Path home) throws Exception {
        assertThat(load(home, "crm-webhook", "consumed: include").contract())
                .isSameAs(DataContract.FULL);
        assertThat(load(home, "crm-webhook", "profile: metadata").contract().name())
                .isEqualTo("metadata");
        assertThat(load(home, "crm-webhook", "fields: [from.address]").contract().paths())
                .contains("from.address", "messageId")
                .doesNotContain("from.name");
        assertThatThrownBy(() -> load(home, "opendsr", "profile: metadata"))
                .hasMessageContaining("names whom to erase");
    }

    @Test
    @DisplayName("events in the clear on a topic: only where somebody said so, by name")
    void refusesATopicNobodyApproved(@TempDir Path home) throws Exception {
        String good =
                "processor: data-eu\nprocessors:\n"
                        + "  - { id: data-eu, clearTextTopic: { approvedBy: Erika Muster, approvedOn: 2026-11-20 } }";

        assertThat(load(home, "kafka-topic", good).route()).isEqualTo("kafka-topic");
        for (String bad :
                List.of(
                        "consumed: include",
                        "processor: data-eu",
                        "processor: data-eu\nprocessors: [{ id: data-eu }]",
                        good.replace("processor: data-eu", "processor: other"))) {
            assertThatThrownBy(() -> load(home, "kafka-topic", bad))
                    .isInstanceOf(TenantFileInvalid.class)
                    .hasMessageContaining("muster.yaml:6: events would stand in the clear");
        }
        assertThatThrownBy(
                        () -> load(home, "kafka-topic", good.replace("2026-11-20", "2026-13-20")))
                .hasMessageContaining("muster.yaml:10: approvedOn is no day");
    }

    private static Path schema(String name) {
        return SCHEMAS.resolve(name + "-v1.json");
    }

    private static Destination load(Path home, String route, String lines) throws Exception {
        Path folder = home.resolve("tenants");
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        Files.writeString(
                folder.resolve("muster.yaml"),
                """
                tenant: muster
                name: Muster GmbH
                accounts: [{ id: wa, provider: twilio, channels: [{ channel: sms }] }]
                destinations:
                  - id: crm
                    route: %s
                    events: [message.*]
                    %s
                """
                        .formatted(route, lines));
        return new TenantFiles(folder, name -> null).load().get("muster").destinations().get("crm");
    }
}
