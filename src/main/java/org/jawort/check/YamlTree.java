package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.AnchorNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** YAML as JSON, with the line on which each JSON pointer stands. */
final class YamlTree {

    /** The text is no YAML, or has a key twice. */
    static final class Broken extends Exception {
        private final int line;

        Broken(int line, String problem) {
            super(problem);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    private final Map<String, Integer> lines = new HashMap<>();
    private final JsonNode root;

    private YamlTree(Node node) throws Broken {
        root = node == null ? JsonNodeFactory.instance.missingNode() : json(node, "");
    }

    static YamlTree parse(String text) throws Broken {
        try {
            return new YamlTree(
                    new Yaml(new SafeConstructor(new LoaderOptions()))
                            .compose(new StringReader(text)));
        } catch (MarkedYAMLException broken) {
            int line = broken.getProblemMark() == null ? 1 : broken.getProblemMark().getLine() + 1;
            throw new Broken(line, "is no YAML: " + broken.getProblem());
        } catch (YAMLException refused) {
            throw new Broken(1, "is no YAML: " + refused.getMessage());
        }
    }

    JsonNode root() {
        return root;
    }

    /** Line of a JSON pointer or of its nearest ancestor that is there, from 1. */
    int line(String pointer) {
        String at = pointer;
        while (!at.isEmpty() && !lines.containsKey(at)) {
            at = at.substring(0, at.lastIndexOf('/'));
        }
        return lines.getOrDefault(at, 1);
    }

    private JsonNode json(Node node, String pointer) throws Broken {
        lines.putIfAbsent(pointer, node.getStartMark().getLine() + 1);
        return switch (node) {
            case MappingNode mapping -> object(mapping, pointer);
            case SequenceNode sequence -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                for (int i = 0; i < sequence.getValue().size(); i++) {
                    array.add(json(sequence.getValue().get(i), pointer + "/" + i));
                }
                yield array;
            }
            case ScalarNode scalar -> value(scalar);
            case AnchorNode anchor -> json(anchor.getRealNode(), pointer);
            default -> throw new Broken(node.getStartMark().getLine() + 1, "is no plain YAML");
        };
    }

    private ObjectNode object(MappingNode mapping, String pointer) throws Broken {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (NodeTuple tuple : mapping.getValue()) {
            int line = tuple.getKeyNode().getStartMark().getLine() + 1;
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new Broken(line, "has a key that is no text");
            }
            if (object.has(key.getValue())) {
                throw new Broken(line, "has the key '" + key.getValue() + "' twice");
            }
            String at = pointer + "/" + key.getValue().replace("~", "~0").replace("/", "~1");
            lines.put(at, line);
            object.set(key.getValue(), json(tuple.getValueNode(), at));
        }
        return object;
    }

    private static JsonNode value(ScalarNode scalar) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        String text = scalar.getValue();
        if (!scalar.isPlain()) {
            return factory.textNode(text);
        }
        if (scalar.getTag().equals(Tag.NULL)) {
            return factory.nullNode();
        }
        if (text.equals("true") || text.equals("false")) {
            return factory.booleanNode(Boolean.parseBoolean(text));
        }
        if (text.matches("-?[0-9]{1,18}")) {
            return factory.numberNode(Long.parseLong(text));
        }
        if (text.matches("-?[0-9]{1,15}\\.[0-9]{1,15}")) {
            return factory.numberNode(Double.parseDouble(text));
        }
        return factory.textNode(text);
    }
}
