package org.jawort.media;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.CategoryRules;
import org.jawort.tenant.CategoryRules.Classified;
import org.jawort.tenant.MessageTraits;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a message is by commercial and tax law once its bytes say of which type a file is: not every
 * provider does (RET-7). What somebody said of it meanwhile stays. Works inside the caller's
 * transaction.
 */
final class TypedMessages {

    private static final String MESSAGE =
            """
            select m.channel, m.category_rule, m.sealed_body from message m
             where m.tenant = ? and m.id = ? and m.direction = 'inbound'
               and not exists (select 1 from category_change g where g.tenant = m.tenant and g.message_id = m.id and g.source not in ('rule', 'fallback'))""";

    private static final String CLASSIFY =
            """
            with was as (
              update message m set category = ?, category_rule = ? from message old
               where m.tenant = ? and m.id = ? and old.tenant = m.tenant and old.id = m.id
              returning m.tenant, m.id, old.category)
            insert into category_change (tenant, id, message_id, previous, category, source, changed_by, changed_at)
            select tenant, ?::uuid, id, category, ?, 'rule', ?, ?::timestamptz from was where category <> ?""";

    private final JdbcTemplate jdbc;
    private final Tenants tenants;

    TypedMessages(JdbcTemplate jdbc, Tenants tenants) {
        this.jdbc = jdbc;
        this.tenants = tenants;
    }

    /**
     * Locks the message of a file that is about to be stored, if a rule asks for attachments:
     * before the file's own row, as whoever deletes the message does.
     */
    void lock(String tenant, UUID file) {
        if (rules(tenant).askForAttachments()) {
            jdbc.queryForList(
                    """
                    select 1 from message m join media_file f on f.tenant = m.tenant and f.message_id = m.id
                     where f.tenant = ? and f.id = ? for update of m""",
                    Integer.class,
                    tenant,
                    file);
        }
    }

    /** Classifies the message, locked before, of which a file was stored. */
    void classify(String tenant, UUID message, SubjectKey key, Instant now) {
        CategoryRules rules = rules(tenant);
        if (!rules.askForAttachments()) {
            return;
        }
        Bulk.query(
                        jdbc,
                        MESSAGE,
                        row ->
                                new Stored(
                                        row.getString(1),
                                        row.getString(2),
                                        MediaFiles.read(key.open("message.body", row.getBytes(3)))),
                        Column.one(tenant),
                        Column.one(message))
                .forEach(
                        stored -> {
                            Classified by =
                                    rules.classify(stored.traits(media(tenant, message, key)));
                            if (by.rule() != null && !by.rule().equals(stored.rule())) {
                                classify(tenant, message, by, now);
                            }
                        });
    }

    private CategoryRules rules(String tenant) {
        return tenants.get(tenant).retention().categories();
    }

    private record Stored(String channel, String rule, ObjectNode body) {

        MessageTraits traits(ArrayNode media) {
            ObjectNode content = body.path("content").deepCopy();
            content.set("media", media);
            return new MessageTraits(
                    "inbound", channel, null, content, body.path("clientRef").textValue());
        }
    }

    /** As providers described them, with what the bytes say where they are there. */
    private ArrayNode media(String tenant, UUID message, SubjectKey key) {
        ArrayNode media = MediaFiles.JSON.createArrayNode();
        Bulk.query(
                        jdbc,
                        """
                        select d.sealed, f.sealed_facts from media d
                          left join media_file f on f.tenant = d.tenant and f.media_id = d.id and f.state = 'stored'
                         where d.tenant = ? and d.message_id = ? order by d.position""",
                        row -> {
                            ObjectNode medium = MediaFiles.read(key.open("media", row.getBytes(1)));
                            byte[] facts = row.getBytes(2);
                            if (facts != null) {
                                medium.setAll(MediaFiles.read(key.open("media.facts", facts)));
                            }
                            return medium;
                        },
                        Column.one(tenant),
                        Column.one(message))
                .forEach(media::add);
        return media;
    }

    private void classify(String tenant, UUID message, Classified by, Instant now) {
        String category = by.category().name();
        Bulk.update(
                jdbc,
                CLASSIFY,
                Column.one(category),
                Column.one(by.rule()),
                Column.one(tenant),
                Column.one(message),
                Column.one(UuidCreator.getTimeOrderedEpoch()),
                Column.one(category),
                Column.one(by.rule()),
                Column.one(now),
                Column.one(category));
    }
}
