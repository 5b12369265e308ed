package org.jawort.sending;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something with messages, each in a transaction of its own: one with which it goes wrong is
 * counted, and keeps no other waiting.
 */
final class OneByOne {

    private static final Logger LOG = LoggerFactory.getLogger(OneByOne.class);

    private final TenantScope scope;
    private final MeterRegistry meters;
    private final String otherwise;

    /**
     * @param otherwise what messages are with which it goes wrong: <i>unended</i>, for the counter
     *     {@code jawort.sends.unended}
     */
    OneByOne(TenantScope scope, MeterRegistry meters, String otherwise) {
        this.scope = scope;
        this.meters = meters;
        this.otherwise = otherwise;
    }

    /**
     * @param found which, in a transaction before
     * @param work with one, which may be over or deleted by then
     * @return how many it went well with
     */
    int with(String tenant, Supplier<List<UUID>> found, Consumer<UUID> work) {
        int done = 0;
        for (UUID message : scope.call(tenant, found)) {
            try {
                scope.run(tenant, () -> work.accept(message));
                done++;
            } catch (RuntimeException failure) {
                meters.counter("jawort.sends." + otherwise, "tenant", tenant).increment();
                LOG.error(
                        "sends.{} tenant={} message={} error={}",
                        otherwise,
                        tenant,
                        message,
                        failure.getClass().getName());
            }
        }
        return done;
    }
}
