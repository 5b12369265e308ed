package org.jawort.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import javax.sql.DataSource;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/**
 * The properties of a Quartz scheduler whose jobs lie in PostgreSQL: of several nodes exactly one
 * runs each job, what was missed while none ran is made up for once, and what a killed node was at
 * is started again by another.
 */
public final class ClusteredSchedule {

    private ClusteredSchedule() {}

    /**
     * @param checkIn how often a node says that it lives: how soon one that was killed is noticed
     */
    public static Properties properties(DataSource dataSource, Duration checkIn) {
        // Quartz knows data sources by names of the whole JVM, which may hold several hubs.
        String name = "jawort-" + UUID.randomUUID();
        DBConnectionManager.getInstance().addConnectionProvider(name, new Borrowed(dataSource));
        Properties properties = new Properties();
        properties.put("org.quartz.scheduler.instanceName", "jawort");
        properties.put("org.quartz.scheduler.instanceId", "AUTO");
        properties.put("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.put("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        properties.put("org.quartz.threadPool.threadCount", "5");
        properties.put("org.quartz.jobStore.class", JobStoreTX.class.getName());
        properties.put(
                "org.quartz.jobStore.driverDelegateClass", PostgreSQLDelegate.class.getName());
        properties.put("org.quartz.jobStore.tablePrefix", "qrtz_");
        properties.put("org.quartz.jobStore.useProperties", "true");
        properties.put("org.quartz.jobStore.dataSource", name);
        properties.put("org.quartz.jobStore.isClustered", "true");
        properties.put(
                "org.quartz.jobStore.clusterCheckinInterval", String.valueOf(checkIn.toMillis()));
        return properties;
    }

    /** Connections of the hub's own pool, which outlives the scheduler. */
    private record Borrowed(DataSource dataSource) implements ConnectionProvider {

        @Override
        public Connection getConnection() throws SQLException {
            return dataSource.getConnection();
        }

        @Override
        public void shutdown() {
            // not ours to close
        }

        @Override
        public void initialize() {
            // is open
        }
    }
}
