package org.jawort.media;

import java.util.UUID;

/**
 * Where ciphertext lies: objects under random ids, each a row of pieces. Nothing here knows what it
 * holds. Each call is a transaction of its own, or joins its caller's.
 */
interface PieceStore {

    /** Stores a piece; a piece of that place is replaced. */
    void put(String tenant, UUID object, int position, byte[] bytes);

    /** A piece, {@code null} if the object has none at this place. */
    byte[] get(String tenant, UUID object, int position);

    /**
     * Deletes all pieces of an object and looks whether any is left.
     *
     * @return whether none is; true as well if there never was one
     */
    boolean delete(String tenant, UUID object);
}
