package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.f4b6a3.uuid.UuidCreator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jawort.sending.ErasureCalls;
import org.jawort.sending.ErasureCalls.Held;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Has providers delete what a nightly run deleted (RET-14). A batch only writes down, in its own
 * transaction, how each provider names what went: one sealed row per batch and account. They become
 * calls later, at the pace an account allows. Registered as {@code providerDeletions}; works inside
 * the caller's transaction.
 */
public final class ProviderDeletions {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TURN = Duration.ofSeconds(1);
    private static final List<Held> NONE = List.of();

    /** So many turns' calls may be unanswered, then the account has a rest. */
    private static final int TURNS_OPEN = 10;

    private record Waiting(
            UUID id, UUID run, String recipient, int taken, int entries, byte[] sealed) {}

    private final ErasureCalls calls;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final RunRecords runs;
    private final DeletionTasks tasks;
    private final InstantSource clock;
    private final int perSecond;

    /**
     * @param perSecond calls to one account
     */
    ProviderDeletions(
            ErasureCalls calls,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            InstantSource clock,
            int perSecond) {
        this.calls = calls;
        this.jdbc = jdbc;
        this.keys = keys;
        this.runs = new RunRecords(jdbc, keys);
        this.tasks = new DeletionTasks(jdbc);
        this.clock = clock;
        this.perSecond = perSecond;
    }

    /**
     * Takes the rows of the body, which a batch deleted: {@code subject_id}, {@code account},
     * {@code channel}, {@code direction}, {@code received_at}, {@code sealed_body}, {@code
     * message_id} of what the hub sent, and {@code sealed} where only a medium went. Of people
     * whose key is gone everybody was told by their erasure.
     */
    public void note(Exchange exchange) {
        String tenant = exchange.getMessage().getHeader("tenant", String.class);
        UUID run = RetentionTally.run(exchange);
        Instant now = clock.instant();
        Map<String, List<Map<?, ?>>> byAccount = new LinkedHashMap<>();
        for (Object row : exchange.getMessage().getBody(List.class)) {
            Map<?, ?> columns = (Map<?, ?>) row;
            byAccount
                    .computeIfAbsent((String) columns.get("account"), a -> new ArrayList<>())
                    .add(columns);
        }
        byAccount.forEach((account, rows) -> note(tenant, run, account, rows, now));
    }

    private void note(String tenant, UUID run, String account, List<Map<?, ?>> all, Instant now) {
        String recipient = ErasureCalls.recipient(account);
        Map<UUID, byte[]> wrapped = keys(tenant, all);
        List<Map<?, ?>> rows = all.stream().filter(row -> wrapped.containsKey(owner(row))).toList();
        Optional<String> obstacle = calls.obstacle(tenant, account);
        if (obstacle.isPresent()) {
            if (!rows.isEmpty()) {
                tasks.manual(tenant, run, recipient, rows.size(), obstacle.get(), now);
                tasks.remain(
                        tenant,
                        recipient,
                        rows.stream().map(ProviderDeletions::owner).distinct().toList(),
                        obstacle.get());
            }
            return;
        }
        Map<UUID, Optional<SubjectKey>> owners = new HashMap<>();
        wrapped.forEach((subject, key) -> owners.put(subject, open(tenant, subject, key)));
        Map<UUID, Integer> told = told(tenant, account, rows);
        List<Held> held = new ArrayList<>();
        int unreadable = 0;
        for (Map<?, ?> row : rows) {
            List<Held> read =
                    owners.get(owner(row)).map(key -> held(account, row, key, told)).orElse(NONE);
            held.addAll(read);
            unreadable += read.isEmpty() ? 1 : 0;
        }
        if (unreadable > 0) {
            tasks.manual(tenant, run, recipient, unreadable, "UNREADABLE", now);
        }
        if (!held.isEmpty()) {
            tasks.asked(tenant, run, recipient, now);
            insert(tenant, run, recipient, held);
        }
    }

    private static UUID owner(Map<?, ?> row) {
        return (UUID) row.get("subject_id");
    }

