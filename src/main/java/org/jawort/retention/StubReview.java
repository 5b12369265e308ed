package org.jawort.retention;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jawort.store.Bulk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Says how many refusals of people who are gone are older than three years: no period ends them, so
 * somebody is to look whether they are still needed (RET-6). Works inside the caller's transaction.
 */
final class StubReview {

    private static final Logger LOG = LoggerFactory.getLogger(StubReview.class);
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final int YEARS = 3;

    private final JdbcTemplate jdbc;
    private final MeterRegistry meters;
    private final Map<String, AtomicLong> due = new ConcurrentHashMap<>();

    StubReview(JdbcTemplate jdbc, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.meters = meters;
    }

    void look(String tenant, Instant now) {
        Long stubs =
                jdbc.queryForObject(
                        "select count(*) from suppression_stub where tenant = ? and since < ?",
                        Long.class,
                        tenant,
                        Bulk.timestamp(now.atZone(BERLIN).minusYears(YEARS).toInstant()));
        due.computeIfAbsent(tenant, this::gauge).set(stubs);
        if (stubs > 0) {
            LOG.warn("suppression.review.due tenant={} stubs={}", tenant, stubs);
        }
    }

    private AtomicLong gauge(String tenant) {
        AtomicLong value = new AtomicLong();
        Gauge.builder("jawort.suppression.review.due", value, AtomicLong::get)
                .tag("tenant", tenant)
                .register(meters);
        return value;
    }
}
