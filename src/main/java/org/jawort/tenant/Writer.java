package org.jawort.tenant;

import java.util.Arrays;
import java.util.Locale;

/** Who writes what is sent with an API key (FLT-7). A caller cannot say it of a message. */
public enum Writer {
    /** A person at the tenant. */
    HUMAN,
    /** A program that makes up its words itself, and tells so before it does. */
    BOT,
    /** A program that sends what was written in advance. */
    SYSTEM;

    /** The name in tenant files, events and the database. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @param wireName {@code null} for what nobody is known to have written
     */
    public static Writer of(String wireName) {
        return Arrays.stream(values())
                .filter(writer -> writer.wireName().equals(wireName))
                .findFirst()
                .orElse(SYSTEM);
    }
}