    /** The keys that are there, as they are stored. */
    private Map<UUID, byte[]> keys(String tenant, List<Map<?, ?>> rows) {
        Map<UUID, byte[]> owners = new HashMap<>();
        Bulk.query(
                jdbc,
                """
                select k.subject_id, k.wrapped from unnest(?::uuid[]) as s(id)
                  join subject_key k on k.tenant = ? and k.subject_id = s.id and k.key_group = 'ordinary'""",
                row -> owners.put(row.getObject(1, UUID.class), row.getBytes(2)),
                Column.of(
                        "uuid",
                        rows.stream().map(ProviderDeletions::owner).distinct().toList(),
                        id -> id),
                Column.one(tenant));
        return owners;
    }

    /** Empty if it opens nothing. */
    private Optional<SubjectKey> open(String tenant, UUID subject, byte[] wrapped) {
        try {
            return Optional.of(keys.open(tenant, subject, wrapped));
        } catch (Undecipherable changedInTheStore) {
            return Optional.empty();
        }
    }

    private Map<UUID, Integer> told(String tenant, String account, List<Map<?, ?>> rows) {
        return ProviderNames.told(
                jdbc,
                tenant,
                account,
                rows.stream()
                        .filter(row -> row.get("direction").equals("outbound"))
                        .filter(row -> row.get("sealed") == null)
                        .map(row -> (UUID) row.get("message_id"))
                        .toList());
    }

    /** Empty if nobody can read it any more. */
    private static List<Held> held(
            String account, Map<?, ?> row, SubjectKey key, Map<UUID, Integer> told) {
        try {
            JsonNode said = read(key.open("message.body", (byte[]) row.get("sealed_body")));
            byte[] medium = (byte[]) row.get("sealed");
            Held one =
                    new Held(
                            owner(row),
                            account,
                            (String) row.get("channel"),
                            (String) row.get("direction"),
                            said.path("providerMessageId").textValue(),
                            said.path("providerConversationId").textValue(),
                            medium == null ? null : place(read(key.open("media", medium))),
                            ((Timestamp) row.get("received_at")).toInstant());
            return medium == null
                    ? ProviderNames.each(one, said, told.getOrDefault(row.get("message_id"), 0))
                    : List.of(one);
        } catch (Undecipherable changedInTheStore) {
            return NONE;
        }
    }

    /** Where the provider keeps a medium; empty if it did not say, which no call is made of. */
    private static String place(JsonNode medium) {
        return medium.path("providerUrl").asText("");
    }

    private void insert(String tenant, UUID run, String recipient, List<Held> held) {
        SubjectKey key =
                runs.key(tenant, run)
                        .orElseThrow(() -> new IllegalStateException("no key of run " + run));
        Bulk.update(
                jdbc,
                "insert into provider_deletion (tenant, id, run, recipient, subjects, entries, sealed) values (?, ?, ?, ?, ?, ?, ?)",
                Column.one(tenant),
                Column.one(UuidCreator.getTimeOrderedEpoch()),
                Column.one(run),
                Column.one(recipient),
                subjects(held),
                Column.one(held.size()),
                Column.one(ProviderEntries.seal(key, held)));
    }

    private static Column subjects(List<Held> held) {
        return Column.of("uuid", held.stream().map(Held::subject).distinct().toList(), id -> id);
    }

    /** Makes calls of what has waited longest at each account, as many as it may get now. */
    void feed(String tenant, Instant now) {
        for (String recipient :
                jdbc.queryForList(
                        "select distinct recipient from provider_deletion where tenant = ? order by recipient",
                        String.class,
                        tenant)) {
            feed(tenant, recipient, now);
        }
    }

    private void feed(String tenant, String recipient, Instant now) {
        int open =
                jdbc.queryForObject(
                        "select count(*) from erasure_call where tenant = ? and recipient = ? and status = 'RETRY' and subject_id is not null",
                        Integer.class,
                        tenant,
                        recipient);
        int left =
                open < TURNS_OPEN * perSecond
                                && !tasks.isFed(tenant, recipient, now.minus(TURN), now)
                        ? perSecond
                        : 0;
        for (Optional<Waiting> first = first(tenant, recipient, left);
                first.isPresent();
                first = first(tenant, recipient, left)) {
            left -= ask(tenant, first.get(), left, now);
            tasks.fed(tenant, first.get().run(), recipient, now);
        }
    }

    /** The oldest row, locked; empty if another node is at it, or if nothing may be asked now. */
    private Optional<Waiting> first(String tenant, String recipient, int left) {
        return left <= 0
                ? Optional.empty()
                : Bulk.query(
                                jdbc,
                                """
                                select id, run, recipient, taken, entries, sealed from provider_deletion
                                 where tenant = ? and id = (select id from provider_deletion where tenant = ? and recipient = ? order by id limit 1)
                                   for update skip locked""",
                                ProviderDeletions::waiting,
                                Column.one(tenant),
                                Column.one(tenant),
                                Column.one(recipient))
                        .stream()
                        .findFirst();
    }

