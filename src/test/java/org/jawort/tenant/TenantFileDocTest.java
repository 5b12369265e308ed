package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.retention.RetentionRules;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/tenant-file.md} and the schemas of tenant files speak of the same keys. */
class TenantFileDocTest {

    private static final Path PAGE = Path.of("docs", "tenant-file.md");
    private static final Path TEXTS = Path.of("tenants", "texts");

    private static final Pattern TABLE =
            Pattern.compile("^(\\|.*\\|)\\n\\|[-|]+\\|\\n((?:\\|.*\\n)+)", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("`([^`]+)`");
    private static final Pattern BRACES = Pattern.compile("\\{([^}]+)}");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\\n(.*?)```");

    /** What a file cannot do without. */
    private static final Map<String, String> NEEDED =
            Map.of(
                    "tenant", "tenant: muster\n",
                    "name", "name: Muster GmbH\n",
                    "accounts",
                            "accounts: [{ id: t, provider: twilio, channels: [{ channel: sms }] }]\n",
                    "templates",
                            "templates: [{ id: consent-prompt, purpose: CONSENT_PROMPT, languages: { de: { text: x } } }]\n",
                    "controller",
                            "controller: { contact: datenschutz@muster.example, rightsUrl: \"https://muster.example\" }\n");

    @TempDir Path home;

    private String page;

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(PAGE);
    }

    @Test
    void namesEveryKeyOfATenantFileAndNoOther() throws IOException {
        assertThat(named("Key")).isEqualTo(keys("tenant-v1.json"));
    }

    @Test
    void namesEveryKeyOfATextAndNoOther() throws IOException {
        assertThat(named("Key of a text file")).isEqualTo(keys("text-v1.json"));
    }

    @Test
    void saysWhatEachKindOfTextMustSay() {
        String table = table("Kind");

        for (TextKind kind : TextKind.values()) {
            String row = row(table, kind.wireName()).split("\\|")[2];
            assertThat(BRACES.matcher(row).results().map(found -> found.group(1)).toList())
                    .as(kind.wireName())
                    .containsExactlyInAnyOrderElementsOf(
                            kind.required(kind == TextKind.CONSENT_PROMPT));
        }
        assertThat(BRACES.matcher(table).results().map(found -> found.group(1)))
                .containsAll(TextFiles.PLACEHOLDERS);
    }

    @Test
    void namesTheCredentialsAndSettingsOfTheDemoTenant() {
        Tenant demo =
                new TenantFiles(Path.of("tenants"), name -> null).load().get("autohaus-muster");

        assertThat(
                        demo.accounts().values().stream()
                                .flatMap(
                                        account ->
                                                Stream.concat(
                                                        account.credentials().keySet().stream(),
                                                        account.settings().keySet().stream())))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }

    @Test
    void givesExamplesThatLoad() throws IOException {
        List<String> examples =
                EXAMPLE.matcher(page).results().map(found -> found.group(1)).toList();
        Path tenants = Files.createDirectories(home.resolve("tenants"));
        Files.createDirectories(tenants.resolve("texts"));
        try (Stream<Path> texts = Files.list(TEXTS)) {
            for (Path text : texts.toList()) {
                Files.copy(text, tenants.resolve("texts").resolve(text.getFileName()));
            }
        }

        assertThat(examples).hasSizeGreaterThan(8);
        for (String example : examples) {
            String file =
                    example
                            + NEEDED.entrySet().stream()
                                    .filter(one -> !("\n" + example).contains("\n" + one.getKey()))
                                    .map(Map.Entry::getValue)
                                    .collect(Collectors.joining());
            Files.writeString(tenants.resolve("muster.yaml"), file);
            assertThatCode(
                            () ->
                                    RetentionRules.check(
                                            new TenantFiles(tenants, name -> "0".repeat(64))
                                                    .load()))
                    .as(example)
                    .doesNotThrowAnyException();
        }
    }

    /** The keys in the first column of all tables that are headed so. */
    private Set<String> named(String heading) {
        return TABLE.matcher(page)
                .results()
                .filter(table -> cell(table.group(1)).equals(heading))
                .flatMap(table -> Arrays.stream(table.group(2).split("\n")))
                .flatMap(row -> WORD.matcher(cell(row)).results())
                .flatMap(key -> spelledOut(key.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String table(String heading) {
        return TABLE.matcher(page)
                .results()
                .filter(table -> cell(table.group(1)).equals(heading))
                .map(table -> table.group(2))
                .findFirst()
                .orElseThrow();
    }

    private static String row(String table, String first) {
        return Arrays.stream(table.split("\n"))
                .filter(row -> cell(row).equals("`" + first + "`"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + first));
    }

    private static String cell(String row) {
        return row.split("\\|")[1].strip();
    }

    /** {@code {a,b}.c} is {@code a.c} and {@code b.c}. */
    private static Stream<String> spelledOut(String key) {
        Matcher braces = BRACES.matcher(key);
        if (!braces.find()) {
            return Stream.of(key);
        }
        MatchResult found = braces.toMatchResult();
        return Arrays.stream(found.group(1).split(","))
                .map(one -> key.substring(0, found.start()) + one + key.substring(found.end()));
    }

    /** Every key a schema knows: {@code []} for a list's elements, {@code *} for a free name. */
    private static Set<String> keys(String schema) throws IOException {
        JsonNode root =
                new ObjectMapper()
                        .readTree(TenantFileDocTest.class.getResourceAsStream("/schema/" + schema));
        Set<String> keys = new TreeSet<>();
        collect(root, root, "", keys);
        return keys;
    }

    private static void collect(JsonNode root, JsonNode schema, String path, Set<String> keys) {
        JsonNode node = schema;
        while (node.has("$ref")) {
            node = root.at(node.get("$ref").asText().substring(1));
        }
        node.path("anyOf").forEach(one -> collect(root, one, path, keys));
        String within = path.isEmpty() ? "" : path + ".";
        node.path("properties")
                .properties()
                .forEach(
                        one -> {
                            keys.add(within + one.getKey());
                            collect(root, one.getValue(), within + one.getKey(), keys);
                        });
        if (node.path("additionalProperties").isObject()) {
            keys.add(within + "*");
            collect(root, node.get("additionalProperties"), within + "*", keys);
        }
        if (node.has("items")) {
            collect(root, node.get("items"), path + "[]", keys);
        }
    }
}
