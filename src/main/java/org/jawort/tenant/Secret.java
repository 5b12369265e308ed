package org.jawort.tenant;

import java.nio.charset.StandardCharsets;

/** A credential that must not appear in a log, an error or a dump (LOG-2). */
public record Secret(String value) {

    public byte[] utf8() {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
