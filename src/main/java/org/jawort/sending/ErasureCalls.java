package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.Mappings;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Puts what providers hold of a person into the queues of their accounts, one call for each request
 * that {@code mappings/<provider>/erase.jslt} makes (RET-14). Works inside the caller's
 * transaction.
 */
public final class ErasureCalls {

    /** What is on the queue of an account: an id, of no interest to any other destination. */
    static final String EVENT = "jawort.erasure_call.v1";

    static final String FIELD = "erasure.call";

    /**
     * A message as its provider knows it, or one medium of it.
     *
     * @param subject whom it is about, {@code null} where the run is about one person
     * @param providerMessageId {@code null} if the provider named none
     * @param providerConversationId {@code null} if the provider named none
     * @param mediaUrl where the provider keeps the medium; {@code null}: all of the message
     * @param at when it was received or taken
     */
    public record Held(
            UUID subject,
            String account,
            String channel,
            String direction,
            String providerMessageId,
            String providerConversationId,
            String mediaUrl,
            Instant at) {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    private record Call(
            UUID id,
            UUID subject,
            String account,
            String status,
            Instant until,
            String reason,
            Instant notBefore,
            byte[] sealed) {}

    private record Open(UUID id, UUID run, byte[] sealed) {}

    private final Tenants tenants;
    private final SendingAccounts accounts;
    private final Mappings mappings;
    private final JdbcTemplate jdbc;
    private final Outbox outbox;

    ErasureCalls(
            Tenants tenants,
            SendingAccounts accounts,
            Mappings mappings,
            JdbcTemplate jdbc,
            Outbox outbox) {
        this.tenants = tenants;
        this.accounts = accounts;
        this.mappings = mappings;
        this.jdbc = jdbc;
        this.outbox = outbox;
    }

    /** The recipient an account is in the list of an erasure's tasks. */
    public static String recipient(String account) {
        return "provider:" + account;
    }

    /**
     * @param key of the run: it seals what the calls need to name
     * @param users what providers call the person where it is no address of a network
     */
    public void queue(
            String tenant,
            UUID run,
            SubjectKey key,
            List<Held> held,
            List<String> users,
            Instant now) {
        Map<String, List<Held>> byAccount = new LinkedHashMap<>();
        held.forEach(
                one -> byAccount.computeIfAbsent(one.account(), a -> new ArrayList<>()).add(one));
        List<Call> calls = new ArrayList<>();
        byAccount.forEach(
                (account, messages) ->
                        calls.addAll(of(tenant, account, key, messages, users, now)));
        keep(tenant, run, calls, now);
        Map<String, List<Call>> together = new LinkedHashMap<>();
        calls.stream()
                .filter(call -> call.sealed() != null)
                .sorted(Comparator.comparing(Call::notBefore))
                .forEach(
                        call ->
                                together.computeIfAbsent(
                                                call.account() + " " + call.notBefore(),
                                                same -> new ArrayList<>())
                                        .add(call));
        together.values().forEach(some -> deliver(tenant, some, now));
    }

    /**
     * Why nothing can be asked of an account.
     *
     * @return a fixed word, empty if it can be asked
     */
    public Optional<String> obstacle(String tenant, String accountId) {
        Account account = tenants.get(tenant).accounts().get(accountId);
        return account == null
                ? Optional.of("ACCOUNT_GONE")
                : accounts.canSend(account) ? Optional.empty() : Optional.of("NO_CREDENTIALS");
    }

    /**
     * Makes the open calls about a person calls of another run, which asks nothing twice and waits
     * for their answers.
     *
     * @param key of the run they become calls of
     * @param keyOf the key of a run they are calls of
     */
    public void takeOver(
            String tenant,
            UUID subject,
            UUID run,
            SubjectKey key,
            Function<UUID, Optional<SubjectKey>> keyOf) {
        List<Open> open =
                Bulk.query(
                        jdbc,
                        """
                        select id, run, sealed from erasure_call
                         where tenant = ? and subject_id = ? and status = 'RETRY' and sealed is not null for update""",
                        row ->
                                new Open(
                                        row.getObject(1, UUID.class),
                                        row.getObject(2, UUID.class),
                                        row.getBytes(3)),
                        Column.one(tenant),
                        Column.one(subject));
        for (Open one : open) {
            keyOf.apply(one.run())
                    .ifPresent(
                            theirs ->
                                    jdbc.update(
                                            "update erasure_call set run = ?, sealed = ?, subject_id = null where tenant = ? and id = ?",
                                            run,
                                            key.seal(FIELD, theirs.open(FIELD, one.sealed())),
                                            tenant,
                                            one.id()));
        }
    }

    private List<Call> of(
            String tenant,
            String accountId,
            SubjectKey key,
            List<Held> messages,
            List<String> users,
            Instant now) {
        Optional<String> obstacle = obstacle(tenant, accountId);
        if (obstacle.isPresent()) {
            return messages.stream()
                    .limit(messages.getFirst().subject() == null ? 1 : messages.size())
                    .map(
                            one ->
                                    answered(
                                            accountId,
                                            one.subject(),
                                            "MANUAL",
                                            null,
                                            obstacle.get(),
                                            now))
                    .toList();
        }
        Account account = tenants.get(tenant).accounts().get(accountId);
        List<Call> calls = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Held one : messages) {
            for (ObjectNode document : ErasureDocuments.of(account, one, users)) {
                calls.addAll(calls(account, document, one, key, now, seen));
            }
        }
        return calls;
    }

