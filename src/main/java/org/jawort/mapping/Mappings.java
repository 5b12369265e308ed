package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jawort.mapping.MappedWebhook.BadEntry;
import org.jawort.mapping.MappingFailed.Reason;

/**
 * All mappings of one mappings folder, compiled once as the files were at that time. Thread-safe.
 */
public final class Mappings {

    /** In this form nothing stands but the name of an event. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_.:-]{0,59}");

    private final MappingFiles files;
    private final OutputContract contract = new OutputContract();
    private final OutputSchema sendContract = new OutputSchema("/schema/send-output-v1.json");
    private final OutputSchema sentContract = new OutputSchema("/schema/sent-output-v1.json");
    private final Map<String, Mapping> byProvider;
    private final Map<String, Mapping> send;
    private final Map<String, Mapping> sent;
    private final OutputSchema eraseContract = new OutputSchema("/schema/erase-output-v1.json");
    private final OutputSchema erasedContract = new OutputSchema("/schema/erased-output-v1.json");
    private final Map<String, Mapping> erase;
    private final Map<String, Mapping> erased;

    /**
     * Compiles {@code <provider>/webhook.jslt} of every provider, and {@code send.jslt}, {@code
     * sent.jslt}, {@code erase.jslt} and {@code erased.jslt} where they are.
     *
     * @param root the folder that holds {@code lib}, {@code destinations} and one folder per
     *     provider
     * @throws MappingInvalid for the first file that is missing or does not compile
     */
    public Mappings(Path root) {
        this.files = new MappingFiles(root);
        Map<String, Mapping> compiled = new TreeMap<>();
        for (String provider : files.providers()) {
            compiled.put(provider, files.compile(provider + "/" + MappingFiles.ENTRY));
        }
        this.byProvider = Map.copyOf(compiled);
        this.send = compiledWhereThere(MappingFiles.SEND);
        this.sent = compiledWhereThere(MappingFiles.SENT);
        this.erase = compiledWhereThere(MappingFiles.ERASE);
        this.erased = compiledWhereThere(MappingFiles.ERASED);
    }

    private Map<String, Mapping> compiledWhereThere(String entry) {
        Map<String, Mapping> compiled = new TreeMap<>();
        for (String provider : files.providers()) {
            String file = provider + "/" + entry;
            if (files.has(file)) {
                compiled.put(provider, files.compile(file));
            }
        }
        return Map.copyOf(compiled);
    }

    /** The providers that have a mapping. */
    public Set<String> providers() {
        return byProvider.keySet();
    }

    /**
     * What happened, by the provider's mapping.
     *
     * @param webhook made by {@link WebhookDocument}
     * @throws MappingFailed if there is no mapping, it stopped, or it returned no list or an empty
     *     one
     */
    public MappedWebhook map(String provider, JsonNode webhook) {
        Mapping mapping = byProvider.get(provider);
        if (mapping == null) {
            throw new MappingFailed(Reason.NO_MAPPING, "mappings/" + MappingFiles.ENTRY);
        }
        return checked(mapping.file(), mapping.apply(webhook));
    }

    /**
     * The HTTP request for a message, or {@code {unsupported}}, as {@code send-output-v1.json} has
     * it.
     *
     * @throws MappingFailed if there is no mapping, it stopped, or it made something else
     */
    public JsonNode send(String provider, JsonNode message) {
        return single(send, provider + "/" + MappingFiles.SEND, provider, message, sendContract);
    }

    /**
     * What a provider's answer to a message means, as {@code sent-output-v1.json} has it.
     *
     * @throws MappingFailed if there is no mapping, it stopped, or it made something else
     */
    public JsonNode sent(String provider, JsonNode answer) {
        return single(sent, provider + "/" + MappingFiles.SENT, provider, answer, sentContract);
    }

    /**
     * The HTTP request that erases something at a provider, or {@code {unsupported}}, as {@code
     * erase-output-v1.json} has it.
     *
     * @throws MappingFailed if there is no mapping, it stopped, or it made something else
     */
    public JsonNode erase(String provider, JsonNode held) {
        return single(erase, provider + "/" + MappingFiles.ERASE, provider, held, eraseContract);
    }

    /**
     * What a provider's answer to such a request means, as {@code erased-output-v1.json} has it.
     *
     * @throws MappingFailed if there is no mapping, it stopped, or it made something else
     */
    public JsonNode erased(String provider, JsonNode answer) {
        return single(
                erased, provider + "/" + MappingFiles.ERASED, provider, answer, erasedContract);
    }

    private static JsonNode single(
            Map<String, Mapping> mappings,
            String file,
            String provider,
            JsonNode input,
            OutputSchema contract) {
        Mapping mapping = mappings.get(provider);
        if (mapping == null) {
            throw new MappingFailed(Reason.NO_MAPPING, "mappings/" + file);
        }
        JsonNode output = mapping.apply(input);
        contract.violation(output)
                .ifPresent(
                        where -> {
                            throw new MappingFailed(Reason.SCHEMA, file + " " + where);
                        });
        return output;
    }

    /**
     * Compiles any other mapping, such as a destination's.
     *
     * @param relativePath below the mappings folder, e.g. {@code destinations/canonical.jslt}
     * @throws MappingInvalid if it is missing, does not compile or lies outside the folder
     */
    public Mapping compile(String relativePath) {
        return files.compile(relativePath);
    }

    private MappedWebhook checked(String file, JsonNode output) {
        if (!output.isArray()) {
            throw new MappingFailed(Reason.SCHEMA, file);
        }
        if (output.isEmpty()) {
            throw new MappingFailed(Reason.EMPTY, file);
        }
        List<JsonNode> valid = new ArrayList<>(output.size());
        List<BadEntry> bad = new ArrayList<>();
        for (int i = 0; i < output.size(); i++) {
            JsonNode entry = output.get(i);
            int index = i;
            contract.violation(entry)
                    .ifPresentOrElse(
                            where -> bad.add(new BadEntry(index, Reason.SCHEMA, where)),
                            () -> {
                                if (entry.get("kind").textValue().equals("unknown")) {
                                    bad.add(unknown(index, entry.get("reason").textValue()));
                                } else {
                                    valid.add(entry);
                                }
                            });
        }
        return new MappedWebhook(valid, bad);
    }

    private static BadEntry unknown(int index, String event) {
        return new BadEntry(
                index, Reason.UNKNOWN_EVENT, WORD.matcher(event).matches() ? event : null);
    }
}
