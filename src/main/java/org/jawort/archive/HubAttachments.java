package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.delivery.Attachments;

/** What the hub has of the media of an event, opened again whenever it is asked for. */
final class HubAttachments {

    private final Attachments attachments;

    HubAttachments(Attachments attachments) {
        this.attachments = attachments;
    }

    /**
     * @throws IOException if something that is there cannot be read now
     */
    List<Eml.Attached> of(String tenant, JsonNode event) throws IOException {
        List<Eml.Attached> attached = new ArrayList<>();
        for (UUID id : Eml.media(event)) {
            Optional<Attachments.Attachment> found = attachments.open(tenant, id);
            if (found.isPresent()) {
                try (Attachments.Attachment attachment = found.get()) {
                    attached.add(
                            new Eml.Attached(
                                    id,
                                    attachment.contentType(),
                                    attachment.name(),
                                    () -> open(tenant, id)));
                }
            }
        }
        return attached;
    }

    private InputStream open(String tenant, UUID id) throws IOException {
        return attachments
                .open(tenant, id)
                .orElseThrow(() -> new IOException("an attachment went meanwhile"))
                .bytes();
    }
}
