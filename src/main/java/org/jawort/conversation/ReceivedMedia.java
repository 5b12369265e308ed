package org.jawort.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.media.MediaFiles;
import org.jawort.media.MediaFiles.Expected;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The media of messages that are being stored: in rows of their own, since they are deleted
 * earlier, with a file to fetch for each. Inside the caller's transaction.
 */
final class ReceivedMedia {

    private record Medium(
            Incoming item, UUID id, int position, byte[] sealed, boolean isSomewhere) {

        Expected file() {
            return new Expected(
                    item.tenant(), id, item.id, item.subject.id(), item.account.id(), isSomewhere);
        }
    }

    private final JdbcTemplate jdbc;
    private final ObjectMapper json;
    private final MediaFiles files;

    ReceivedMedia(JdbcTemplate jdbc, ObjectMapper json, MediaFiles files) {
        this.jdbc = jdbc;
        this.json = json;
        this.files = files;
    }

    /**
     * @return until when the deliveries of a message wait for its files, for those that have some
     */
    Map<UUID, Instant> insert(List<Incoming> messages, Instant now) {
        List<Medium> media = messages.stream().flatMap(item -> of(item).stream()).toList();
        if (media.isEmpty()) {
            return Map.of();
        }
        Bulk.update(
                jdbc,
                "insert into media (tenant, id, message_id, position, sealed, created_at)"
                        + " select * from unnest(?::text[], ?::uuid[], ?::uuid[], ?::int[], ?::bytea[], ?::timestamptz[])",
                Column.of("text", media, m -> m.item().tenant()),
                Column.of("uuid", media, Medium::id),
                Column.of("uuid", media, m -> m.item().id),
                Column.of("int4", media, Medium::position),
                Column.of("bytea", media, Medium::sealed),
                Column.of("timestamptz", media, m -> m.item().receivedAt));
        return files.expect(media.stream().map(Medium::file).toList(), now);
    }

    private List<Medium> of(Incoming item) {
        List<Medium> media = new ArrayList<>();
        for (JsonNode medium : item.entry.json().path("content").path("media")) {
            UUID id = UuidCreator.getTimeOrderedEpoch();
            ObjectNode described = json.createObjectNode().put("id", id.toString());
            described.setAll((ObjectNode) medium);
            media.add(
                    new Medium(
                            item,
                            id,
                            media.size(),
                            item.subject.key().seal("media", bytes(described)),
                            medium.has("providerUrl")));
        }
        return media;
    }

    private byte[] bytes(JsonNode node) {
        try {
            return json.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