    /**
     * @return how many entries became calls, at most {@code most}
     */
    private int ask(String tenant, Waiting waiting, int most, Instant now) {
        List<Held> entries = entries(tenant, waiting).orElse(List.of());
        int to = Math.min(waiting.taken() + most, entries.size());
        if (to > waiting.taken()) {
            calls.queue(
                    tenant,
                    waiting.run(),
                    runs.key(tenant, waiting.run()).orElseThrow(),
                    entries.subList(waiting.taken(), to),
                    List.of(),
                    now);
        } else { // nobody can read it any more
            tasks.manual(
                    tenant,
                    waiting.run(),
                    waiting.recipient(),
                    waiting.entries() - waiting.taken(),
                    "UNREADABLE",
                    now);
        }
        if (to >= entries.size()) {
            jdbc.update(
                    "delete from provider_deletion where tenant = ? and id = ?",
                    tenant,
                    waiting.id());
        } else {
            jdbc.update(
                    "update provider_deletion set taken = ? where tenant = ? and id = ?",
                    to,
                    tenant,
                    waiting.id());
        }
        return Math.max(1, to - waiting.taken());
    }

    /**
     * What is still to be asked about a person becomes another run's: it stands in the result, and
     * calls that are open already are that run's from now on. So nobody is asked twice, and the
     * other run waits for all answers.
     *
     * @param key of the other run
     */
    List<Held> takeOver(String tenant, UUID subject, UUID run, SubjectKey key) {
        List<Held> theirs = new ArrayList<>();
        for (Waiting waiting :
                Bulk.query(
                        jdbc,
                        """
                        select id, run, recipient, taken, entries, sealed from provider_deletion
                         where tenant = ? and subjects @> ?::uuid[] order by id for update""",
                        ProviderDeletions::waiting,
                        Column.one(tenant),
                        Column.of("uuid", List.of(subject), id -> id))) {
            entries(tenant, waiting)
                    .ifPresent(all -> theirs.addAll(split(tenant, waiting, all, subject)));
        }
        calls.takeOver(tenant, subject, run, key, of -> runs.key(tenant, of));
        return theirs;
    }

    private List<Held> split(String tenant, Waiting waiting, List<Held> all, UUID subject) {
        List<Held> theirs = new ArrayList<>();
        List<Held> others = new ArrayList<>();
        for (Held one : all.subList(waiting.taken(), all.size())) {
            (one.subject().equals(subject) ? theirs : others).add(one);
        }
        if (others.isEmpty()) {
            jdbc.update(
                    "delete from provider_deletion where tenant = ? and id = ?",
                    tenant,
                    waiting.id());
        } else {
            Bulk.update(
                    jdbc,
                    "update provider_deletion set subjects = ?, taken = 0, entries = ?, sealed = ? where tenant = ? and id = ?",
                    subjects(others),
                    Column.one(others.size()),
                    Column.one(
                            ProviderEntries.seal(
                                    runs.key(tenant, waiting.run()).orElseThrow(), others)),
                    Column.one(tenant),
                    Column.one(waiting.id()));
        }
        return theirs.stream().map(ProviderDeletions::ofThePerson).toList();
    }

    /** The run they go to is about one person. */
    private static Held ofThePerson(Held one) {
        return new Held(
                null,
                one.account(),
                one.channel(),
                one.direction(),
                one.providerMessageId(),
                one.providerConversationId(),
                one.mediaUrl(),
                one.at());
    }

    private static Waiting waiting(java.sql.ResultSet row) throws java.sql.SQLException {
        return new Waiting(
                row.getObject(1, UUID.class),
                row.getObject(2, UUID.class),
                row.getString(3),
                row.getInt(4),
                row.getInt(5),
                row.getBytes(6));
    }

    /** Empty if nobody can read it any more. */
    private Optional<List<Held>> entries(String tenant, Waiting waiting) {
        try {
            return runs.key(tenant, waiting.run())
                    .map(key -> ProviderEntries.open(key, waiting.sealed(), waiting.recipient()));
        } catch (Undecipherable changedInTheStore) {
            return Optional.empty();
        }
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
