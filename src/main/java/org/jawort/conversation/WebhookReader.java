package org.jawort.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
import org.jawort.intake.WebhookSeal.WebhookUnsealable;
import org.jawort.mapping.MappedWebhook;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.WebhookDocument;
import org.jawort.mapping.WebhookUnreadable;
import org.jawort.message.ProviderEntry;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;

/**
 * Makes entries of sealed webhooks: opens and maps them. What cannot be opened or mapped is set
 * aside, and the rest of its webhook goes on.
 */
final class WebhookReader {

    /** What a batch held: entries in the order they came, and what is for quarantine. */
    record Read(List<Incoming> entries, List<Quarantine.Item> unreadable) {
        private Read() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /** Each is held with its whole webhook, so that a replay can read it. */
    private static final int MOST_HELD_SINGLY = 10;

    private final Tenants tenants;
    private final WebhookSeal seal;
    private final Mappings mappings;
    private final Pseudonyms pseudonyms;
    private final InstantSource clock;
    private final EntryCounts counts;
    private final MeterRegistry meters;

    WebhookReader(
            Tenants tenants,
            WebhookSeal seal,
            Mappings mappings,
            Pseudonyms pseudonyms,
            InstantSource clock,
            EntryCounts counts,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.seal = seal;
        this.mappings = mappings;
        this.pseudonyms = pseudonyms;
        this.clock = clock;
        this.counts = counts;
        this.meters = meters;
    }

    /**
     * @param records of the topic of webhooks, keyed by tenant and account
     */
    Read read(List<Exchange> records) {
        Read read = new Read();
        for (Exchange record : records) {
            open(record.getMessage(), read, suspect -> map(suspect, read));
        }
        return read;
    }

    /**
     * @param records as on the topic, which does not take them
     * @return each of them for quarantine
     */
    List<Quarantine.Item> tooLarge(List<Message> records) {
        Read read = new Read();
        for (Message record : records) {
            open(record, read, suspect -> read.unreadable.add(suspect.because("TOO_LARGE")));
        }
        return read.unreadable;
    }

    private void open(Message record, Read read, Consumer<Quarantine.Suspect> opened) {
        String[] key = Objects.requireNonNullElse(KafkaRecords.key(record), "").split("/", -1);
        byte[] sealed = record.getBody(byte[].class);
        if (key.length != 2 || sealed == null) {
            orphaned();
            return;
        }
        Optional<Account> account = tenants.account(key[0], key[1]);
        WebhookRequest request;
        try {
            request =
                    tenants.find(key[0]).isPresent()
                            ? seal.open(key[0], key[1], sealed)
                            : seal.openOfStranger(key[0], key[1], sealed);
        } catch (WebhookUnsealable damaged) {
            account.ifPresentOrElse(
                    known ->
                            read.unreadable.add(
                                    Quarantine.Item.ofUnsealable(known, sealed, clock.instant())),
                    this::orphaned);
            return;
        }
        if (account.isEmpty()) {
            // Another node has taken it, whose tenant files know the account already, or still.
            read.unreadable.add(Quarantine.Item.ofUnknownAccount(key[0], key[1], request, sealed));
            return;
        }
        opened.accept(new Quarantine.Suspect(account.get(), request, sealed));
    }

    /** Nobody's whom the hub knows or has a key of: there is only the count. */
    private void orphaned() {
        meters.counter("jawort.webhooks.orphaned").increment();
    }

    private void map(Quarantine.Suspect suspect, Read read) {
        Account account = suspect.account();
        try {
            MappedWebhook mapped =
                    mappings.map(account.provider(), document(account, suspect.request()));
            read.unreadable.addAll(bad(suspect, mapped.bad()));
            if (mapped.entries().stream().anyMatch(entry -> foreign(account, entry))) {
                read.unreadable.add(suspect.because("ACCOUNT_MISMATCH"));
            } else {
                read.entries.addAll(entries(suspect, mapped.entries()));
            }
        } catch (WebhookUnreadable broken) {
            read.unreadable.add(suspect.because(broken.reason().name()));
        } catch (MappingFailed failed) {
            read.unreadable.add(suspect.because(failed.reason().name(), failed.where()));
        } catch (RuntimeException | StackOverflowError unforeseen) {
            // Whatever one webhook does to a parser or a validator, the others go on.
            read.unreadable.add(suspect.because("UNFORESEEN", Failures.describe(unforeseen)));
        }
    }

    /** One by one while they are few; of many, the webhook once, with the first one's reason. */
    private static List<Quarantine.Item> bad(
            Quarantine.Suspect webhook, List<MappedWebhook.BadEntry> entries) {
        return entries.size() > MOST_HELD_SINGLY
                ? List.of(
                        webhook.because(
                                entries.getFirst().reason().name(), entries.getFirst().where()))
                : entries.stream()
                        .map(bad -> webhook.because(bad.reason().name(), bad.where(), bad.index()))
                        .toList();
    }

    private static JsonNode document(Account account, WebhookRequest request) {
        return WebhookDocument.of(
                account.provider(),
                account.tenant(),
                account.id(),
                account.channels(),
                request.method(),
                request.contentType(),
                request.rawQuery(),
                request.headers(),
                request.body(),
                request.receivedAt());
    }

    /** Signed by the right secret but about another account: authentic, and not this account's. */
    private static boolean foreign(Account account, JsonNode entry) {
        for (Map.Entry<String, JsonNode> id : entry.path("account").properties()) {
            List<Secret> configured = account.credential(id.getKey());
            if (!configured.isEmpty()
                    && configured.stream()
                            .noneMatch(value -> value.value().equals(id.getValue().asText()))) {
                return true;
            }
        }
        return false;
    }

    private List<Incoming> entries(Quarantine.Suspect webhook, List<JsonNode> mapped) {
        Account account = webhook.account();
        List<Incoming> entries = new ArrayList<>();
        for (JsonNode json : mapped) {
            ProviderEntry entry = ProviderEntry.parse(json);
            if (entry instanceof ProviderEntry.Ignored ignored && ignored.eventId() == null) {
                counts.ignored(account, ignored.reason());
                continue;
            }
            entries.add(
                    new Incoming(
                            entry,
                            webhook,
                            original(json, webhook.request()),
                            pseudonyms.providerEvent(
                                    account.tenant(),
                                    account.id(),
                                    json.get("kind").asText() + " " + entry.eventId())));
        }
        return entries;
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
}
