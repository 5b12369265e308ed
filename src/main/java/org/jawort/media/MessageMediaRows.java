package org.jawort.media;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.delivery.MessageMedia;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.springframework.jdbc.core.JdbcTemplate;

/** Media as they are stored, with what is known of their files. */
final class MessageMediaRows implements MessageMedia {

    private final JdbcTemplate jdbc;
    private final MediaLinks links;

    MessageMediaRows(JdbcTemplate jdbc, MediaLinks links) {
        this.jdbc = jdbc;
        this.links = links;
    }

    @Override
    public Map<UUID, List<Medium>> of(String tenant, Collection<UUID> messages) {
        Map<UUID, List<Medium>> media = new HashMap<>();
        if (messages.isEmpty()) {
            return media;
        }
        Bulk.query(
                jdbc,
                """
                select d.message_id, d.id, d.sealed, f.state, f.reason, f.sealed_facts
                  from unnest(?::text[], ?::uuid[]) as w(tenant, message)
                  join media d on d.tenant = w.tenant and d.message_id = w.message
                  left join media_file f on f.tenant = d.tenant and f.id = d.id order by d.message_id, d.position""",
                row ->
                        media.computeIfAbsent(row.getObject(1, UUID.class), id -> new ArrayList<>())
                                .add(
                                        new Row(
                                                tenant,
                                                row.getObject(2, UUID.class),
                                                row.getBytes(3),
                                                row.getString(4),
                                                row.getString(5),
                                                row.getBytes(6))),
                Column.of("text", messages, id -> tenant),
                Column.of("uuid", messages, id -> id));
        return media;
    }

    private final class Row implements Medium {
        private final String tenant;
        private final UUID id;
        private final byte[] sealed;
        private final String state;
        private final String reason;
        private final byte[] facts;

        Row(String tenant, UUID id, byte[] sealed, String state, String reason, byte[] facts) {
            this.tenant = tenant;
            this.id = id;
            this.sealed = sealed;
            this.state = state;
            this.reason = reason;
            this.facts = facts;
        }

        @Override
        public ObjectNode described(SubjectKey key) {
            ObjectNode described = MediaFiles.read(key.open("media", sealed));
            switch (state) {
                case null -> {} // one the hub sends, or from before it fetched any
                case "stored" -> {
                    described.setAll(MediaFiles.read(key.open("media.facts", facts)));
                    described.put("url", links.to(tenant, id));
                }
                case "waiting" -> {
                    described.put("url", links.to(tenant, id));
                    described.putObject("unavailable").put("reason", reason).put("final", false);
                }
                default ->
                        described.putObject("unavailable").put("reason", reason).put("final", true);
            }
            return described;
        }
    }
}
