package org.jawort.consent;

/** A right of a person about their data that the words of a message can use. */
public enum Right {
    /** GDPR Art. 15. */
    ACCESS,
    /** Art. 20. */
    PORTABILITY,
    /** Art. 16. */
    RECTIFY,
    /** Art. 17. */
    ERASE,
    /** Art. 18. */
    RESTRICT,
    /** Art. 21. */
    OBJECT;

    /** Whether it is done without taking or stopping anything. */
    boolean takesNothing() {
        return this == ACCESS || this == PORTABILITY || this == RECTIFY;
    }
}
