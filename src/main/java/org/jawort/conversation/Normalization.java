package org.jawort.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
import org.jawort.intake.WebhookSeal.WebhookUnsealable;
import org.jawort.mapping.MappedWebhook;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.WebhookDocument;
import org.jawort.mapping.WebhookUnreadable;
import org.jawort.message.ProviderEntry;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Makes stored messages of a batch of sealed webhooks. What cannot be read or mapped goes to
 * quarantine, and the rest of its webhook goes on. Registered as {@code normalization}.
 */
public final class Normalization {

    /** Two nodes that make the same rows at once collide once or twice, not five times. */
    private static final int TRIES = 5;

    private final Tenants tenants;
    private final WebhookSeal seal;
    private final Mappings mappings;
    private final Pseudonyms pseudonyms;
    private final BatchTransaction transaction;
    private final Quarantine quarantine;
    private final TenantScope scope;
    private final InstantSource clock;
    private final MeterRegistry meters;

    Normalization(
            Tenants tenants,
            WebhookSeal seal,
            Mappings mappings,
            Pseudonyms pseudonyms,
            BatchTransaction transaction,
            Quarantine quarantine,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.seal = seal;
        this.mappings = mappings;
        this.pseudonyms = pseudonyms;
        this.transaction = transaction;
        this.quarantine = quarantine;
        this.scope = scope;
        this.clock = clock;
        this.meters = meters;
    }

    /** Stores the batch in the body and makes the body the delivery records to publish. */
    public void store(Exchange exchange) {
        List<Incoming> items = new ArrayList<>();
        List<Quarantine.Item> unreadable = new ArrayList<>();
        for (Exchange record : KafkaRecords.batch(exchange)) {
            read(record, items, unreadable);
        }
        hold(unreadable);
        List<DeliveryRecord> records = store(items);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage()
                .setBody(records.stream().map(record -> record.message(exchange)).toList());
    }

    private void read(Exchange record, List<Incoming> items, List<Quarantine.Item> unreadable) {
        String[] key = Objects.requireNonNullElse(KafkaRecords.key(record), "").split("/", -1);
        byte[] sealed = record.getMessage().getBody(byte[].class);
        Optional<Account> account =
                key.length == 2 ? tenants.account(key[0], key[1]) : Optional.empty();
        if (account.isEmpty() || sealed == null) {
            // Nobody the hub knows: there is no tenant to keep it for, only the count.
            meters.counter("jawort.webhooks.orphaned").increment();
            return;
        }
        WebhookRequest request;
        try {
            request = seal.open(account.get().tenant(), account.get().id(), sealed);
        } catch (WebhookUnsealable damaged) {
            unreadable.add(item(account.get(), "UNSEALABLE", null, null, sealed, clock.instant()));
            return;
        }
        map(account.get(), request, items, unreadable);
    }

    private void map(
            Account account,
            WebhookRequest request,
            List<Incoming> items,
            List<Quarantine.Item> unreadable) {
        byte[] webhook = WebhookSeal.pack(request);
        try {
            MappedWebhook mapped =
                    mappings.map(
                            account.provider(),
                            WebhookDocument.of(
                                    account.provider(),
                                    account.tenant(),
                                    account.id(),
                                    account.channels(),
                                    request.method(),
                                    request.contentType(),
                                    request.rawQuery(),
                                    request.headers(),
                                    request.body(),
                                    request.receivedAt()));
            for (MappedWebhook.BadEntry bad : mapped.bad()) {
                unreadable.add(
                        item(
                                account,
                                bad.reason().name(),
                                bad.where(),
                                bad.index(),
                                webhook,
                                request.receivedAt()));
            }
            take(account, request, mapped.entries(), webhook, items, unreadable);
        } catch (WebhookUnreadable broken) {
            unreadable.add(
                    item(
                            account,
                            broken.reason().name(),
                            null,
                            null,
                            webhook,
                            request.receivedAt()));
        } catch (MappingFailed failed) {
            unreadable.add(
                    item(
                            account,
                            failed.reason().name(),
                            failed.where(),
                            null,
                            webhook,
                            request.receivedAt()));
        } catch (RuntimeException unforeseen) {
            // Whatever one webhook does to a parser or a validator, the others go on.
            unreadable.add(
                    item(
                            account,
                            "UNFORESEEN",
                            Failures.describe(unforeseen),
                            null,
                            webhook,
                            request.receivedAt()));
        }
    }

