package org.jawort.tenant;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;

/** A JSON Schema that a YAML file must meet. */
public final class FileSchema {

    private final Schema schema;

    /**
     * @param resource path of the schema
     */
    public FileSchema(String resource) {
        try (InputStream stream = FileSchema.class.getResourceAsStream(resource)) {
            schema =
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(stream);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @throws TenantFileInvalid for the first line that breaks a rule
     */
    public void check(String file, YamlDocument document) {
        List<Error> errors = schema.validate(document.json());
        errors.stream()
                .min(
                        Comparator.comparing(
                                error -> document.line(error.getInstanceLocation().toString())))
                .ifPresent(
                        error -> {
                            String at = error.getInstanceLocation().toString();
                            throw new TenantFileInvalid(
                                    file,
                                    document.line(at),
                                    (at.isEmpty() ? "" : at.substring(1) + ": ")
                                            + error.getMessage());
                        });
    }
}
