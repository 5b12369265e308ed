package org.jawort.conversation;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.store.TenantScope;
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

    private final WebhookReader webhooks;
    private final BatchTransaction transaction;
    private final Quarantine quarantine;
    private final TenantScope scope;
    private final InstantSource clock;
    private final MeterRegistry meters;

    Normalization(
            WebhookReader webhooks,
            BatchTransaction transaction,
            Quarantine quarantine,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        this.webhooks = webhooks;
        this.transaction = transaction;
        this.quarantine = quarantine;
        this.scope = scope;
        this.clock = clock;
        this.meters = meters;
    }

    /** Stores the batch in the body and makes the body the delivery records to publish. */
    public void store(Exchange exchange) {
        WebhookReader.Read read = webhooks.read(KafkaRecords.batch(exchange));
        hold(read.unreadable());
        List<DeliveryRecord> records = store(read.entries());
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(records);
    }

    /** Puts the records in the body, which are too large for Kafka, into quarantine. */
    public void tooLarge(Exchange exchange) {
        hold(webhooks.tooLarge(exchange.getMessage().getBody(List.class)));
    }

    /**
     * Stores the batch, or, where something in it can never be stored, everything but that: one bad
     * entry must neither be lost nor stop those behind it for ever.
     */
    private List<DeliveryRecord> store(List<Incoming> items) {
        try {
            return storeTogether(items);
        } catch (RuntimeException | StackOverflowError failed) {
            if (failed instanceof RuntimeException passing && mayPass(passing)) {
                throw passing;
            }
            if (items.size() == 1) {
                Incoming bad = items.getFirst();
                hold(List.of(bad.webhook.because("STORE_ERROR", Failures.describe(failed))));
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
        for (Quarantine.Item item : scope.call(of, () -> quarantine.add(items, now))) {
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
}
