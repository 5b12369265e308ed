package org.jawort.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Statements of routes, over camel-jdbc, against PostgreSQL. */
class RouteStatementsIT {

    /** From the fifth execution on the driver has the server keep a statement. */
    private static final int EXECUTIONS = 20;

    private final SingleConnectionDataSource source =
            new SingleConnectionDataSource(
                    LocalPostgres.shared().newDatabase(),
                    LocalPostgres.OWNER_USER,
                    LocalPostgres.OWNER_PASSWORD,
                    true);
    private final JdbcTemplate jdbc = new JdbcTemplate(source);
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void startRoute() throws Exception {
        camel.getRegistry().bind("statements", DataSource.class, new RouteStatements(source));
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:sql")
                                .to(
                                        "jdbc:statements?useHeadersAsParameters=true&resetAutoCommit=false");
                    }
                });
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
        source.destroy();
    }

    @Test
    void areParsedAndPlannedOnceForManyExecutions() {
        ProducerTemplate route = camel.createProducerTemplate();
        for (int n = 0; n < EXECUTIONS; n++) {
            route.requestBodyAndHeaders(
                    "direct:sql", "select 'as asked?', cast(:?number as int)", Map.of("number", n));
        }

        assertThat(
                        jdbc.queryForList(
                                "select custom_plans + generic_plans from pg_prepared_statements where statement like '%as asked%'",
                                Long.class))
                .as("one statement, kept while it is executed again and again")
                .singleElement()
                .satisfies(plans -> assertThat(plans).isGreaterThan(EXECUTIONS / 2));
    }

    @Test
    void belongToTheTransactionAroundTheRoute() {
        jdbc.execute("create table mark (number int)");
        ProducerTemplate route = camel.createProducerTemplate();

        new TransactionTemplate(new DataSourceTransactionManager(source))
                .executeWithoutResult(
                        transaction -> {
                            route.requestBodyAndHeaders(
                                    "direct:sql",
                                    "insert into mark values (:?number)",
                                    Map.of("number", 1));
                            transaction.setRollbackOnly();
                        });

        assertThat(jdbc.queryForObject("select count(*) from mark", Long.class)).isZero();
    }
}
