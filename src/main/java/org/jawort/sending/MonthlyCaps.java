package org.jawort.sending;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How many messages an account, and a tenant over all its accounts, may send in a calendar month.
 * Inside the caller's transaction.
 */
final class MonthlyCaps {

    /** Which cap a message meets. */
    enum Reached {
        NONE,
        ACCOUNT,
        TENANT
    }

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** The line of the tenant itself: no account has an empty id. */
    private static final String ALL_ACCOUNTS = "";

    private final Tenants tenants;
    private final JdbcTemplate jdbc;

    MonthlyCaps(Tenants tenants, JdbcTemplate jdbc) {
        this.tenants = tenants;
        this.jdbc = jdbc;
    }

    /** Counts a message that may now be sent, unless that is one too many. */
    Reached count(Outbound row, Instant now) {
        Tenant tenant = tenants.get(row.tenant());
        if (!add(row.tenant(), row.account(), accountCap(tenant, row), 1, now)) {
            return Reached.ACCOUNT;
        }
        if (!add(row.tenant(), ALL_ACCOUNTS, tenant.sending().monthlyCap(), 1, now)) {
            add(row.tenant(), row.account(), accountCap(tenant, row), -1, now);
            return Reached.TENANT;
        }
        return Reached.NONE;
    }

    /**
     * Takes back the count of one that was not sent after all, in the month it was counted in.
     *
     * @param row of a message that was claimed
     */
    void uncount(Outbound row) {
        Tenant tenant = tenants.get(row.tenant());
        add(row.tenant(), row.account(), accountCap(tenant, row), -1, row.claimedAt());
        add(row.tenant(), ALL_ACCOUNTS, tenant.sending().monthlyCap(), -1, row.claimedAt());
    }

    private static Integer accountCap(Tenant tenant, Outbound row) {
        return tenant.accounts().get(row.account()).sending().monthlyCap();
    }

    /**
     * @return false if the cap is reached, and nothing was counted
     */
    private boolean add(String tenant, String account, Integer cap, int by, Instant now) {
        if (cap == null) {
            return true;
        }
        LocalDate month = now.atZone(BERLIN).toLocalDate().withDayOfMonth(1);
        return jdbc.update(
                        """
                        insert into send_count as c (tenant, account, month, sent) values (?, ?, ?, greatest(?, 0))
                        on conflict (tenant, account, month) do update set sent = greatest(c.sent + ?, 0)
                         where c.sent + ? <= ?""",
                        tenant,
                        account,
                        month,
                        by,
                        by,
                        by,
                        cap)
                == 1;
    }
}
