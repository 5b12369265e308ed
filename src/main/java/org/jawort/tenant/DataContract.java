package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of an event a destination may get (GDPR Art. 5(1)(c)). It is applied before the
 * destination's mapping, which so cannot give away anything else. The CloudEvents envelope, which
 * names nobody, and the fields that {@link DataProfiles} has under {@code always} stay in every
 * contract.
 */
public final class DataContract {

    /** Everything, fields that no schema knows yet included; costs nothing. */
    public static final DataContract FULL = new DataContract("full", Set.of(), null);

    /** Of CloudEvents 1.0, and the extensions that say whose event it is and which one. */
    private static final List<String> ENVELOPE =
            List.of(
                    "specversion",
                    "id",
                    "type",
                    "source",
                    "subject",
                    "time",
                    "datacontenttype",
                    "dataschema",
                    "tenant",
                    "sequence");

    private final String name;
    private final Set<String> paths;
    private final Allowed data;

    private DataContract(String name, Set<String> paths, Allowed data) {
        this.name = name;
        this.paths = paths;
        this.data = data;
    }

    /**
     * Single values: an object where one is allowed does not leave.
     *
     * @param paths below {@code data}, with dots; lists are passed through
     */
    static DataContract ofValues(String name, Set<String> paths) {
        Allowed data = new Allowed();
        paths.forEach(path -> data.at(path).value = true);
        return new DataContract(name, new TreeSet<>(paths), data);
    }

    /**
     * These fields with all that is in them, and beside them the values every contract has.
     *
     * @param always values, as {@link #ofValues} takes them
     */
    static DataContract ofFields(Set<String> fields, Set<String> always) {
        Allowed data = new Allowed();
        always.forEach(path -> data.at(path).value = true);
        fields.forEach(path -> data.at(path).whole = true);
        Set<String> paths = new TreeSet<>(always);
        paths.addAll(fields);
        return new DataContract("fields", paths, data);
    }

    /** {@code full}, {@code no-content} or {@code metadata}; {@code fields} if they are listed. */
    public String name() {
        return name;
    }

    /** What leaves, in order; empty if everything does. */
    public Set<String> paths() {
        return java.util.Collections.unmodifiableSet(paths);
    }

    /**
     * Whether a field leaves. {@code content.media.id} stands for the file: where it leaves, the
     * file may be attached.
     *
     * @param path below {@code data}
     */
    public boolean carries(String path) {
        Allowed at = at(path);
        return data == null || at != null && (at.whole || at.value);
    }

    /** Whether a field leaves, or at least something in it. */
    boolean carriesSomeOf(String path) {
        return data == null || at(path) != null;
    }

    /** What is allowed there, or wholly above it; {@code null} if nothing. */
    private Allowed at(String path) {
        Allowed at = data;
        for (String field : path.split("\\.")) {
            if (at == null || at.whole) {
                return at;
            }
            at = at.fields.get(field);
        }
        return at;
    }

    /**
     * The part of an event that may leave; the event itself if that is all of it, else a new one.
     *
     * @param event a CloudEvent; not changed
     */
    public JsonNode of(JsonNode event) {
        if (data == null) {
            return event;
        }
        ObjectNode leaves = ((ObjectNode) event).objectNode();
        for (String field : ENVELOPE) {
            JsonNode value = event.get(field);
            if (value != null && !value.isContainerNode()) {
                leaves.set(field, value);
            }
        }
        JsonNode some = data.of(event.path("data"));
        leaves.set("data", some == null ? leaves.objectNode() : some);
        return leaves;
    }

    @Override
    public String toString() {
        return "DataContract[" + name + "]";
    }

    /** A field that may leave, wholly or in parts. */
    private static final class Allowed {
        final Map<String, Allowed> fields = new LinkedHashMap<>();
        boolean value;
        boolean whole;

        Allowed at(String path) {
            Allowed at = this;
            for (String field : path.split("\\.")) {
                at = at.fields.computeIfAbsent(field, key -> new Allowed());
            }
            return at;
        }

        /** {@code null} if nothing of it may leave. */
        JsonNode of(JsonNode node) {
            if (whole) {
                return node;
            }
            return switch (node) {
                case ObjectNode object -> fields.isEmpty() ? null : some(object);
                case ArrayNode array -> {
                    ArrayNode some = array.arrayNode(array.size());
                    for (JsonNode element : array) {
                        JsonNode part = of(element);
                        if (part != null) {
                            some.add(part);
                        }
                    }
                    yield some;
                }
                default -> value || node.isNull() ? node : null;
            };
        }

        private ObjectNode some(ObjectNode object) {
            ObjectNode some = object.objectNode();
            fields.forEach(
                    (name, field) -> {
                        JsonNode node = object.get(name);
                        JsonNode part = node == null ? null : field.of(node);
                        if (part != null) {
                            some.set(name, part);
                        }
                    });
            return some;
        }
    }
}
