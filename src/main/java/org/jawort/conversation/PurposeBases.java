package org.jawort.conversation;

import java.time.InstantSource;
import java.util.Map;
import org.jawort.consent.Basis;
import org.jawort.consent.Purpose;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.TenantFileInvalid;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Stops the start when a tenant's file gives a purpose another legal basis than the one it was
 * first used on (CON-5): who consented and withdrew must not find the same purpose pursued on a
 * contract.
 */
final class PurposeBases {

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    PurposeBases(TenantScope scope, JdbcTemplate jdbc, InstantSource clock) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @throws TenantFileInvalid at the first purpose whose basis changed after its first use
     */
    void keep(Map<String, TenantPolicy> policies) {
        policies.forEach(
                (tenant, policy) ->
                        scope.run(
                                tenant,
                                () ->
                                        policy.purposes()
                                                .forEach(
                                                        (purpose, basis) ->
                                                                keep(tenant, purpose, basis))));
    }

    private void keep(String tenant, Purpose purpose, Basis basis) {
        String kept =
                jdbc.queryForObject(
                        """
                        insert into purpose_basis as b (tenant, purpose, basis, since) values (?, ?, ?, ?)
                        on conflict (tenant, purpose) do update
                           set basis = case when exists (select 1 from consent_record r
                                                          where r.tenant = b.tenant and r.purpose = b.purpose)
                                            then b.basis else excluded.basis end
                        returning basis""",
                        String.class,
                        tenant,
                        purpose.name(),
                        basis.name(),
                        Bulk.timestamp(clock.instant()));
        if (!kept.equals(basis.name())) {
            throw new TenantFileInvalid(
                    "tenants/" + tenant + ".yaml",
                    0,
                    "purposes."
                            + purpose
                            + " is "
                            + basis
                            + ", and people stand on record for it under "
                            + kept
                            + "; a purpose keeps its legal basis, switch it off instead");
        }
    }
}
