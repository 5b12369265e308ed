package org.jawort;

import java.sql.DriverManager;
import java.sql.SQLException;
import org.jawort.local.LocalPostgres;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** Connections as the schema's owner, to look at what a hub stored and to change it. */
final class OwnerSql {

    private OwnerSql() {}

    /**
     * @param tenants whose rows row-level security shows
     */
    static JdbcTemplate of(String databaseUrl, String... tenants) {
        try {
            return new JdbcTemplate(
                    new SimpleDriverDataSource(
                            DriverManager.getDriver(databaseUrl),
                            databaseUrl
                                    + (databaseUrl.contains("?") ? "&" : "?")
                                    + "options=-c%20app.tenants="
                                    + String.join(",", tenants),
                            LocalPostgres.OWNER_USER,
                            LocalPostgres.OWNER_PASSWORD));
        } catch (SQLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
