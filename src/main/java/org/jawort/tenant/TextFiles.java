package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads {@code tenants/texts/*.yaml}: one version of one text per file, named by both. */
final class TextFiles {

    /** What a text may leave open for the hub to fill in. */
    static final Set<String> PLACEHOLDERS =
            Set.of(
                    "controller",
                    "contact",
                    "channel",
                    "transport",
                    "yes",
                    "no",
                    "stop",
                    "human",
                    "noticeUrl",
                    "rightsUrl",
                    "link",
                    "until",
                    "reason");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final FileSchema SCHEMA = new FileSchema("/schema/text-v1.json");

    private final Path directory;

    /**
     * @param directory need not exist
     */
    TextFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * By reference, such as {@code prompt-v3}.
     *
     * @throws TenantFileInvalid naming the first file and line that cannot be used
     */
    Map<String, TextVersion> load() {
        Map<String, TextVersion> texts = new LinkedHashMap<>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".yaml")).sorted().toList()) {
                    TextVersion text = load(file);
                    texts.put(text.reference(), text);
                }
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        return texts;
    }

    private static TextVersion load(Path path) {
        String file = "tenants/texts/" + path.getFileName();
        YamlDocument document;
        try {
            document = YamlDocument.parse(file, Files.readString(path), UnaryOperator.identity());
        } catch (MalformedInputException notUtf8) {
            throw new TenantFileInvalid(file, 0, "is not UTF-8 text");
        } catch (IOException unreadable) {
            throw new TenantFileInvalid(file, 0, "cannot be read: " + unreadable.getMessage());
        }
        SCHEMA.check(file, document);
        JsonNode json = document.json();
        Map<String, String> texts = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        json.fieldNames()
                .forEachRemaining(name -> lines.put("/" + name, document.line("/" + name)));
        json.get("text")
                .properties()
                .forEach(
                        entry -> {
                            texts.put(entry.getKey(), entry.getValue().asText().strip());
                            String pointer = "/text/" + entry.getKey();
                            lines.put(pointer, document.line(pointer));
                        });
        TextVersion text =
                new TextVersion(
                        json.get("id").asText(),
                        Integer.parseInt(json.get("version").asText()),
                        TextKind.of(json.get("kind").asText()),
                        json.path("purpose").asText(null),
                        json.path("embedsNotice").asBoolean(false),
                        json.get("author").asText(),
                        json.get("approvedBy").asText(),
                        date(file, document),
                        TextVersion.Change.valueOf(
                                json.get("change").asText().toUpperCase(Locale.ROOT)),
                        json.get("noticeUrl").asText(),
                        texts,
                        new TextVersion.Place(file, lines));
        check(path, text);
        return text;
    }

    private static LocalDate date(String file, YamlDocument document) {
        String date = document.json().get("validFrom").asText();
        try {
            return LocalDate.parse(date);
        } catch (DateTimeParseException noDate) {
            throw new TenantFileInvalid(
                    file,
                    document.line("/validFrom"),
                    "'" + date + "' is no date such as 2026-12-01");
        }
    }

    private static void check(Path path, TextVersion text) {
        if (!path.getFileName().toString().equals(text.reference() + ".yaml")) {
            throw text.place()
                    .invalid(
                            "/id",
                            "version "
                                    + text.version()
                                    + " of text '"
                                    + text.id()
                                    + "' must stand in a file named "
                                    + text.reference()
                                    + ".yaml");
        }
        boolean isPrompt = text.kind() == TextKind.CONSENT_PROMPT;
        if (isPrompt != (text.purpose() != null) || text.embedsNotice() && !isPrompt) {
            throw text.place()
                    .invalid(
                            "/kind",
                            "a consentPrompt names its purpose, and only a consentPrompt has purpose"
                                    + " and embedsNotice");
        }
        text.texts()
                .forEach(
                        (language, words) -> {
                            Set<String> used = new TreeSet<>();
                            PLACEHOLDER.matcher(words).results().forEach(m -> used.add(m.group(1)));
                            String at = "/text/" + language;
                            used.stream()
                                    .filter(name -> !PLACEHOLDERS.contains(name))
                                    .findFirst()
                                    .ifPresent(
                                            name -> {
                                                throw text.place()
                                                        .invalid(
                                                                at,
                                                                "there is no placeholder {"
                                                                        + name
                                                                        + "}; use "
                                                                        + new TreeSet<>(
                                                                                PLACEHOLDERS));
                                            });
                            text.kind().required(text.embedsNotice()).stream()
                                    .filter(name -> !used.contains(name))
                                    .sorted()
                                    .findFirst()
                                    .ifPresent(
                                            name -> {
                                                throw text.place()
                                                        .invalid(
                                                                at,
                                                                "a "
                                                                        + text.kind().wireName()
                                                                        + " must say {"
                                                                        + name
                                                                        + "}");
                                            });
                        });
    }
}
