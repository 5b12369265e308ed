package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.sending.ErasureCalls.Held;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** What providers call messages: one that went in parts has a name for each of them. */
final class ProviderNames {

    private ProviderNames() {}

    /** By how many names an account's statuses told of each message, where it is more than one. */
    static Map<UUID, Integer> told(
            JdbcTemplate jdbc, String tenant, String account, List<UUID> messages) {
        Map<UUID, Integer> told = new HashMap<>();
        if (!messages.isEmpty()) {
            Bulk.query(
                    jdbc,
                    "select message_id, count(*) from message_status where tenant = ? and account = ?"
                            + " and message_id = any(?::uuid[]) group by message_id having count(*) > 1",
                    row -> told.put(row.getObject(1, UUID.class), row.getInt(2)),
                    Column.one(tenant),
                    Column.one(account),
                    Column.of("uuid", messages, id -> id));
        }
        return told;
    }

    /**
     * A message once for each of its names, and once without a name if statuses told of more than
     * it has: they are kept as hashes, which no provider can be asked with.
     *
     * @param body of the message
     * @param told by how many names statuses told of it
     */
    static List<Held> each(Held message, JsonNode body, int told) {
        Set<String> names = new LinkedHashSet<>();
        names.add(body.path("providerMessageId").textValue());
        body.path("providerMessageIds").forEach(part -> names.add(part.textValue()));
        if (names.size() < told) {
            names.add(null);
        }
        return names.stream()
                .map(
                        name ->
                                new Held(
                                        message.subject(),
                                        message.account(),
                                        message.channel(),
                                        message.direction(),
                                        name,
                                        message.providerConversationId(),
                                        message.mediaUrl(),
                                        message.at()))
                .toList();
    }
}
