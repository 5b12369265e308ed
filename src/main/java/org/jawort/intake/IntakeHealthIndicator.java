package org.jawort.intake;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaConsumer;
import org.apache.camel.component.kafka.TaskHealthState;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/**
 * {@code intake} among the indicators of health: up while a webhook can be made durable, which
 * either Kafka or PostgreSQL is enough for. A hub that were not ready without one of them would be
 * taken from its providers in just the outage that intake is built for, and all hubs at once.
 *
 * <p>Asks nobody: what the pool and the consumers know is at most seconds old, as both are in use
 * all the time. Where only the consumers are left to ask, one that polls holds its own answer back
 * for as long.
 */
final class IntakeHealthIndicator implements HealthIndicator {

    private final HikariDataSource database;
    private final CamelContext camel;

    /**
     * @param database the hub's pool, which drops each connection that is found broken
     */
    IntakeHealthIndicator(HikariDataSource database, CamelContext camel) {
        this.database = database;
        this.camel = camel;
    }

    @Override
    public Health health() {
        return (isDatabaseThere() || isKafkaThere() ? Health.up() : Health.down()).build();
    }

    private boolean isDatabaseThere() {
        HikariPoolMXBean pool = database.getHikariPoolMXBean();
        return pool != null && pool.getTotalConnections() > 0;
    }

    /** Any consumer will do: one whose batch failed meanwhile begins with a new connection. */
    private boolean isKafkaThere() {
        return camel.getRoutes().stream()
                .map(Route::getConsumer)
                .filter(KafkaConsumer.class::isInstance)
                .flatMap(consumer -> ((KafkaConsumer) consumer).healthStates().stream())
                .anyMatch(TaskHealthState::isReady);
    }
}
