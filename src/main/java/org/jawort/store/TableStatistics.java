package org.jawort.store;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Keeps the planner's statistics of young and fast-growing tables fresh. PostgreSQL does so by
 * itself, but a minute late, and within that minute a new hub may have stored a day's messages.
 * Registered as {@code tableStatistics}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/routine-vacuuming.html">PostgreSQL, routine
 *     vacuuming</a>
 */
public final class TableStatistics {

    private final JdbcTemplate jdbc;

    public TableStatistics(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Analyzes the tables of which more than half of the rows are new since the last time.
     *
     * @return their names
     */
    public List<String> refresh() {
        List<String> outgrown =
                jdbc.queryForList(
                        """
                        select quote_ident(relname) from pg_stat_user_tables
                         where schemaname = current_schema() and n_mod_since_analyze > 100
                           and n_mod_since_analyze > n_live_tup / 2
                           and has_table_privilege(relid, 'maintain')""",
                        String.class);
        outgrown.forEach(table -> jdbc.execute("analyze " + table));
        return outgrown;
    }
}
