package org.jawort.proof;

import java.util.UUID;

/** What verifying a tenant's ledger found. */
public sealed interface LedgerVerdict {

    /**
     * Every entry is as it was written.
     *
     * @param erased entries whose commitment nobody can open any more, because their salt was
     *     erased with the person's data
     * @param anchors how many were compared
     */
    record Sound(long entries, long erased, long anchors) implements LedgerVerdict {}

    /**
     * Somebody changed the ledger.
     *
     * @param index number of the first entry that is not as it was written
     * @param entry the entry found there, {@code null} if none is
     * @param what differs, in words
     */
    record Broken(long index, UUID entry, Kind kind, String what) implements LedgerVerdict {}

    enum Kind {
        CHANGED,
        REMOVED,
        INSERTED,
        REORDERED,
        /** The end is missing. */
        CUT,
        /** Sound in itself, but not the ledger that was anchored. */
        REWRITTEN
    }
}
