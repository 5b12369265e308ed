package org.jawort.consent;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why a message is sent. The list is closed and a route or template sets it, never the caller of
 * the API (CON-4). Satisfaction surveys, review requests and greetings are {@link #MARKETING} (BGH
 * VI ZR 225/17).
 */
public enum Purpose {
    SUPPORT_REPLY,
    NOTIFICATION,
    AUTHENTICATION,
    MARKETING,
    CONSENT_PROMPT,
    PRIVACY_NOTICE,
    OPTOUT_CONFIRM,
    DSR_REPLY;

    /**
     * Empty for an unknown or absent name, which a filter answers with a denial, never with a
     * guess.
     */
    public static Optional<Purpose> of(String name) {
        return Arrays.stream(values()).filter(purpose -> purpose.name().equals(name)).findFirst();
    }

    /**
     * Purposes a person can agree to or object to; the others serve the law itself and have no
     * record of their own.
     */
    public boolean hasRecord() {
        return switch (this) {
            case SUPPORT_REPLY, NOTIFICATION, AUTHENTICATION, MARKETING -> true;
            case CONSENT_PROMPT, PRIVACY_NOTICE, OPTOUT_CONFIRM, DSR_REPLY -> false;
        };
    }

    /**
     * Sent on our own initiative: needs the platform's permission (CON-6) and a delivered notice
     * (INF-3).
     */
    boolean isProactive() {
        return this == NOTIFICATION || this == MARKETING;
    }
}