    /** One for each request the mapping makes of it, but for those another message leads to. */
    private List<Call> calls(
            Account account,
            ObjectNode document,
            Held one,
            SubjectKey key,
            Instant now,
            Set<String> seen) {
        JsonNode requests;
        try {
            requests = mappings.erase(account.provider(), document);
        } catch (MappingFailed failed) {
            return one.subject() != null || seen.add("failed")
                    ? List.of(
                            answered(
                                    account.id(),
                                    one.subject(),
                                    "MANUAL",
                                    null,
                                    "MAPPING_FAILED",
                                    now))
                    : List.of();
        }
        if (!requests.isArray()) {
            return call(account, document, requests, one, key, now, seen).stream().toList();
        }
        List<Call> calls = new ArrayList<>();
        for (int part = 0; part < requests.size(); part++) {
            call(
                            account,
                            ErasureDocuments.part(document, part),
                            requests.get(part),
                            one,
                            key,
                            now,
                            seen)
                    .ifPresent(calls::add);
        }
        return calls;
    }

    /** Empty if another message leads to the same request, or to the same of one person. */
    private Optional<Call> call(
            Account account,
            ObjectNode document,
            JsonNode request,
            Held one,
            SubjectKey key,
            Instant now,
            Set<String> seen) {
        boolean unsupported = request.has("unsupported");
        if (!(unsupported && one.subject() != null) && !seen.add(request.toString())) {
            return Optional.empty();
        }
        if (unsupported) {
            JsonNode days = request.path("expiresInDays");
            return Optional.of(
                    days.isNumber()
                            ? answered(
                                    account.id(),
                                    one.subject(),
                                    "EXPIRES_AT",
                                    one.at().plus(Duration.ofDays(days.asLong())),
                                    "PROVIDER_PERIOD",
                                    now)
                            : answered(
                                    account.id(),
                                    one.subject(),
                                    "NOT_SUPPORTED",
                                    null,
                                    "NO_SUCH_API",
                                    now));
        }
        Instant notBefore =
                one.at().plus(Duration.ofSeconds(request.path("notBeforeSeconds").asLong(0)));
        document.put("at", one.at().toString());
        return Optional.of(
                new Call(
                        UuidCreator.getTimeOrderedEpoch(),
                        one.subject(),
                        account.id(),
                        "RETRY",
                        null,
                        null,
                        notBefore.isAfter(now) ? notBefore : now,
                        key.seal(FIELD, document.toString().getBytes(StandardCharsets.UTF_8))));
    }

    private static Call answered(
            String account,
            UUID subject,
            String status,
            Instant until,
            String reason,
            Instant now) {
        return new Call(
                UuidCreator.getTimeOrderedEpoch(),
                subject,
                account,
                status,
                until,
                reason,
                now,
                null);
    }

    private void keep(String tenant, UUID run, List<Call> calls, Instant now) {
        if (calls.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                insert into erasure_call (tenant, id, run, subject_id, recipient, event_id, step, status, until, reason, not_before, sealed, updated_at)
                select ?, id, ?, subject_id, recipient, id, 'delete', status, until, reason, not_before, sealed, ?::timestamptz
                  from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::timestamptz[], ?::bytea[])
                    as n(id, subject_id, recipient, status, until, reason, not_before, sealed)""",
                Column.one(tenant),
                Column.one(run),
                Column.one(now),
                Column.of("uuid", calls, Call::id),
                Column.of("uuid", calls, Call::subject),
                Column.of("text", calls, call -> recipient(call.account())),
                Column.of("text", calls, Call::status),
                Column.of("timestamptz", calls, Call::until),
                Column.of("text", calls, Call::reason),
                Column.of("timestamptz", calls, Call::notBefore),
                Column.of("bytea", calls, Call::sealed));
    }

    /**
     * The events have the calls' ids and no other data; they are about no person the store knows.
     *
     * @param calls of one account, due at the same time
     */
    private void deliver(String tenant, List<Call> calls, Instant now) {
        Account account = tenants.get(tenant).accounts().get(calls.getFirst().account());
        List<NewEvent> events =
                calls.stream()
                        .map(
                                call ->
                                        new NewEvent(
                                                tenant,
                                                call.id(),
                                                EVENT,
                                                call.account(),
                                                null,
                                                null,
                                                null,
                                                false,
                                                now,
                                                "{}",
                                                null))
                        .toList();
        outbox.addDue(
                events, event -> List.of(Destination.of(account)), calls.getFirst().notBefore());
    }
}
