package org.jawort.delivery;

import com.zaxxer.hikari.HikariDataSource;
import java.time.InstantSource;
import java.util.Map;
import org.jawort.local.LocalPostgres;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A process that does nothing but replay, to be killed: {@code <JDBC URL> <tenant> <destination>}.
 */
public final class ReplayingProcess {

    private ReplayingProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(arguments[0]);
        pool.setUsername(LocalPostgres.APP_USER);
        pool.setPassword(LocalPostgres.APP_PASSWORD);
        pool.setMaximumPoolSize(1);
        JdbcTemplate jdbc = new JdbcTemplate(pool);
        Destination destination =
                new Destination(
                        arguments[1],
                        arguments[2],
                        "crm-webhook",
                        null,
                        java.util.List.of("*"),
                        false,
                        null,
                        Map.of());
        Replays replays =
                new Replays(
                        new TenantScope(
                                new TransactionTemplate(new DataSourceTransactionManager(pool)),
                                jdbc),
                        jdbc,
                        InstantSource.system(),
                        TenantInTest.with(destination));
        while (true) {
            replays.goOn();
            Thread.sleep(20);
        }
    }
}
