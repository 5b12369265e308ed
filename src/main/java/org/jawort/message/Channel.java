package org.jawort.message;

import java.util.Locale;

/** The medium a message travels on; the company that carries it is the provider. */
public enum Channel {
    WHATSAPP,
    SMS,
    MMS,
    MESSENGER,
    INSTAGRAM,
    TELEGRAM,
    APPLE,
    VIBER,
    RCS,
    LINE,
    WEB;

    /** The name used in events, mappings and tenant files: lower case. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException if no channel has this wire name
     */
    public static Channel of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }

    /**
     * The channel a person's consent is kept for. A picture message reaches the same handset over
     * the same number as a text message, so a STOP by SMS must also end MMS.
     */
    public Channel consentChannel() {
        return this == MMS ? SMS : this;
    }
}
