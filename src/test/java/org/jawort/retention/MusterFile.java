package org.jawort.retention;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;

/** The file of a tenant {@code muster} with a retention block of its own. */
final class MusterFile {

    private static final String HEAD =
            """
            tenant: muster
            name: Muster GmbH
            accounts:
              - id: wa
                provider: twilio
                channels: [{ channel: whatsapp, address: "+493023125010" }]
            """;

    /** Where {@code retention:} stands; its block begins on the next line. */
    static final int RETENTION_LINE = (int) HEAD.lines().count() + 1;

    private MusterFile() {}

    static Tenants tenants(Path home, String block) {
        try {
            Path folder = Files.createDirectories(home.resolve("tenants"));
            Files.writeString(
                    folder.resolve("muster.yaml"), HEAD + "retention:\n" + block.strip().indent(2));
            return new TenantFiles(folder, name -> null).load();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
