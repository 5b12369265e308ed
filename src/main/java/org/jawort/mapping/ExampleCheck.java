package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jawort.mapping.MappingExample.Kind;

/**
 * Proves the mappings on their own examples, {@code mappings/<provider>/examples}: each gives
 * exactly what its expected file says, each field in it is read by the mapping or listed as ignored
 * in a file that ran, and no mapping file goes without an example. Findings quote the examples,
 * which hold invented data; do not run it on recorded webhooks of real people.
 */
public final class ExampleCheck {

    /**
     * Something to correct.
     *
     * @param file below the mappings folder
     */
    public record Finding(String file, String message) {}

    private static final Pattern DEFINITION =
            Pattern.compile("(?m)^\\s*def\\s+([A-Za-z_][A-Za-z0-9_-]*)\\s*\\(([^)]*)\\)");

    private static final String UNKNOWN = "unknown";

    private final MappingFiles files;
    private final Mappings mappings;

    /**
     * @param root the mappings folder
     * @throws MappingInvalid if a mapping does not compile
     */
    public ExampleCheck(Path root) {
        this.files = new MappingFiles(root);
        this.mappings = new Mappings(root);
    }

    /** All findings of all providers; empty if everything is as it should be. */
    public List<Finding> findings() {
        return files.providers().stream().flatMap(provider -> findings(provider).stream()).toList();
    }

    /** The findings of one provider. */
    public List<Finding> findings(String provider) {
        List<Finding> findings = new ArrayList<>();
        List<MappingExample> examples = MappingExample.in(provider, folder(provider));
        findings.addAll(missingPartners(provider, examples));
        Map<MappingExample, ObjectNode> inputs = readable(examples, findings);
        Map<MappingExample, List<String>> exercised = exercised(provider, inputs);
        inputs.forEach(
                (example, input) -> {
                    compare(example, input, findings);
                    unread(example, input, exercised.get(example), findings);
                });
        files.jsltFiles(provider).stream()
                .filter(file -> exercised.values().stream().noneMatch(ran -> ran.contains(file)))
                .forEach(
                        file ->
                                findings.add(
                                        new Finding(
                                                file,
                                                "no example runs this file; add one with its expected file")));
        return findings;
    }

    private Path folder(String provider) {
        return files.root().resolve(provider).resolve("examples");
    }

