package org.jawort.tenant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which settings of a destination are secrets. They stay with the beans that use them: what a route
 * is given stands in its description, and an endpoint's URI may be shown (C32).
 */
public final class SecretSettings {

    private static final Pattern NAME =
            Pattern.compile(
                    "(?i).*(secret|password|passphrase|token|credential|(private|client|api|access)-?key|client-?certificate|jaas).*");
    private static final Pattern PUBLIC = Pattern.compile("(?i).*(url|header|id)");
    private static final String FILE = "file:";

    private SecretSettings() {}

    /** Whether a setting of this name is a secret; {@code tokenUrl}, say, is none. */
    public static boolean named(String setting) {
        return NAME.matcher(setting).matches() && !PUBLIC.matcher(setting).matches();
    }

    /**
     * The value of a setting, empty if there is none: as it stands, or, after {@code file:}, what
     * the file holds as UTF-8 without the line break at its end.
     *
     * @throws IllegalArgumentException naming tenant file, destination and setting if there is no
     *     such file
     */
    public static Optional<Secret> value(Destination destination, String setting) {
        return bytes(destination, setting)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).stripTrailing())
                .filter(text -> !text.isEmpty())
                .map(Secret::new);
    }

    /** The same as it is, for what is no text. */
    public static Optional<byte[]> bytes(Destination destination, String setting) {
        String value = destination.settings().getOrDefault(setting, "");
        if (!value.startsWith(FILE)) {
            return value.isBlank()
                    ? Optional.empty()
                    : Optional.of(value.getBytes(StandardCharsets.UTF_8));
        }
        try {
            return Optional.of(Files.readAllBytes(Path.of(value.substring(FILE.length()))));
        } catch (IOException unreadable) {
            throw invalid(destination, setting, "cannot be read from its file");
        }
    }

    /** What is wrong with a setting, without its value. */
    public static IllegalArgumentException invalid(
            Destination destination, String setting, String problem) {
        return new IllegalArgumentException(
                "tenants/"
                        + destination.tenant()
                        + ".yaml: destination "
                        + destination.id()
                        + ": settings."
                        + setting
                        + " "
                        + problem);
    }
}
