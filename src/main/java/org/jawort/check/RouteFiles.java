package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reads {@code routes/} and finds what stands there in the wrong form, file by file. */
final class RouteFiles {

    private static final String ENDING = ".camel.yaml";
    private static final List<String> KINDS =
            List.of("route", "routeTemplate", "routeConfiguration");
    private static final Schema SCHEMA = schema();

    private final List<RouteFile> files = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    RouteFiles(Path home) {
        Path folder = home.resolve("routes");
        if (!Files.isDirectory(folder)) {
            findings.add(
                    new Finding("routes", 1, "is missing", "name the folder that holds routes/"));
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                read(home.relativize(file).toString().replace('\\', '/'), file);
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The files that could be read; each holds one thing. */
    List<RouteFile> files() {
        return List.copyOf(files);
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    private void read(String path, Path file) throws IOException {
        if (!path.endsWith(ENDING)) {
            if (path.endsWith(".yaml") || path.endsWith(".yml")) {
                findings.add(new Finding(path, 1, "is not loaded", "name it <route-id>" + ENDING));
            }
            return;
        }
        YamlTree yaml;
        try {
            yaml = YamlTree.parse(Files.readString(file));
        } catch (YamlTree.Broken broken) {
            findings.add(new Finding(path, broken.line(), broken.getMessage(), "mend the syntax"));
            return;
        }
        JsonNode root = yaml.root();
        if (!root.isArray() || root.size() != 1 || root.get(0).size() != 1) {
            findings.add(
                    new Finding(
                            path,
                            root.isArray() && root.size() > 1 ? yaml.line("/1") : 1,
                            "does not hold exactly one route",
                            "give each route, template or configuration a file of its own"));
            return;
        }
        String kind = root.get(0).fieldNames().next();
        if (!KINDS.contains(kind)) {
            findings.add(
                    new Finding(
                            path,
                            yaml.line("/0"),
                            "begins with '" + kind + "'",
                            "begin with route, routeTemplate or routeConfiguration"));
            return;
        }
        RouteFile route = new RouteFile(path, yaml, kind, "/0/" + kind);
        files.add(route);
        checkSchema(route);
        checkName(route);
    }

    private void checkSchema(RouteFile route) {
        // A wrong step makes each step around it wrong as well: the deepest error is the cause.
        SCHEMA.validate(route.yaml().root()).stream()
                .max(Comparator.comparingInt(error -> error.getInstanceLocation().getNameCount()))
                .ifPresent(error -> findings.add(finding(route, error)));
    }

    private static Finding finding(RouteFile route, Error error) {
        String at = error.getInstanceLocation().toString();
        String wrong = error.getProperty();
        return route.finding(
                wrong == null ? at : at + "/" + wrong,
                "is no valid Camel YAML: "
                        + (at.isEmpty() ? "" : at.substring(at.lastIndexOf('/') + 1) + ": ")
                        + error.getMessage(),
                "see Camel's YAML DSL for what may stand here");
    }

    private void checkName(RouteFile route) {
        String name = route.path().substring(route.path().lastIndexOf('/') + 1);
        String expected = name.substring(0, name.length() - ENDING.length());
        if (!route.id().equals(expected)) {
            findings.add(
                    route.finding(
                            route.at() + "/id",
                            "has the id '" + route.id() + "'",
                            "make it '" + expected + "' as the file is named"));
        }
        if (route.body().path("description").asText("").isBlank()) {
            findings.add(
                    route.finding(
                            route.at() + "/description",
                            "has no description",
                            "say what is true afterwards"));
        }
    }

    private static Schema schema() {
        try (InputStream schema =
                RouteFiles.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
                    .getSchema(schema);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
