package org.jawort.sending;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Counts messages that may not be sent, whether their caller heard it at once or it turned out when
 * their time had come. Labels are tenant, channel, purpose and reason, and nothing else (LOG-3).
 */
final class Denials {

    private static final String NOT_SAID = "unknown";

    private final MeterRegistry meters;

    Denials(MeterRegistry meters) {
        this.meters = meters;
    }

    /**
     * Inside a transaction it counts once that is committed: what is undone and done again is one
     * denial.
     *
     * @param channel {@code null} if the request did not say
     * @param purpose {@code null} if nothing says what the message is for
     * @param reason code of the decision table
     */
    void count(String tenant, Channel channel, Purpose purpose, String reason) {
        Counter counter =
                meters.counter(
                        "jawort.denials",
                        "tenant",
                        tenant,
                        "channel",
                        channel == null ? NOT_SAID : channel.wireName(),
                        "purpose",
                        purpose == null ? NOT_SAID : purpose.name(),
                        "reason",
                        reason);
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            counter.increment();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        counter.increment();
                    }
                });
    }
}
