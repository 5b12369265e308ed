package org.jawort;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jawort.local.LocalPostgres;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A database of its own with the hub's tables, for tests of a part of the hub.
 *
 * @param jdbc as the hub's role, inside {@code scope} only
 * @param owner as the owner of the tables, whom row-level security binds too
 */
public record MigratedDatabase(
        HikariDataSource pool, JdbcTemplate jdbc, TenantScope scope, JdbcTemplate owner)
        implements AutoCloseable {

    /** Migrated once in this JVM: a copy of it takes less than the migrations do. */
    private static final class Original {
        static final String NAME = migrated();

        private static String migrated() {
            String url = LocalPostgres.shared().newDatabase();
            Flyway.configure()
                    .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                    .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                    .load()
                    .migrate();
            return url.substring(url.lastIndexOf('/') + 1);
        }
    }

    /** A new database on the shared server, migrated; its JDBC URL. */
    static String url() {
        return LocalPostgres.shared().copyOf(Original.NAME);
    }

    public static MigratedDatabase create() {
        String url = url();
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(LocalPostgres.APP_USER);
        pool.setPassword(LocalPostgres.APP_PASSWORD);
        pool.setMaximumPoolSize(2);
        JdbcTemplate jdbc = new JdbcTemplate(pool);
        return new MigratedDatabase(
                pool,
                jdbc,
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(pool)), jdbc),
                new JdbcTemplate(
                        new DriverManagerDataSource(
                                url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)));
    }

    @Override
    public void close() {
        pool.close();
    }
}
