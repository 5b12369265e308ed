package org.jawort.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jawort.mapping.ExampleCheck;
import org.jawort.mapping.MappingInvalid;
import org.jawort.mapping.Mappings;

/** Mappings compile, and each example comes out as its expected file says. */
final class MappingCheck {

    private final List<Finding> findings = new ArrayList<>();
    private Mappings mappings;

    MappingCheck(Path home) {
        Path root = home.resolve("mappings");
        if (!Files.isDirectory(root)) {
            findings.add(
                    new Finding(
                            "mappings", 1, "is missing", "name the folder that holds mappings/"));
            return;
        }
        try {
            mappings = new Mappings(root);
            new ExampleCheck(root)
                    .findings()
                    .forEach(
                            found ->
                                    findings.add(
                                            new Finding(
                                                    "mappings/" + found.file(),
                                                    1,
                                                    found.message(),
                                                    "")));
        } catch (MappingInvalid invalid) {
            findings.add(finding(invalid));
        }
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    int providers() {
        return mappings == null ? 0 : mappings.providers().size();
    }

    /**
     * Compiles a mapping that something refers to; what is wrong with it, empty if nothing is or
     * the mappings could not be read at all.
     */
    Optional<Finding> compile(String relativePath) {
        if (mappings == null) {
            return Optional.empty();
        }
        try {
            mappings.compile(relativePath);
            return Optional.empty();
        } catch (MappingInvalid invalid) {
            return Optional.of(finding(invalid));
        }
    }

    private static Finding finding(MappingInvalid invalid) {
        String problem = invalid.getMessage();
        int end = problem.indexOf(": ");
        return new Finding(
                "mappings/" + invalid.file(),
                Math.max(1, invalid.line()),
                end < 0 ? problem : problem.substring(end + 2),
                "");
    }
}
