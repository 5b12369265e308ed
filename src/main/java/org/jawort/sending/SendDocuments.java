package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Account;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.tenant.Template;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Makes of what is stored the document {@code mappings/<provider>/send.jslt} gets, see {@code
 * docs/adding-a-mapping.md}.
 */
final class SendDocuments {

    /** A message row opened. */
    record Opened(SubjectKey key, ObjectNode body) {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    private final Tenants tenants;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Senders senders;
    private final String publicUrl;

    SendDocuments(
            Tenants tenants,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Senders senders,
            String publicUrl) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.keys = keys;
        this.senders = senders;
        this.publicUrl = publicUrl;
    }

    /** Empty if message or key are deleted. */
    Optional<Opened> open(Outbound row) {
        return open(row.tenant(), row.subject(), row.message());
    }

    /** As {@link #open(Outbound)}, also of what the person wrote. */
    Optional<Opened> open(String tenant, UUID subject, UUID message) {
        return Bulk.query(
                        jdbc,
                        """
                        select m.sealed_body, k.wrapped from message m
                          join subject_key k on k.tenant = m.tenant and k.subject_id = m.subject_id and k.key_group = 'ordinary'
                         where m.tenant = ? and m.id = ?""",
                        found -> {
                            SubjectKey key = keys.open(tenant, subject, found.getBytes(2));
                            return new Opened(key, MessageBody.open(key, found.getBytes(1)));
                        },
                        Column.one(tenant),
                        Column.one(message))
                .stream()
                .findFirst();
    }

    /** Empty if the person's address is gone, or the account. */
    Optional<SendRequest> request(Outbound row, Opened opened) {
        Account account = tenants.get(row.tenant()).accounts().get(row.account());
        if (account == null || !AccountChoice.carries(account, row.channel())) {
            return Optional.empty();
        }
        AccountChannel sender = senders.of(account, row);
        return address(row, opened.key())
                .map(
                        to -> {
                            ObjectNode document = JsonNodeFactory.instance.objectNode();
                            document.put("provider", account.provider());
                            document.put("tenant", row.tenant());
                            document.put("account", account.id());
                            document.put("api", account.api());
                            ObjectNode ids = document.putObject("ids");
                            SendingAccounts.ids(account).forEach(ids::put);
                            document.put("messageId", row.message().toString());
                            document.put("statusUrl", statusUrl(account));
                            document.put("channel", row.channel().wireName());
                            document.put("purpose", row.purpose().name());
                            document.set("tag", opened.body().path("tag").deepCopy());
                            document.putObject("from")
                                    .put("address", sender.address())
                                    .put("providerChannelId", sender.providerChannelId());
                            document.set("to", to);
                            document.put(
                                    "providerConversationId",
                                    providerConversation(row, account, sender, opened.key()));
                            document.set("replyTo", opened.body().path("replyTo").deepCopy());
                            document.set("content", content(row, account, opened));
                            nulls(document, "tag", "replyTo");
                            return new SendRequest(row.tenant(), account.id(), document);
                        });
    }

    private static void nulls(ObjectNode document, String... fields) {
        for (String field : fields) {
            if (document.path(field).isMissingNode()) {
                document.putNull(field);
            }
        }
    }

    private String statusUrl(Account account) {
        return publicUrl
                + "/webhooks/"
                + account.provider()
                + "/"
                + account.tenant()
                + "/"
                + account.id();
    }

    private Optional<ObjectNode> address(Outbound row, SubjectKey key) {
        return Bulk.query(
                        jdbc,
                        "select scheme, sealed_address from address where tenant = ? and id = ? and subject_id = ?",
                        found ->
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put(
                                                "address",
                                                new String(
                                                        key.open("address", found.getBytes(2)),
                                                        StandardCharsets.UTF_8))
                                        .put("scheme", found.getString(1)),
                        Column.one(row.tenant()),
                        Column.one(row.address()),
                        Column.one(row.subject()))
                .stream()
                .findFirst();
    }

    /**
     * What this account's provider calls the conversation, as it told with the latest message of
     * the person to this number, also before the hub closed its own as idle: the provider's does
     * not end. Where several people write, only an answer goes there: nothing else is for all of
     * them.
     */
    private String providerConversation(
            Outbound row, Account account, AccountChannel sender, SubjectKey key) {
        return Bulk.query(
                        jdbc,
                        """
                        select m.sealed_body from conversation own
                          join conversation c on c.tenant = own.tenant and c.subject_id = own.subject_id and c.channel = own.channel
                         cross join lateral (
                           select m.id, m.sealed_body from message m
                            where m.tenant = c.tenant and m.conversation_id = c.id and m.subject_id = c.subject_id
                              and m.direction = 'inbound'
                            order by m.id desc limit 1) m
                         where own.tenant = ? and own.id = ? and own.subject_id = ? and c.account = ?
                           and c.business_key in (own.business_key, ?)
                         order by m.id desc limit 1""",
                        found -> MessageBody.open(key, found.getBytes(1)),
                        Column.one(row.tenant()),
                        Column.one(row.conversation()),
                        Column.one(row.subject()),
                        Column.one(row.account()),
                        Column.one(senders.key(account, sender)))
                .stream()
                .filter(
                        body ->
                                row.purpose() == Purpose.SUPPORT_REPLY
                                        || !body.path("participants").asText("").equals("several"))
                .map(body -> body.path("providerConversationId").asText(null))
                .filter(id -> id != null)
                .findFirst()
                .orElse(null);
    }

    private JsonNode content(Outbound row, Account account, Opened opened) {
        ObjectNode content = ((ObjectNode) opened.body().get("content")).deepCopy();
        List<ObjectNode> media = media(row, opened.key());
        if (!media.isEmpty()) {
            content.putArray("media").addAll(media);
        }
        if (row.template() != null) {
            registered(row, account, content);
        }
        return content;
    }

    /** The template as the account's provider knows it; without a name if it does not. */
    private void registered(Outbound row, Account account, ObjectNode content) {
        ObjectNode said = (ObjectNode) content.get("template");
        Template template = tenants.get(row.tenant()).templates().get(row.template());
        Template.Registered registered =
                template == null
                        ? null
                        : template.registered(said.path("language").asText(), account.provider());
        if (registered == null) {
            said.putNull("name").putNull("providerId").putNull("namespace");
        } else {
            said.put("name", registered.name() == null ? row.template() : registered.name());
            said.put("providerId", registered.providerId());
            said.put("namespace", registered.namespace());
        }
        said.set("text", content.remove("text"));
    }

    private List<ObjectNode> media(Outbound row, SubjectKey key) {
        return Bulk.query(
                jdbc,
                "select sealed from media where tenant = ? and message_id = ? order by position",
                found -> {
                    ObjectNode medium = MessageBody.read(key.open("media", found.getBytes(1)));
                    medium.remove("id");
                    return medium;
                },
                Column.one(row.tenant()),
                Column.one(row.message()));
    }

    /** The sender's address on the account, also if that is gone; {@code null} if it has none. */
    String business(Outbound row) {
        Account account = tenants.get(row.tenant()).accounts().get(row.account());
        return account != null && AccountChoice.carries(account, row.channel())
                ? senders.of(account, row).address()
                : open(row).map(one -> one.body().at("/from/address").textValue()).orElse(null);
    }
}
