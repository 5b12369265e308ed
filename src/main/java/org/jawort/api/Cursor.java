package org.jawort.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;

/**
 * Where a page ended. Opaque to clients, and worth nothing to them beyond that: whose rows they see
 * is decided by their key alone.
 *
 * @param name the second part of the order, {@code null} where an id is enough
 */
record Cursor(UUID id, String name) {

    static Cursor of(UUID id) {
        return new Cursor(id, null);
    }

    String text() {
        String plain = id + (name == null ? "" : "/" + name);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    static Cursor parse(String text) {
        try {
            String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            int slash = plain.indexOf('/');
            String id = slash < 0 ? plain : plain.substring(0, slash);
            String name = slash < 0 ? null : plain.substring(slash + 1);
            if (Query.isId(id) && (name == null || name.matches("(send:)?[a-z0-9-]{1,63}"))) {
                return new Cursor(UUID.fromString(id), name);
            }
        } catch (IllegalArgumentException notBase64) {
            // answered below
        }
        throw new ApiProblem(Problem.INVALID_CURSOR);
    }

    /** The id, {@code null} for the first page. */
    static UUID id(Cursor cursor) {
        if (cursor != null && cursor.name() != null) {
            throw new ApiProblem(Problem.INVALID_CURSOR);
        }
        return cursor == null ? null : cursor.id();
    }
}