    private void take(
            Account account,
            WebhookRequest request,
            List<JsonNode> entries,
            byte[] webhook,
            List<Incoming> items,
            List<Quarantine.Item> unreadable) {
        List<Incoming> taken = new ArrayList<>();
        for (JsonNode json : entries) {
            if (foreign(account, json.path("account"))) {
                unreadable.add(
                        item(
                                account,
                                "ACCOUNT_MISMATCH",
                                null,
                                null,
                                webhook,
                                request.receivedAt()));
                return;
            }
            ProviderEntry entry = ProviderEntry.parse(json);
            if (entry.eventId() == null) {
                meters.counter(
                                "jawort.entries",
                                "tenant",
                                account.tenant(),
                                "provider",
                                account.provider(),
                                "kind",
                                "ignored",
                                "outcome",
                                "unnamed")
                        .increment();
                continue;
            }
            taken.add(
                    new Incoming(
                            account,
                            entry,
                            webhook,
                            original(json, request),
                            request.receivedAt(),
                            pseudonyms.providerEvent(
                                    account.tenant(),
                                    account.id(),
                                    json.get("kind").asText() + " " + entry.eventId())));
        }
        notePreferences(taken);
        items.addAll(taken);
    }

    /** Signed by the right secret but about another account: authentic, and not this account's. */
    private static boolean foreign(Account account, JsonNode ids) {
        for (Map.Entry<String, JsonNode> id : ids.properties()) {
            List<Secret> configured = account.credential(id.getKey());
            if (!configured.isEmpty()
                    && configured.stream()
                            .noneMatch(value -> value.value().equals(id.getValue().asText()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * What is kept as received: the entry's own piece, or the whole body where it is the only one.
     */
    private static byte[] original(JsonNode entry, WebhookRequest request) {
        JsonNode piece = entry.get("original");
        if (piece != null) {
            return piece.toString().getBytes(StandardCharsets.UTF_8);
        }
        boolean isQuery = request.body().length == 0 && request.rawQuery() != null;
        return isQuery ? request.rawQuery().getBytes(StandardCharsets.UTF_8) : request.body();
    }

    /** A message whose webhook also says how the provider read it carries that reading along. */
    private static void notePreferences(List<Incoming> taken) {
        Map<String, ProviderPreference> byMessage = new HashMap<>();
        for (Incoming item : taken) {
            if (item.entry instanceof ProviderEntry.Preference preference
                    && preference.providerMessageId() != null) {
                byMessage.put(
                        preference.providerMessageId(),
                        preference.optOut() ? ProviderPreference.STOP : ProviderPreference.START);
            }
        }
        for (Incoming item : taken) {
            if (item.entry instanceof ProviderEntry.Received received
                    && received.providerMessageId() != null) {
                item.preference = byMessage.get(received.providerMessageId());
            }
        }
    }

    /**
     * Stores the batch, or, where something in it can never be stored, everything but that: one bad
     * entry must neither be lost nor stop those behind it for ever.
     */
    private List<DeliveryRecord> store(List<Incoming> items) {
        try {
            return storeTogether(items);
        } catch (RuntimeException failed) {
            if (mayPass(failed)) {
                throw failed;
            }
            if (items.size() == 1) {
                Incoming bad = items.getFirst();
                hold(
                        List.of(
                                item(
                                        bad.account,
                                        "STORE_ERROR",
                                        Failures.describe(failed),
                                        null,
                                        bad.webhook,
                                        bad.receivedAt)));
                return List.of();
            }
        }
        List<DeliveryRecord> records = new ArrayList<>();
        for (Incoming item : items) {
            records.addAll(store(List.of(item)));
        }
        return records;
    }

    /** Whether the same batch could be stored at another time. */
    private static boolean mayPass(RuntimeException failed) {
        return failed instanceof Contended
                || failed instanceof TransactionException
                || failed instanceof TransientDataAccessException
                || failed instanceof RecoverableDataAccessException
                || failed instanceof NonTransientDataAccessResourceException
                || failed instanceof UncategorizedDataAccessException;
    }

    private List<DeliveryRecord> storeTogether(List<Incoming> items) {
        for (int tried = 1; ; tried++) {
            try {
                return transaction.store(items);
            } catch (Contended again) {
                if (tried == TRIES) {
                    throw again;
                }
            }
        }
    }

    private void hold(List<Quarantine.Item> items) {
        if (items.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Set<String> of = items.stream().map(Quarantine.Item::tenant).collect(Collectors.toSet());
        scope.call(
                of,
                () -> {
                    quarantine.add(items, now);
                    return null;
                });
        for (Quarantine.Item item : items) {
            meters.counter(
                            "jawort.quarantined",
                            "tenant",
                            item.tenant(),
                            "provider",
                            item.provider(),
                            "reason",
                            item.reason())
                    .increment();
        }
    }

    private static Quarantine.Item item(
            Account account,
            String reason,
            String location,
            Integer entry,
            byte[] webhook,
            Instant receivedAt) {
        return new Quarantine.Item(
                account.tenant(),
                account.id(),
                account.provider(),
                reason,
                location == null ? null : location.replaceAll("[^ -~]", "?"),
                entry,
                webhook,
                receivedAt);
    }
}
