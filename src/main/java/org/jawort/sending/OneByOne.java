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
 * Ends messages nobody else would end, each in a transaction of its own: one that cannot be ended
 * is counted, and keeps no other waiting.
 */
final class OneByOne {

    private static final Logger LOG = LoggerFactory.getLogger(OneByOne.class);

    private final TenantScope scope;
    private final MeterRegistry meters;

    OneByOne(TenantScope scope, MeterRegistry meters) {
        this.scope = scope;
        this.meters = meters;
    }

    /**
     * @param found those to end, in a transaction before
     * @param end of one, which may be over or deleted by then
     * @return how many it went well with
     */
    int end(String tenant, Supplier<List<UUID>> found, Consumer<UUID> end) {
        int ended = 0;
        for (UUID message : scope.call(tenant, found)) {
            try {
                scope.run(tenant, () -> end.accept(message));
                ended++;
            } catch (RuntimeException failure) {
                meters.counter("jawort.sends.unended", "tenant", tenant).increment();
                LOG.error(
                        "sends.unended tenant={} message={} error={}",
                        tenant,
                        message,
                        failure.getClass().getName());
            }
        }
        return ended;
    }
}
