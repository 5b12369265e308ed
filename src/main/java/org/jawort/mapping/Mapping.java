package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.schibsted.spt.data.jslt.Expression;
import com.schibsted.spt.data.jslt.JsltException;
import org.jawort.mapping.MappingFailed.Reason;

/** One compiled JSLT file. Thread-safe. */
public final class Mapping {

    private final String file;
    private final Expression expression;

    Mapping(String file, Expression expression) {
        this.file = file;
        this.expression = expression;
    }

    /** The file below the mappings folder, e.g. {@code destinations/canonical.jslt}. */
    public String file() {
        return file;
    }

    /**
     * The mapping's output, which may share nodes with the input; a JSON null if it returned none.
     *
     * @throws MappingFailed if the mapping stopped
     */
    public JsonNode apply(JsonNode input) {
        try {
            JsonNode output = expression.apply(input);
            return output == null ? NullNode.getInstance() : output;
        } catch (JsltException stopped) {
            throw new MappingFailed(Reason.MAPPING_ERROR, place(stopped));
        } catch (RuntimeException | StackOverflowError stopped) {
            // JSLT's functions let casts and endless recursion through as they are.
            throw new MappingFailed(Reason.MAPPING_ERROR, file);
        }
    }

    private String place(JsltException stopped) {
        if (stopped.getSource() == null) {
            return file;
        }
        return stopped.getSource() + ":" + stopped.getLine() + ":" + stopped.getColumn();
    }
}
