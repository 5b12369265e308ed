package org.jawort.retention;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jawort.retention.RetentionRule.Action;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is over and stays all the same, because an archive of the tenant has yet to take it
 * (RET-11).
 */
final class ArchiveWaits {

    /** Why it stays, among the {@code kept} of a data type. */
    static final String REASON = "AWAITS_ARCHIVE";

    /** The archives a run waits for, as PostgreSQL writes an array. */
    static final String HEADER = "archives";

    static final String NONE = "{}";

    /** Of what archives are given and runs wait for. */
    static final List<String> DATA_TYPES = List.of("conversation-text", "media");

    private static final Logger LOG = LoggerFactory.getLogger(ArchiveWaits.class);

    private final MeterRegistry meters;

    ArchiveWaits(MeterRegistry meters) {
        this.meters = meters;
    }

    /**
     * Ids of the tenant's archives, as in {@link #HEADER}. One that was taken out of the file is
     * waited for no longer.
     */
    static String archives(Tenant tenant) {
        return tenant.destinations().values().stream()
                .filter(Destination::isArchive)
                .map(Destination::id)
                .sorted()
                .collect(Collectors.joining(",", "{", "}"));
    }

    /**
     * @param rules of the tenant
     * @throws org.jawort.tenant.TenantFileInvalid if one archives before it deletes, and the tenant
     *     has no archive: nothing would be waited for
     */
    static void require(Tenant tenant, List<RetentionRules.Entry> rules) {
        if (archives(tenant).equals(NONE)) {
            rules.stream()
                    .filter(entry -> entry.rule().action() == Action.ARCHIVE_THEN_DELETE)
                    .findFirst()
                    .ifPresent(
                            entry -> {
                                throw tenant.retention()
                                        .place()
                                        .invalid(
                                                "",
                                                "rule %s archives before it deletes, and none of the destinations is an archive; add one with a route archive-… (RET-11)"
                                                        .formatted(entry.rule().label()));
                            });
        }
    }

    /**
     * @param rows {@code data_type}, {@code items}, and {@code destination} of those one archive
     *     has yet to take, {@code null} of those that any has
     * @param counts of the run
     * @param dryRun whether nobody is to be warned
     */
    void note(
            String tenant,
            List<Map<?, ?>> rows,
            Map<String, Map<String, Object>> counts,
            boolean dryRun) {
        for (Map<?, ?> row : rows) {
            String dataType = (String) row.get("data_type");
            long items = ((Number) row.get("items")).longValue();
            if (row.get("destination") == null) {
                counts.computeIfAbsent(dataType, type -> new LinkedHashMap<>(Map.of("deleted", 0L)))
                        .put("kept", Map.of(REASON, items));
            } else if (!dryRun) {
                String destination = (String) row.get("destination");
                meters.counter(
                                "jawort.retention.awaits.archive",
                                "tenant",
                                tenant,
                                "destination",
                                destination,
                                "type",
                                dataType)
                        .increment(items);
                LOG.warn(
                        "retention.awaits_archive tenant={} destination={} type={} items={}",
                        tenant,
                        destination,
                        dataType,
                        items);
            }
        }
    }
}
