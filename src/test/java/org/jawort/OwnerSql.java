package org.jawort;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jawort.local.LocalPostgres;
import org.springframework.jdbc.core.JdbcTemplate;

/** Connections as the schema's owner, to look at what a hub stored and to change it. */
final class OwnerSql {

    /** By URL: whoever waits for a row looks ten times a second, and a connection is a process. */
    private static final Map<String, JdbcTemplate> KNOWN = new ConcurrentHashMap<>();

    private OwnerSql() {}

    /**
     * @param tenants whose rows row-level security shows
     */
    static JdbcTemplate of(String databaseUrl, String... tenants) {
        return KNOWN.computeIfAbsent(
                databaseUrl
                        + (databaseUrl.contains("?") ? "&" : "?")
                        + "options=-c%20app.tenants="
                        + String.join(",", tenants),
                url -> new JdbcTemplate(pool(url)));
    }

    /** Keeps nothing open for long after the last question. */
    private static HikariDataSource pool(String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(LocalPostgres.OWNER_USER);
        pool.setPassword(LocalPostgres.OWNER_PASSWORD);
        pool.setMinimumIdle(0);
        pool.setMaximumPoolSize(16);
        pool.setIdleTimeout(10_000);
        pool.setConnectionTimeout(10_000);
        pool.setInitializationFailTimeout(-1);
        return pool;
    }
}
