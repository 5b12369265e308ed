package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.consent.Basis;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentState;
import org.jawort.consent.InboundReason;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Outcome;
import org.jawort.consent.Purpose;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.SuppressionSource;
import org.jawort.consent.Transition;
import org.jawort.message.Channel;
import org.jawort.notice.NoticeHistory;
import org.jawort.proof.ConsentHistory;
import org.jawort.rights.AnswerPage.Language;
import org.jawort.rights.PersonalData.Section;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("DSR-4: an answer is in words that people understand")
class AnswerPageTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The columns of a statement that has sections of the copy. */
    private static final Pattern SELECTED =
            Pattern.compile("select ([a-z_., \\n]+?)\\s+from", Pattern.DOTALL);

    @ParameterizedTest
    @EnumSource
    void namesEveryFieldAnAnswerHas(Language language) throws IOException {
        Set<String> fields = new TreeSet<>();
        properties(schema("rights-answer-v1.json"), fields);
        for (String part : List.of("from", "content", "replyTo", "referral", "part", "forwarded")) {
            properties(schema("message-v1.json").at("/properties/" + part), fields);
        }
        properties(schema("message-v1.json").at("/$defs"), fields);
        Stream.of(ConsentHistory.Held.class, ConsentLedger.Entry.class, NoticeHistory.Shown.class)
                .flatMap(row -> Arrays.stream(row.getRecordComponents()))
                .forEach(component -> fields.add(component.getName()));
        fields.addAll(columns());
        fields.removeAll(
                List.of("schema", "information", "request", "controller")); // not fields of a row
        fields.removeAll(definitions());

        AnswerWords words = new AnswerWords(language);
        assertThat(fields)
                .hasSizeGreaterThan(100)
                .filteredOn(field -> words.word("field." + field).startsWith("field."))
                .filteredOn(field -> words.word("section." + field).startsWith("section."))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatEachCodeMeans(Language language) {
        AnswerWords words = new AnswerWords(language);

        Stream.of(
                        ConsentState.values(),
                        OutboundReason.values(),
                        InboundReason.values(),
                        Purpose.values(),
                        Basis.values(),
                        SuppressionScope.values(),
                        SuppressionSource.values(),
                        RequestState.values(),
                        RequestType.values(),
                        Outcome.Unchanged.Why.values(),
                        Outcome.Rejected.Why.values())
                .flatMap(Arrays::stream)
                .map(Enum::name)
                .forEach(code -> assertThat(words.value("any", code)).isNotEqualTo(code));
        Stream.of(Transition.values())
                .map(Enum::name)
                .forEach(code -> assertThat(words.value("transition", code)).isNotEqualTo(code));
        Stream.of(Channel.values())
                .map(Channel::wireName)
                .forEach(
                        name ->
                                assertThat(words.word("value.channel." + name))
                                        .doesNotStartWith("value."));
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatEachRuleOfRetentionMeans(Language language) throws IOException {
        AnswerWords words = new AnswerWords(language);
        JsonNode rules =
                new YAMLMapper()
                        .readTree(getClass().getResourceAsStream("/retention-rules.yaml"))
                        .get("rules");

        assertThat(rules).isNotEmpty();
        for (JsonNode rule : rules) {
            for (String field : List.of("dataType", "startEvent", "basis", "period")) {
                String written = rule.get(field).asText();
                assertThat(words.value(field, written)).as(field).isNotEqualTo(written);
            }
        }
    }

    @Test
    void hasTheSameWordsInBothLanguages() throws IOException {
        assertThat(keys("de")).isEqualTo(keys("en")).doesNotHaveDuplicates();
    }

    @Test
    void tellsInGermanWhatIsKeptHowLongAndWhy() throws IOException {
        ObjectNode head =
                (ObjectNode)
                        JSON.readTree(
                                """
                                { "request": { "type": "ACCESS", "receivedAt": "2026-11-24T08:00:00Z" }, "controller": { "name": "Muster GmbH" },
                                  "information": { "retention": [
                                    { "dataType": "conversation-text", "period": "P90D", "startEvent": "conversation closed", "fromEndOfYear": false,
                                      "basis": "GDPR Art. 5(1)(e)" } ] },
                                  "outcome": { "kept": [ { "dataType": "commercial-letter", "count": 1,
                                    "because": "restricted, kept until 31.12.2032 because HGB §257(1) 2-3, (4), (5); AO §147, rule commercial-letter@1; deferred: erasure of 24.11.2026" } ] } }\
                                """);
        ObjectNode message =
                (ObjectNode)
                        JSON.readTree(
                                "{ \"direction\": \"inbound\", \"consentState\": \"LI_ACTIVE\", \"content\": { \"type\": \"text\", \"text\": \"NONE <b>\" } }");

        String page =
                page(
                        Language.DE,
                        head,
                        List.of(new Section("messages", sink -> sink.accept(message))));

        assertThat(page)
                .contains("Nachrichten und Gespräche", "90 Tage", "dem Ende des Gesprächs", "nein")
                .contains("nicht länger als nötig (Art. 5 Abs. 1 Buchst. e DSGVO)")
                .contains("aufbewahrt bis 31.12.2032. Grundlage: Aufbewahrungspflicht (§ 257")
                .contains("von Ihnen", "ohne Einwilligung zulässig")
                .as("what the person wrote stays as it is")
                .contains("NONE &lt;b&gt;")
                .doesNotContain(
                        "P90D", "conversation closed", "LI_ACTIVE", "kept until", "deferred");
    }

    @ParameterizedTest
    @DisplayName("DSR-7, RET-9: of what a hold keeps the answer says which kind it is")
    @CsvSource(
            delimiter = '|',
            value = {
                "held by 1 (LEGAL, to be reviewed by 01.02.2027) | für ein laufendes rechtliches Verfahren vorerst aufbewahrt",
                "held by 1 (TAX_OPEN, to be reviewed by 01.02.2027) | aufbewahrt, solange die Steuerfestsetzung offen ist (§ 147 Abs. 3 AO)",
                "held by 1 (TAX_OPEN, to be reviewed by 01.02.2027) and 2 (LEGAL, to be reviewed by 01.02.2027); deferred: erasure of 24.11.2026"
                        + " | für ein laufendes rechtliches Verfahren vorerst aufbewahrt; aufbewahrt, solange die Steuerfestsetzung offen ist (§ 147 Abs. 3 AO)"
            })
    void saysWhichHoldKeeps(String because, String told) {
        assertThat(new AnswerWords(Language.DE).value("because", because)).isEqualTo(told);
    }

    @Test
    @DisplayName(
            "DSR-6: the page behind a link says until when and how often; one without anything, what to do")
    void tellsUntilWhenALinkIsGood() throws IOException {
        Instant until = Instant.parse("2026-12-08T08:00:00Z");
        StringWriter ready = new StringWriter();
        StringWriter gone = new StringWriter();

        DownloadPage.write(ready, Language.EN, "Muster GmbH", RequestDownloads.State.READY, until);
        DownloadPage.write(gone, Language.EN, null, RequestDownloads.State.GONE, null);

        assertThat(ready.toString())
                .contains("8 Dec 2026, 09:00:00", "ZIP", "once", "Muster GmbH", "<button>");
        assertThat(gone.toString())
                .contains("lang=\"de\"", "lang=\"en\"", "for a new one", "um einen neuen")
                .doesNotContain("{0}", "<button>");
    }

    private static String page(Language language, ObjectNode head, List<Section> sections)
            throws IOException {
        StringWriter page = new StringWriter();
        new AnswerPage(page, language).write(head, sections);
        return page.toString();
    }

    private static JsonNode schema(String name) throws IOException {
        return JSON.readTree(AnswerPageTest.class.getResourceAsStream("/schema/" + name));
    }

    private static void properties(JsonNode schema, Set<String> found) {
        if (schema.path("properties").isObject()) {
            schema.get("properties").fieldNames().forEachRemaining(found::add);
        }
        schema.forEach(part -> properties(part, found));
    }

    private static Set<String> definitions() throws IOException {
        Set<String> names = new TreeSet<>();
        schema("rights-answer-v1.json").path("$defs").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> columns() throws IOException {
        String source =
                Files.readString(Path.of("src/main/java/org/jawort/rights/PersonalData.java"));
        return SELECTED.matcher(source)
                .results()
                .flatMap(found -> Arrays.stream(found.group(1).split(",")))
                .map(column -> column.strip().replaceAll("^.*[ .\\n]", ""))
                .filter(column -> !column.startsWith("sealed") && !column.isEmpty())
                .map(AnswerPageTest::camelCase)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String camelCase(String column) {
        return Pattern.compile("_(.)")
                .matcher(column)
                .replaceAll(found -> found.group(1).toUpperCase(java.util.Locale.ROOT));
    }

    private static List<String> keys(String language) throws IOException {
        return Files.readAllLines(Path.of("src/main/resources/rights", language + ".properties"))
                .stream()
                .filter(line -> line.contains("="))
                .map(line -> line.substring(0, line.indexOf('=')))
                .sorted()
                .toList();
    }
}
