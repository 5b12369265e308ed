package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which of the text files a tenant's file names under {@code texts}. */
final class TextChoice {

    private final String file;
    private final YamlDocument document;
    private final Controller controller;
    private final String language;

    /**
     * @param language every text must be there in it, since it stands in for those that are not
     */
    TextChoice(String file, YamlDocument document, Controller controller, String language) {
        this.file = file;
        this.document = document;
        this.controller = controller;
        this.language = language;
    }

    /**
     * @param all by reference
     * @throws TenantFileInvalid at the reference that cannot be used
     */
    Map<TextKind, List<TextVersion>> of(Map<String, TextVersion> all) {
        Map<TextKind, List<TextVersion>> chosen = new EnumMap<>(TextKind.class);
        for (TextKind kind : TextKind.values()) {
            String at = "/texts/" + kind.wireName();
            JsonNode named = document.json().at(at);
            List<TextVersion> versions = new ArrayList<>();
            if (named.isTextual()) {
                versions.add(version(all, kind, named.asText(), at));
            }
            for (int i = 0; named.isArray() && i < named.size(); i++) {
                versions.add(version(all, kind, named.get(i).asText(), at + "/" + i));
            }
            if (!versions.isEmpty()) {
                chosen.put(kind, List.copyOf(versions));
            }
        }
        return chosen;
    }

    /**
     * The templates that carry texts, by the text's reference.
     *
     * @throws TenantFileInvalid at a text that is not in the file
     */
    Map<String, String> templates(Map<TextKind, List<TextVersion>> chosen) {
        Map<String, String> templates = new LinkedHashMap<>();
        document.json()
                .at("/texts/templates")
                .properties()
                .forEach(
                        entry -> {
                            boolean known =
                                    chosen.values().stream()
                                            .flatMap(List::stream)
                                            .anyMatch(
                                                    text ->
                                                            text.reference()
                                                                    .equals(entry.getKey()));
                            if (!known) {
                                throw invalid(
                                        "/texts/templates/" + entry.getKey(),
                                        "this file's texts name no " + entry.getKey());
                            }
                            templates.put(entry.getKey(), entry.getValue().asText());
                        });
        return templates;
    }

    private TextVersion version(
            Map<String, TextVersion> all, TextKind kind, String path, String at) {
        TextVersion text = all.get(path.substring("texts/".length()));
        if (text == null) {
            throw invalid(at, "there is no file tenants/" + path + ".yaml");
        }
        if (text.kind() != kind) {
            throw invalid(at, path + " is a " + text.kind().wireName());
        }
        if (!text.texts().containsKey(language)) {
            throw invalid(
                    at, path + " has no text in the tenant's own language '" + language + "'");
        }
        needs(at, text, "contact", controller.contact());
        needs(at, text, "rightsUrl", controller.rightsUrl());
        return text;
    }

    private void needs(String at, TextVersion text, String placeholder, String value) {
        boolean used =
                text.texts().values().stream()
                        .anyMatch(words -> words.contains("{" + placeholder + "}"));
        if (used && value == null) {
            throw invalid(
                    at,
                    text.reference()
                            + " says {"
                            + placeholder
                            + "}, and this file has no controller."
                            + placeholder);
        }
    }

    private TenantFileInvalid invalid(String at, String problem) {
        return new TenantFileInvalid(file, document.line(at), problem);
    }
}