    private List<Finding> missingPartners(String provider, List<MappingExample> examples) {
        List<Finding> findings = new ArrayList<>();
        TreeSet<String> expected = new TreeSet<>();
        for (MappingExample example : examples) {
            if (!Files.exists(example.expected())) {
                findings.add(
                        finding(example, "has no " + example.name() + MappingExample.EXPECTED));
            }
            if (!expected.add(example.name())) {
                findings.add(
                        finding(
                                example,
                                "shares its expected file with another example of the same name"));
            }
        }
        MappingFiles.list(folder(provider))
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(MappingExample.EXPECTED))
                .filter(
                        name ->
                                !expected.contains(
                                        name.substring(
                                                0,
                                                name.length() - MappingExample.EXPECTED.length())))
                .forEach(
                        name ->
                                findings.add(
                                        new Finding(
                                                provider + "/examples/" + name,
                                                "belongs to no example (.form, .json or .query)")));
        return findings;
    }

    private static Map<MappingExample, ObjectNode> readable(
            List<MappingExample> examples, List<Finding> findings) {
        Map<MappingExample, ObjectNode> inputs = new LinkedHashMap<>();
        for (MappingExample example : examples) {
            try {
                inputs.put(example, example.input());
            } catch (IOException | WebhookUnreadable | IllegalArgumentException unreadable) {
                findings.add(finding(example, "cannot be read: " + unreadable.getMessage()));
            }
        }
        return inputs;
    }

    private void compare(MappingExample example, ObjectNode input, List<Finding> findings) {
        try {
            JsonNode actual =
                    switch (example.kind()) {
                        case WEBHOOK -> entries(example, input, findings);
                        case SEND -> mappings.send(example.provider(), input);
                        case SENT -> mappings.sent(example.provider(), input);
                        case ERASE -> mappings.erase(example.provider(), input);
                        case ERASED -> mappings.erased(example.provider(), input);
                    };
            if (Files.exists(example.expected())) {
                String difference = difference("", example.expectedOutput(), actual);
                if (difference != null) {
                    findings.add(finding(example, difference));
                }
            }
        } catch (MappingFailed failed) {
            findings.add(finding(example, "mapping failed: " + failed.getMessage()));
        } catch (IOException unreadable) {
            findings.add(finding(example, "its expected file is no JSON"));
        }
    }

    private ArrayNode entries(MappingExample example, ObjectNode input, List<Finding> findings) {
        MappedWebhook mapped = mappings.map(example.provider(), input);
        ArrayNode entries = JsonNodeFactory.instance.arrayNode().addAll(mapped.entries());
        for (MappedWebhook.BadEntry bad : mapped.bad()) {
            if (bad.reason() == MappingFailed.Reason.UNKNOWN_EVENT) {
                entries.insertObject(bad.index()).put("kind", UNKNOWN).put("reason", bad.where());
            } else {
                findings.add(
                        finding(
                                example,
                                "entry " + bad.index() + " breaks the contract: " + bad.where()));
            }
        }
        return entries;
    }

    private void unread(
            MappingExample example, ObjectNode input, List<String> ran, List<Finding> findings) {
        String part = example.fieldsIn(input);
        JsonNode fields = part.isEmpty() ? input : input.get(part);
        ReadPaths paths = new ReadPaths();
        JsonNode recording = paths.recording(fields);
        if (!part.isEmpty()) {
            ObjectNode whole = input.deepCopy();
            whole.set(part, recording);
            recording = whole;
        }
        try {
            JsonNode output =
                    files.compile(example.kind().entry(example.provider())).apply(recording);
            if (output.has("unsupported") || isUnknown(output)) {
                return; // nothing is sent, or all of it is kept: nothing is lost
            }
            paths.finish(output);
        } catch (MappingFailed failed) {
            return; // already a finding
        }
        IgnoredFields ignored = IgnoredFields.in(ran.stream().map(files::text).toList());
        paths.unread(fields).stream()
                .filter(leaf -> !leaf.isEmpty() && !ignored.cover(leaf))
                .forEach(
                        leaf ->
                                findings.add(
                                        finding(
                                                example,
                                                "field "
                                                        + leaf
                                                        + " is neither mapped nor listed as \"// ignored:\" in "
                                                        + String.join(", ", ran))));
    }

    private static boolean isUnknown(JsonNode output) {
        return !output.isEmpty()
                && output.valueStream()
                        .allMatch(entry -> entry.path("kind").asText().equals(UNKNOWN));
    }

    /**
     * Which of the provider's files each example runs through: those without which it would not
     * come to the same result. Each file in turn is put out of order, so that calling anything in
     * it is an error.
     */
    private Map<MappingExample, List<String>> exercised(
            String provider, Map<MappingExample, ObjectNode> inputs) {
        Map<MappingExample, List<String>> exercised = new LinkedHashMap<>();
        inputs.keySet()
                .forEach(
                        example ->
                                exercised.put(
                                        example,
                                        new ArrayList<>(List.of(example.kind().entry(provider)))));
        for (String file : files.jsltFiles(provider)) {
            MappingFiles broken = files.with(file, outOfOrder(files.text(file)));
            Map<Kind, Mapping> without = new EnumMap<>(Kind.class);
            inputs.forEach(
                    (example, input) -> {
                        String entry = example.kind().entry(provider);
                        if (!file.equals(entry)
                                && files.has(entry)
                                && stops(
                                        without.computeIfAbsent(
                                                example.kind(), kind -> broken.compile(entry)),
                                        input)) {
                            exercised.get(example).add(file);
                        }
                    });
        }
        return exercised;
    }

    private static boolean stops(Mapping mapping, JsonNode input) {
        try {
            mapping.apply(input);
            return false;
        } catch (MappingFailed stopped) {
            return true;
        }
    }

    private static String outOfOrder(String text) {
        StringBuilder stub = new StringBuilder();
        Matcher definitions = DEFINITION.matcher(text);
        while (definitions.find()) {
            stub.append("def ")
                    .append(definitions.group(1))
                    .append('(')
                    .append(definitions.group(2))
                    .append(") error(\"out of order\")\n");
        }
        return stub.append("error(\"out of order\")\n").toString();
    }

    /**
     * The first difference in words, {@code null} if there is none. Numbers are compared by value:
     * 5 and 5.0 are one JSON number.
     */
    private static String difference(String at, JsonNode expected, JsonNode actual) {
        if (expected.isObject() && actual.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            expected.fieldNames().forEachRemaining(names::add);
            actual.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                String difference =
                        difference(at + "/" + name, expected.path(name), actual.path(name));
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }
        if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
            for (int i = 0; i < expected.size(); i++) {
                String difference = difference(at + "/" + i, expected.get(i), actual.get(i));
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }
        boolean same =
                expected.isNumber() && actual.isNumber()
                        ? expected.decimalValue().compareTo(actual.decimalValue()) == 0
                        : expected.equals(actual);
        return same
                ? null
                : "at "
                        + (at.isEmpty() ? "/" : at)
                        + " expected "
                        + shown(expected)
                        + ", mapping gives "
                        + shown(actual);
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.toString();
    }

    private static Finding finding(MappingExample example, String message) {
        return new Finding(
                example.provider() + "/examples/" + example.recorded().getFileName(), message);
    }
}
