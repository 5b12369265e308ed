package org.jawort.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.UUID;

/** The bytes of what came with a message, where the hub has them. */
public interface Attachments {

    /** Has none. */
    Attachments NONE = (tenant, mediaId) -> Optional.empty();

    /**
     * @param contentType media type; {@code null} if not known
     * @param name of the file as the sender called it, to be trusted with nothing; {@code null} if
     *     it has none
     * @param size in bytes; -1 if not known
     * @param bytes to be closed by whoever opened it
     */
    record Attachment(String contentType, String name, long size, InputStream bytes)
            implements AutoCloseable {

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    /**
     * @return empty if the hub has none of it, or no longer
     * @throws IOException if it should be there and cannot be read now
     */
    Optional<Attachment> open(String tenant, UUID mediaId) throws IOException;
}
