package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A file under {@code routes/}.
 *
 * @param path below the checked folder
 * @param kind {@code route}, {@code routeTemplate} or {@code routeConfiguration}
 * @param at JSON pointer of the one thing the file holds
 */
record RouteFile(String path, YamlTree yaml, String kind, String at) {

    /** One value in the tree, with its place. */
    record Place(String pointer, String key, JsonNode value) {}

    JsonNode body() {
        return yaml.root().at(at);
    }

    String id() {
        return body().path("id").asText("");
    }

    boolean isTemplate() {
        return kind.equals("routeTemplate");
    }

    /** Pointer of the route itself, which a template holds one level deeper. */
    String route() {
        return isTemplate() ? at + "/route" : at;
    }

    Finding finding(String pointer, String problem, String fix) {
        return new Finding(path, yaml.line(pointer), problem, fix);
    }

    /**
     * Every object under a key, at any depth, in the order of the file: {@code bean}, {@code to}.
     */
    List<Place> all(String key) {
        return everything().stream().filter(place -> place.key().equals(key)).toList();
    }

    /** Every value of the file with its key; elements of lists carry the list's key. */
    List<Place> everything() {
        List<Place> places = new ArrayList<>();
        walk(at, "", body(), places);
        return places;
    }

    private static void walk(String pointer, String key, JsonNode node, List<Place> places) {
        places.add(new Place(pointer, key, node));
        if (node.isObject()) {
            for (Iterator<Map.Entry<String, JsonNode>> it = node.fields(); it.hasNext(); ) {
                Map.Entry<String, JsonNode> field = it.next();
                String name = field.getKey().replace("~", "~0").replace("/", "~1");
                walk(pointer + "/" + name, field.getKey(), field.getValue(), places);
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                walk(pointer + "/" + i, key, node.get(i), places);
            }
        }
    }

    /** Scheme of an endpoint: {@code direct} of {@code direct:x} and of {@code direct}. */
    static String scheme(JsonNode endpoint) {
        String uri = endpoint.isTextual() ? endpoint.asText() : endpoint.path("uri").asText("");
        int colon = uri.indexOf(':');
        return colon < 0 ? uri : uri.substring(0, colon);
    }

    /** Name of a direct endpoint, from the URI or its parameters; empty if there is none. */
    static String directName(JsonNode endpoint) {
        String uri = endpoint.isTextual() ? endpoint.asText() : endpoint.path("uri").asText("");
        int colon = uri.indexOf(':');
        return colon < 0
                ? endpoint.at("/parameters/name").asText("")
                : uri.substring(colon + 1).replaceFirst("\\?.*", "");
    }
}
