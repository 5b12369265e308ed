package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/** A YAML file as JSON that still knows on which line each value stood. */
public final class YamlDocument {

    private final JsonNode json;
    private final Map<String, Integer> lines;

    private YamlDocument(JsonNode json, Map<String, Integer> lines) {
        this.json = json;
        this.lines = lines;
    }

    /**
     * @param scalars rewrites each string before it becomes JSON, e.g. resolves references; may
     *     throw {@link Problem}
     * @throws TenantFileInvalid for broken YAML, a key twice, or a problem with a value
     */
    public static YamlDocument parse(String file, String text, UnaryOperator<String> scalars) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(0);
        Node root;
        try {
            root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
        } catch (MarkedYAMLException broken) {
            int line = broken.getProblemMark() == null ? 0 : broken.getProblemMark().getLine() + 1;
            throw new TenantFileInvalid(file, line, "not YAML: " + broken.getProblem());
        } catch (ReaderException unprintable) {
            int character = unprintable.getCodePoint();
            String before = text.substring(0, text.indexOf(character));
            throw new TenantFileInvalid(
                    file,
                    before.split("\n", -1).length,
                    "not YAML: holds the control character U+%04X".formatted(character));
        } catch (YAMLException refused) { // of its limits
            throw new TenantFileInvalid(
                    file,
                    0,
                    refused.getMessage().contains("aliases")
                            ? "anchors are not supported"
                            : "not YAML the hub reads: " + refused.getMessage());
        }
        if (root == null) {
            throw new TenantFileInvalid(file, 0, "is empty");
        }
        Map<String, Integer> lines = new HashMap<>();
        return new YamlDocument(toJson(file, root, "", lines, scalars), lines);
    }

    public JsonNode json() {
        return json;
    }

    /** Line of a JSON pointer, or of its nearest ancestor that is there; counts from 1. */
    public int line(String pointer) {
        for (String at = pointer; ; at = at.substring(0, at.lastIndexOf('/'))) {
            Integer line = lines.get(at);
            if (line != null || at.isEmpty()) {
                return line == null ? 0 : line;
            }
        }
    }

    /** What is wrong with a single value. */
    public static final class Problem extends RuntimeException {
        Problem(String message) {
            super(message);
        }
    }

    private static JsonNode toJson(
            String file,
            Node node,
            String pointer,
            Map<String, Integer> lines,
            UnaryOperator<String> scalars) {
        lines.putIfAbsent(pointer, node.getStartMark().getLine() + 1);
        return switch (node) {
            case MappingNode mapping -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                for (NodeTuple tuple : mapping.getValue()) {
                    int line = tuple.getKeyNode().getStartMark().getLine() + 1;
                    if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                        throw new TenantFileInvalid(
                                file,
                                line,
                                "a key must be text; is a value with {, [ or ? not quoted?");
                    }
                    String key = name.getValue();
                    String at = pointer + "/" + key;
                    if (object.has(key)) {
                        throw new TenantFileInvalid(
                                file, line, "key '" + key + "' stands there twice");
                    }
                    lines.put(at, line);
                    object.set(key, toJson(file, tuple.getValueNode(), at, lines, scalars));
                }
                yield object;
            }
            case SequenceNode sequence -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                for (int i = 0; i < sequence.getValue().size(); i++) {
                    array.add(
                            toJson(
                                    file,
                                    sequence.getValue().get(i),
                                    pointer + "/" + i,
                                    lines,
                                    scalars));
                }
                yield array;
            }
            case ScalarNode scalar -> scalar(file, scalar, scalars);
            default ->
                    throw new TenantFileInvalid(
                            file, node.getStartMark().getLine() + 1, "anchors are not supported");
        };
    }

    private static JsonNode scalar(String file, ScalarNode scalar, UnaryOperator<String> scalars) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        if (scalar.isPlain() && scalar.getTag().equals(Tag.NULL)) {
            return factory.nullNode();
        }
        if (scalar.isPlain() && scalar.getTag().equals(Tag.BOOL)) {
            // YAML 1.1 reads off and no as false; the files say "off" for a purpose, so only true
            // and false are booleans.
            String value = scalar.getValue();
            return value.equals("true") || value.equals("false")
                    ? factory.booleanNode(Boolean.parseBoolean(value))
                    : factory.textNode(value);
        }
        try {
            return factory.textNode(scalars.apply(scalar.getValue()));
        } catch (Problem problem) {
            throw new TenantFileInvalid(
                    file, scalar.getStartMark().getLine() + 1, problem.getMessage());
        }
    }
}
