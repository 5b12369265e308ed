package org.jawort.media;

import java.util.UUID;
import org.jawort.vault.FileKey;

/**
 * A file whose bytes lie in the object store.
 *
 * @param contentType what the bytes are
 * @param size in bytes, before encryption
 * @param sha256 of the bytes, in lower-case hex
 */
record StoredFile(UUID object, FileKey key, String contentType, long size, String sha256) {}
