package org.jawort.objects;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.Attachments.Attachment;
import org.jawort.tenant.DataContract;
import software.amazon.awssdk.http.ContentStreamProvider;

/**
 * Puts the files of a message beside it, each an object of its own, with little of it in memory.
 * Only those its event has the hash of: of one that comes later, another event tells.
 */
final class FileObjects {

    /**
     * A file in the bucket.
     *
     * @param lockedUntil {@code null}: not locked
     */
    record Stored(
            UUID id,
            String key,
            String contentType,
            long size,
            String sha256,
            Instant lockedUntil) {}

    private final Attachments attachments;

    FileObjects(Attachments attachments) {
        this.attachments = attachments;
    }

    /**
     * In the order of the event; none that the data contract keeps back, and none that may not be
     * read any more.
     */
    List<Stored> store(
            JsonNode event,
            Bucket bucket,
            ObjectKeys keys,
            DataContract contract,
            Map<String, String> metadata,
            Instant lockedUntil) {
        List<Stored> stored = new ArrayList<>();
        if (!contract.carries("content.media.id")) {
            return stored;
        }
        for (JsonNode medium : event.at("/data/content/media")) {
            if (medium.path("sha256").isTextual()) {
                UUID id = UUID.fromString(medium.path("id").asText());
                Stored file =
                        new Stored(
                                id,
                                keys.file(event, id),
                                medium.path("contentType").asText(),
                                medium.path("size").longValue(),
                                medium.get("sha256").textValue(),
                                lockedUntil);
                if (put(event.path("tenant").asText(), file, bucket, metadata)) {
                    stored.add(file);
                }
            }
        }
        return stored;
    }

    private boolean put(String tenant, Stored file, Bucket bucket, Map<String, String> metadata) {
        try (Opened opened = new Opened(tenant, file.id())) {
            if (!opened.isThere()) {
                return false;
            }
            bucket.putFile(file, metadata, opened);
            return true;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable); // tried again
        }
    }

    /** The bytes from their beginning, as often as the client asks for them. */
    private final class Opened implements ContentStreamProvider, AutoCloseable {

        private final String tenant;
        private final UUID id;
        private Optional<Attachment> first;
        private InputStream last = InputStream.nullInputStream();

        Opened(String tenant, UUID id) throws IOException {
            this.tenant = tenant;
            this.id = id;
            this.first = attachments.open(tenant, id);
            first.ifPresent(attachment -> last = attachment.bytes());
        }

        boolean isThere() {
            return first.isPresent();
        }

        @Override
        public InputStream newStream() {
            try {
                if (first.isEmpty()) {
                    last.close();
                    last =
                            attachments
                                    .open(tenant, id)
                                    .orElseThrow(() -> new IOException("a file went meanwhile"))
                                    .bytes();
                }
                first = Optional.empty();
                return last;
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }

        @Override
        public void close() throws IOException {
            last.close();
        }
    }
}
