package org.jawort.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jawort.delivery.Attachments;

/** One of the two ways to archive in a folder: sample events, every third with a picture. */
interface Writers {

    ArchiveWriter open(Disk disk) throws IOException;

    void append(ArchiveWriter writer, long sequence, Instant now) throws IOException;

    static Writers days(Supplier<Path> folder) {
        return new Writers() {
            @Override
            public ArchiveWriter open(Disk disk) throws IOException {
                return new DayFiles(folder.get(), "autohaus-muster", "archive", disk);
            }

            @Override
            public void append(ArchiveWriter writer, long sequence, Instant now)
                    throws IOException {
                byte[] line = SampleEvents.line(sequence);
                writer.append(EventIds.of(line), file -> line, now);
            }
        };
    }

    /** Journals of five messages, or of an hour. */
    static Writers journals(Supplier<Path> folder) {
        return new Writers() {
            @Override
            public ArchiveWriter open(Disk disk) throws IOException {
                return new Journals(
                        folder.get(),
                        "autohaus-muster",
                        "archive",
                        new RollLimits(1, 5, Duration.ofHours(1)),
                        picture(),
                        disk,
                        Instant.parse("2026-11-23T10:00:00Z"));
            }

            @Override
            public void append(ArchiveWriter writer, long sequence, Instant now)
                    throws IOException {
                ((Journals) writer)
                        .append(
                                withPicture(sequence),
                                new EventIds(sequence, SampleEvents.id(sequence), null),
                                now);
            }
        };
    }

    private static Attachments picture() {
        byte[] bytes = "bytes of a picture".getBytes(StandardCharsets.UTF_8);
        return (tenant, id) ->
                Optional.of(
                        new Attachments.Attachment(
                                "image/png",
                                "bild.png",
                                bytes.length,
                                new ByteArrayInputStream(bytes)));
    }

    private static ObjectNode withPicture(long sequence) {
        ObjectNode event = SampleEvents.message(sequence);
        if (sequence % 3 == 0) {
            ObjectNode media =
                    ((ObjectNode) event.at("/data/content")).putArray("media").addObject();
            media.put("id", new UUID(5, 5).toString());
            media.put("contentType", "image/png");
        }
        return event;
    }
}
