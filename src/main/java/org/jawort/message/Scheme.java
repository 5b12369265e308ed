package org.jawort.message;

import java.util.Locale;

/**
 * What kind of identifier an address is. A phone number may be missing; every scheme must do as a
 * person's only address.
 */
public enum Scheme {
    PHONE,
    BSUID,
    PSID,
    IGSID,
    TELEGRAM,
    APPLE,
    VIBER,
    OPAQUE;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException if no scheme has this wire name
     */
    public static Scheme of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
