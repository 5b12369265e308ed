package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** A JSON Schema that a mapping's output must pass. Thread-safe. */
final class OutputSchema {

    private final Schema schema;

    /**
     * @param resource on the class path, e.g. {@code /schema/send-output-v1.json}
     */
    OutputSchema(String resource) {
        try (InputStream text = OutputSchema.class.getResourceAsStream(resource)) {
            this.schema =
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(new ObjectMapper().readTree(text));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * The first rule an output breaks and where, without any value of it; empty if it breaks none.
     */
    Optional<String> violation(JsonNode output) {
        return schema.validate(output).stream().findFirst().map(OutputSchema::place);
    }

    static String place(Error error) {
        String place = error.getInstanceLocation() + " " + error.getKeyword();
        // A missing property is named by the schema; an unexpected one could be named by the
        // webhook.
        return "required".equals(error.getKeyword()) ? place + " " + error.getProperty() : place;
    }
}
