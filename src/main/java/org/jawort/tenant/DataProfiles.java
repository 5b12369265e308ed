package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The profiles of {@code data-profiles.yaml} and how a tenant file chooses one per destination:
 * {@code profile}, or {@code fields} as paths below {@code data}. Without either everything leaves,
 * as it did before there was a choice, and {@code ./hub check} says so.
 */
public final class DataProfiles {

    /** Each with those above it. */
    private static final Map<String, Set<String>> PROFILES = load();

    private static final DataContract METADATA =
            DataContract.ofValues("metadata", PROFILES.get("metadata"));

    private static final DataContract NO_CONTENT =
            DataContract.ofValues("no-content", PROFILES.get("no-content"));

    private DataProfiles() {}

    /**
     * The contract of a profile.
     *
     * @param name {@code full}, {@code no-content} or {@code metadata}
     */
    public static DataContract profile(String name) {
        return switch (name) {
            case "full" -> DataContract.FULL;
            case "no-content" -> NO_CONTENT;
            case "metadata" -> METADATA;
            default -> throw new IllegalArgumentException("no profile " + name);
        };
    }

    /**
     * @param destination as the tenant file has it, {@linkplain #check checked}
     */
    static DataContract of(JsonNode destination) {
        if (!destination.has("fields")) {
            return profile(destination.path("profile").asText("full"));
        }
        Set<String> fields = new LinkedHashSet<>();
        destination.get("fields").forEach(field -> fields.add(field.asText()));
        return DataContract.ofFields(fields, PROFILES.get("always"));
    }

    /**
     * @throws TenantFileInvalid for a destination with both, a field that no event has, or a route
     *     whose requests are not made of events
     */
    static void check(String file, YamlDocument document) {
        JsonNode destinations = document.json().path("destinations");
        for (int i = 0; i < destinations.size(); i++) {
            String at = "/destinations/" + i + "/fields";
            JsonNode fields = destinations.get(i).path("fields");
            if (!fields.isMissingNode() && destinations.get(i).has("profile")) {
                throw new TenantFileInvalid(
                        file, document.line(at), "has profile and fields; write one of them");
            }
            if (destinations.get(i).get("route").asText().equals("opendsr")
                    && of(destinations.get(i)) != DataContract.FULL) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/destinations/" + i),
                        "a request to erase names whom to erase; only profile: full is true of opendsr");
            }
            for (int n = 0; n < fields.size(); n++) {
                String field = fields.get(n).asText();
                if (!isKnown(field)) {
                    throw new TenantFileInvalid(
                            file,
                            document.line(at + "/" + n),
                            "no event has a field '" + field + "' in its data");
                }
                if (isOf("original", field)
                        && !Destination.isArchive(destinations.get(i).get("route").asText())) {
                    throw new TenantFileInvalid(
                            file,
                            document.line(at + "/" + n),
                            "only archives get what a provider sent word for word; '"
                                    + field
                                    + "' leaves by no other route");
                }
            }
        }
    }

    /** Every field of every schema stands under {@code full}. */
    private static boolean isKnown(String field) {
        return PROFILES.get("full").stream().anyMatch(known -> isOf(field, known));
    }

    private static boolean isOf(String field, String path) {
        return path.equals(field) || path.startsWith(field + ".");
    }

    /** Every path that stands in a profile. */
    static Set<String> paths() {
        return Set.copyOf(PROFILES.get("full"));
    }

    private static Map<String, Set<String>> load() {
        try (InputStream yaml = DataProfiles.class.getResourceAsStream("/data-profiles.yaml")) {
            Map<String, Set<String>> profiles = new LinkedHashMap<>();
            Set<String> paths = new LinkedHashSet<>();
            new YAMLMapper()
                    .readTree(yaml)
                    .properties()
                    .forEach(
                            profile -> {
                                profile.getValue().forEach(path -> paths.add(path.asText()));
                                profiles.put(profile.getKey(), new LinkedHashSet<>(paths));
                            });
            return profiles;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
