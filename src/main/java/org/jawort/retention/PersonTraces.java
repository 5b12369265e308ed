package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jawort.intake.WebhookRequest;
import org.jawort.opendsr.OpenDsr;
import org.jawort.sending.ErasureCalls.Held;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How the rest of the world names a person: read while the ordinary key is still there, to find the
 * person in raw webhooks and to tell providers what to erase. Never stored in the clear.
 */
final class PersonTraces {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHORTEST = 6;

    private final JdbcTemplate jdbc;

    PersonTraces(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Locks the person's messages until the transaction ends, so that nobody else deletes them and
     * asks for it too.
     *
     * @return false if somebody is about to
     */
    boolean lock(String tenant, UUID subject) {
        Long there =
                jdbc.queryForObject(
                        "select count(*) from message where tenant = ? and subject_id = ?",
                        Long.class,
                        tenant,
                        subject);
        int locked =
                jdbc.queryForList(
                                "select id from message where tenant = ? and subject_id = ? for update skip locked",
                                UUID.class,
                                tenant,
                                subject)
                        .size();
        return locked >= there;
    }

    /**
     * What providers hold: each message the hub knows a provider's id of, and each of its parts.
     */
    List<Held> held(String tenant, UUID subject, SubjectKey key) {
        List<Held> held = new ArrayList<>();
        Bulk.query(
                jdbc,
                """
                select m.account, m.channel, m.direction, m.received_at, 'message.body' as field, m.sealed_body as sealed,
                       (select count(*) from message_status s
                         where s.tenant = m.tenant and s.message_id = m.id and s.account = m.account) as told
                  from message m
                 where m.tenant = ? and m.subject_id = ?
                union all
                select e.account, null, 'outbound', e.created_at, 'event.data', e.sealed_data, 0 from event e
                 where e.tenant = ? and e.subject_id = ? and e.type = 'jawort.message.status.v1' and e.message_id is null
                   and e.sealed_data is not null and e.account is not null""",
                row -> {
                    JsonNode said = open(key, row.getString("field"), row.getBytes("sealed"));
                    String channel = row.getString("channel");
                    if (said != null) {
                        Held message =
                                new Held(
                                        null,
                                        row.getString("account"),
                                        channel == null ? said.path("channel").asText() : channel,
                                        row.getString("direction"),
                                        null,
                                        said.path("providerConversationId").textValue(),
                                        null,
                                        Bulk.instant(row, "received_at"));
                        held.addAll(ProviderNames.each(message, said, row.getInt("told")));
                    }
                    return null;
                },
                Column.one(tenant),
                Column.one(subject),
                Column.one(tenant),
                Column.one(subject));
        return held;
    }

    private static JsonNode open(SubjectKey key, String field, byte[] sealed) {
        try {
            return JSON.readTree(key.open(field, sealed));
        } catch (Undecipherable changedInTheStore) {
            return null;
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }

    /** What the person is called where it is no number: providers' own ids among them. */
    List<String> names(String tenant, UUID subject, SubjectKey key) {
        return addresses(tenant, subject, key, "scheme <> 'phone' and channel <> '*'").stream()
                .map(OpenDsr.Identity::value)
                .toList();
    }

    /** Under which schemes and addresses the person is known. */
    List<OpenDsr.Identity> identities(String tenant, UUID subject, SubjectKey key) {
        return addresses(tenant, subject, key, "channel <> '*' order by id").stream()
                .distinct()
                .toList();
    }

    /** Tells whether a webhook names the person, by any address as digits or as it is written. */
    Predicate<WebhookRequest> named(String tenant, UUID subject, SubjectKey key) {
        String needles =
                addresses(tenant, subject, key, "channel <> '*'").stream()
                        .map(OpenDsr.Identity::value)
                        .map(address -> address.startsWith("+") ? address.substring(1) : address)
                        .filter(address -> address.length() >= SHORTEST)
                        .distinct()
                        .map(Pattern::quote)
                        .collect(Collectors.joining("|"));
        if (needles.isEmpty()) {
            return webhook -> false;
        }
        // not inside a longer number or id
        Pattern pattern = Pattern.compile("(?<![A-Za-z0-9])(?:" + needles + ")(?![A-Za-z0-9])");
        return webhook -> texts(webhook).stream().anyMatch(text -> pattern.matcher(text).find());
    }

    private static List<String> texts(WebhookRequest webhook) {
        List<String> texts = new ArrayList<>();
        texts.add(new String(webhook.body(), StandardCharsets.UTF_8));
        if (webhook.rawQuery() != null) {
            texts.add(webhook.rawQuery());
        }
        for (String text : List.copyOf(texts)) {
            try {
                texts.add(URLDecoder.decode(text, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException noForm) {
                // looked through as it is
            }
        }
        return texts;
    }

    private List<OpenDsr.Identity> addresses(
            String tenant, UUID subject, SubjectKey key, String which) {
        List<OpenDsr.Identity> addresses = new ArrayList<>();
        Bulk.query(
                jdbc,
                "select scheme, sealed_address from address where tenant = ? and subject_id = ? and "
                        + which,
                row -> {
                    try {
                        byte[] address = key.open("address", row.getBytes(2));
                        addresses.add(
                                new OpenDsr.Identity(
                                        row.getString(1),
                                        new String(address, StandardCharsets.UTF_8)));
                    } catch (Undecipherable changedInTheStore) {
                        // not to be had any more
                    }
                    return null;
                },
                Column.one(tenant),
                Column.one(subject));
        return addresses;
    }
}
