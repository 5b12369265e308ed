package org.jawort.rights;

/** What a person may ask for (DSR-3). */
public enum RequestType {
    /** A copy of all data and what Art. 15(1) lists. */
    ACCESS,
    /** What they provided themselves, for a machine (Art. 20). */
    PORTABILITY,
    /** Art. 16. */
    RECTIFY,
    /** Art. 17. */
    ERASE,
    /** Art. 18. */
    RESTRICT,
    /** Art. 21. */
    OBJECT,
    /** Art. 7(3). */
    WITHDRAW;

    /** Whether the answer is the person's data. */
    boolean isCopy() {
        return this == ACCESS || this == PORTABILITY;
    }

    /** Whether it touches the person as a whole, not one channel's data. */
    boolean isWhole() {
        return this == ERASE || this == RESTRICT || this == RECTIFY;
    }
}
