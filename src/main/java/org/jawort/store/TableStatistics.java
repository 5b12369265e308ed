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
     * Analyzes the tables that have grown by more than half since the last time. One that shrinks
     * is left to PostgreSQL: what a nightly run deletes changes no plan within that minute.
     *
     * @return their names
     */
    public List<String> refresh() {
        List<String> outgrown =
                jdbc.queryForList(
                        """
                        select quote_ident(t.relname) from pg_stat_user_tables t join pg_class c on c.oid = t.relid
                         where t.schemaname = current_schema() and t.n_mod_since_analyze > 100
                           and t.n_mod_since_analyze > t.n_live_tup / 2 and t.n_live_tup > 1.5 * c.reltuples
                           and has_table_privilege(t.relid, 'maintain')""",
                        String.class);
        outgrown.forEach(table -> jdbc.execute("analyze " + table));
        return outgrown;
    }
}
