package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which fields of a document a mapping reads. The mapping runs on a copy whose objects and lists
 * note the path of every child they hand out; paths are dotted names, {@code []} standing for any
 * element of a list.
 *
 * <p>The rule: a leaf (a scalar, a null, an empty object or list) is read when the mapping took it,
 * by name, by index or by walking through its parent; a whole object or list is read, with all
 * below it, when the mapping put that very node into its output outside {@code original}. Taking an
 * object merely to look inside it reads nothing, and neither does comparing or printing it as a
 * whole.
 */
final class ReadPaths {

    private final Set<String> read = new LinkedHashSet<>();
    private boolean recording = true;

    /** A copy of the document to run the mapping on. */
    JsonNode recording(JsonNode document) {
        return copy("", document);
    }

    /** Ends the recording, and counts the nodes the output took whole. */
    void finish(JsonNode output) {
        recording = false;
        takenWhole(output);
    }

    /** The paths of all leaves of the document that were not read, each once. */
    List<String> unread(JsonNode document) {
        Set<String> leaves = new LinkedHashSet<>();
        leaves("", document, leaves);
        leaves.removeAll(read);
        return List.copyOf(leaves);
    }

    private void takenWhole(JsonNode output) {
        switch (output) {
            case RecordingObject taken -> leaves(taken.path, taken, read);
            case RecordingList taken -> leaves(taken.path, taken, read);
            case ObjectNode object ->
                    object.properties()
                            .forEach(
                                    property -> {
                                        if (!property.getKey().equals("original")) {
                                            takenWhole(property.getValue());
                                        }
                                    });
            case ArrayNode list -> list.forEach(this::takenWhole);
            default -> {}
        }
    }

    private static void leaves(String path, JsonNode node, Set<String> leaves) {
        if (node.isEmpty()) {
            leaves.add(path);
        } else if (node.isArray()) {
            node.forEach(element -> leaves(path + "[]", element, leaves));
        } else {
            node.properties()
                    .forEach(
                            property ->
                                    leaves(
                                            child(path, property.getKey()),
                                            property.getValue(),
                                            leaves));
        }
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private JsonNode copy(String path, JsonNode node) {
        if (node.isArray()) {
            List<JsonNode> elements = new ArrayList<>();
            node.forEach(element -> elements.add(copy(path + "[]", element)));
            return new RecordingList(path, elements);
        }
        if (node.isObject()) {
            Map<String, JsonNode> fields = new LinkedHashMap<>();
            node.properties()
                    .forEach(
                            property ->
                                    fields.put(
                                            property.getKey(),
                                            copy(
                                                    child(path, property.getKey()),
                                                    property.getValue())));
            return new RecordingObject(path, fields);
        }
        return node;
    }

    private JsonNode taken(String path, JsonNode child) {
        if (recording && child != null) {
            read.add(path);
        }
        return child;
    }

    private final class RecordingObject extends ObjectNode {

        private static final long serialVersionUID = 1L;
        private final transient String path;

        RecordingObject(String path, Map<String, JsonNode> fields) {
            super(JsonNodeFactory.instance, fields);
            this.path = path;
        }

        @Override
        public JsonNode get(String name) {
            return taken(child(path, name), super.get(name));
        }

        @Override
        public Iterator<JsonNode> elements() {
            return properties().stream().map(Map.Entry::getValue).iterator();
        }

        @Override
        public Iterator<Map.Entry<String, JsonNode>> fields() {
            return properties().iterator();
        }

        @Override
        public Set<Map.Entry<String, JsonNode>> properties() {
            Set<Map.Entry<String, JsonNode>> properties = new LinkedHashSet<>();
            super.properties()
                    .forEach(
                            property ->
                                    properties.add(
                                            new SimpleImmutableEntry<>(
                                                    property.getKey(),
                                                    taken(
                                                            child(path, property.getKey()),
                                                            property.getValue()))));
            return properties;
        }
    }

    private final class RecordingList extends ArrayNode {

        private static final long serialVersionUID = 1L;
        private final transient String path;

        RecordingList(String path, Collection<JsonNode> elements) {
            super(JsonNodeFactory.instance, List.copyOf(elements));
            this.path = path;
        }

        @Override
        public JsonNode get(int index) {
            return taken(path + "[]", super.get(index));
        }

        @Override
        public Iterator<JsonNode> elements() {
            Iterator<JsonNode> elements = super.elements();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return elements.hasNext();
                }

                @Override
                public JsonNode next() {
                    return taken(path + "[]", elements.next());
                }
            };
        }
    }
}
