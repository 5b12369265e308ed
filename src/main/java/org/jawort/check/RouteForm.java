package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Names in routes: step ids once, configurations and beans that are there. */
final class RouteForm {

    /** Options whose whole value is the name of a bean. */
    private static final Set<String> BEAN_OPTIONS =
            Set.of(
                    "ref",
                    "executorService",
                    "httpClientConfigurer",
                    "dataSourceName",
                    "onExceptionOccurredRef",
                    "policy");

    private final List<RouteFile> files;
    private final HubBeans beans;
    private final List<Finding> findings = new ArrayList<>();

    RouteForm(List<RouteFile> files, HubBeans beans) {
        this.files = files;
        this.beans = beans;
    }

    List<Finding> findings() {
        checkIds();
        checkConfigurations();
        files.forEach(this::checkBeans);
        return findings;
    }

    private void checkIds() {
        Map<String, String> first = new HashMap<>();
        for (RouteFile file : files) {
            for (RouteFile.Place place : file.all("id")) {
                if (!place.value().isTextual()) {
                    continue;
                }
                String here = file.path() + ":" + file.yaml().line(place.pointer());
                String before = first.putIfAbsent(place.value().asText(), here);
                if (before != null) {
                    findings.add(
                            file.finding(
                                    place.pointer(),
                                    "the id '" + place.value().asText() + "' stands at " + before,
                                    "give each route and step an id of its own"));
                }
            }
        }
    }

    private void checkConfigurations() {
        Set<String> known =
                files.stream()
                        .filter(file -> file.kind().equals("routeConfiguration"))
                        .map(RouteFile::id)
                        .collect(Collectors.toSet());
        for (RouteFile file : files) {
            String pointer = file.route() + "/routeConfigurationId";
            JsonNode wanted = file.yaml().root().at(pointer);
            if (wanted.isTextual() && !known.contains(wanted.asText())) {
                findings.add(
                        file.finding(
                                pointer,
                                "there is no routeConfiguration '"
                                        + wanted.asText()
                                        + "', so that the route would have no error handling",
                                "use one of "
                                        + String.join(", ", known.stream().sorted().toList())));
            }
        }
    }

    private void checkBeans(RouteFile file) {
        for (RouteFile.Place place : file.everything()) {
            if (!BEAN_OPTIONS.contains(place.key()) || !place.value().isTextual()) {
                continue;
            }
            String name = place.value().asText().replaceFirst("^#(bean:)?", "");
            if (name.contains("{{")) {
                continue;
            }
            if (!beans.has(name)) {
                findings.add(
                        file.finding(
                                place.pointer(),
                                "there is no bean '" + name + "'",
                                "use one of " + beans.names()));
            } else if (place.key().equals("ref")) {
                checkMethod(file, place.pointer(), name);
            }
        }
    }

    private void checkMethod(RouteFile file, String ref, String bean) {
        String pointer = ref.substring(0, ref.lastIndexOf('/')) + "/method";
        JsonNode method = file.yaml().root().at(pointer);
        if (!method.isTextual()) {
            return;
        }
        String name = method.asText().replaceFirst("\\(.*", "");
        if (beans.method(bean, name).isEmpty()) {
            findings.add(
                    file.finding(
                            pointer,
                            "bean '" + bean + "' has no method '" + name + "'",
                            "name one of its public methods"));
        }
    }
}
