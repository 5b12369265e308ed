package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a company that gets personal data has them, as the tenant file declares it: nobody measures
 * it. What {@code residency} promises is held against it when the file is read (RES-4).
 *
 * @param atRest where they are stored: a country (ISO 3166) or {@code EEA}
 * @param processing where they are processed; the same unless it says otherwise
 */
public record ProcessorRegion(String atRest, String processing) {

    private static final Set<String> EEA =
            Set.of(
                    ("EEA AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK")
                            .split(" "));

    /** What is promised to people; the first is nothing. */
    static final String NOT_LIMITED = "NOT_LIMITED";

    /** Whether the promise allows it. */
    public boolean suits(String residency) {
        return switch (residency) {
            case "EU_ONLY" -> EEA.contains(atRest) && EEA.contains(processing);
            case "EU_AT_REST" -> EEA.contains(atRest);
            default -> true;
        };
    }

    /**
     * By id of the processor, those that declare it.
     *
     * @throws TenantFileInvalid at the first account or destination whose processor the tenant's
     *     promise does not allow, or does not know
     */
    static Map<String, ProcessorRegion> of(String file, YamlDocument document) {
        Map<String, ProcessorRegion> regions = new LinkedHashMap<>();
        for (JsonNode processor : document.json().path("processors")) {
            String atRest = processor.path("atRest").asText("");
            if (!atRest.isEmpty()) {
                String processing = processor.path("processing").asText(atRest);
                regions.put(processor.get("id").asText(), new ProcessorRegion(atRest, processing));
            }
        }
        String residency = document.json().path("residency").asText(NOT_LIMITED);
        if (!residency.equals(NOT_LIMITED)) {
            for (String list : List.of("accounts", "destinations")) {
                JsonNode elements = document.json().path(list);
                for (int i = 0; i < elements.size(); i++) {
                    check(file, document, "/" + list + "/" + i, residency, regions);
                }
            }
        }
        return Map.copyOf(regions);
    }

    private static void check(
            String file,
            YamlDocument document,
            String at,
            String residency,
            Map<String, ProcessorRegion> regions) {
        JsonNode processor = document.json().at(at + "/processor");
        if (!processor.isTextual()) {
            throw new TenantFileInvalid(
                    file,
                    document.line(at),
                    "residency " + residency + " needs to know who gets this: name its processor");
        }
        String line = at + "/processor";
        String id = processor.asText();
        ProcessorRegion region = regions.get(id);
        if (region == null) {
            throw new TenantFileInvalid(
                    file,
                    document.line(line),
                    "residency "
                            + residency
                            + " needs to know where this is: write processors: [{ id: "
                            + id
                            + ", atRest: … }]");
        }
        if (!region.suits(residency)) {
            throw new TenantFileInvalid(
                    file,
                    document.line(line),
                    "processor '%s' stores in %s and processes in %s, which residency %s does not allow"
                            .formatted(id, region.atRest, region.processing, residency));
        }
    }
}
