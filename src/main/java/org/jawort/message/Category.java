package org.jawort.message;

/** What the law of books and taxes makes of a message (RET-7; HGB §257, AO §147). */
public enum Category {
    /** Prepares, concludes, performs or cancels a deal. */
    COMMERCIAL_LETTER,
    /** Supports an entry in the books, such as an invoice. */
    VOUCHER,
    /** Bound by no such law. */
    NONE,
    /** Nobody has said yet. */
    UNKNOWN
}
