package org.jawort.rights;

import java.time.Instant;
import java.util.List;

/**
 * How long data is kept, as far as a person is told or a request must know (GDPR Art. 15(1)(d)).
 */
public interface Periods {

    /**
     * @param rule id and version
     * @param startEvent what happened when the period begins
     * @param period ISO 8601
     * @param endOfYear the period begins with the end of the year of the start
     */
    record Kept(
            String dataType,
            String rule,
            String startEvent,
            String period,
            boolean endOfYear,
            String basis) {}

    List<Kept> of(String tenant);

    /** What ended before may be gone. */
    Instant cutoff(String tenant, String dataType, Instant now);
}
