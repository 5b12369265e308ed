package org.jawort.tenant;

import java.time.LocalDate;
import java.time.Period;
import java.util.Map;

/**
 * A period of a tenant that differs from the hub's.
 *
 * @param at where it stands in the tenant's file, a JSON pointer
 * @param id {@code null}: the hub's rule of the data type, with another period
 * @param version counts with {@code id} only
 * @param criteria as those of the hub's rules
 * @param basis why, {@code null} if nobody said
 * @param owner who answers for it, {@code null}: the tenant
 */
public record TenantRule(
        String at,
        String id,
        int version,
        String dataType,
        Period period,
        Map<String, String> criteria,
        String basis,
        String owner,
        LocalDate validFrom) {}
