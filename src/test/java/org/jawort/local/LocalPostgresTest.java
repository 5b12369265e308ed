package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresTest {

    @TempDir Path directory;
    private LocalPostgres postgres;

    @BeforeEach
    void start() {
        postgres = LocalPostgres.onFreePort(directory).start();
    }

    @AfterEach
    void stop() {
        postgres.stop();
    }

    @Test
    void keepsCommittedRowsOverAStopAndOverACrash() throws SQLException {
        asOwner("CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (1)");

        postgres.stop();
        postgres.start();
        asOwner("INSERT INTO kept VALUES (2)");
        postgres.kill();
        postgres.start();

        assertThat(number("SELECT count(*) FROM kept")).isEqualTo(2);
    }

    @Test
    void endsItsOwnOrphanAndTakesOverItsData() throws SQLException {
        asOwner("CREATE TABLE kept (id int)");
        var successor = LocalPostgres.in(directory, postgres.port());

        successor.start();

        try (successor) {
            assertThat(number("SELECT count(*) FROM kept")).isZero();
        }
    }

    @Test
    void startsAlthoughAStalePidFileNamesALivingStranger() throws IOException, SQLException {
        postgres.kill();
        long stranger = ProcessHandle.current().pid();
        Files.writeString(
                directory.resolve("data/postmaster.pid"),
                stranger + "\n" + directory.resolve("data") + "\n");

        postgres.start();

        assertThat(number("SELECT 1")).isOne();
    }

    @Test
    void givesTheRolesNoWayAroundRowLevelSecurity() throws SQLException {
        var privileged =
                "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'jawort%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)";

        assertThat(number("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'jawort%'"))
                .isEqualTo(2);
        assertThat(number(privileged)).isZero();
        assertThatThrownBy(
                        () ->
                                as(
                                        LocalPostgres.APP_USER,
                                        postgres.jdbcUrl(),
                                        "CREATE TABLE mine (id int)"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("permission denied");
    }

    @Test
    void givesEachTestAnEmptyDatabaseOwnedByTheOwnerRole() throws SQLException {
        String first = postgres.newDatabase();
        as(LocalPostgres.OWNER_USER, first, "CREATE TABLE seen (id int)");

        String second = postgres.newDatabase();

        as(LocalPostgres.OWNER_USER, second, "CREATE TABLE seen (id int)");
        as(LocalPostgres.APP_USER, second, "SELECT 1");
    }

    @Test
    void namesABusyPortAndTheVariableThatMovesIt() throws IOException {
        postgres.stop();
        try (var squatter =
                new ServerSocket(postgres.port(), 1, InetAddress.getLoopbackAddress())) {

            assertThatThrownBy(postgres::start)
                    .isInstanceOf(LocalStartFailed.class)
                    .hasMessageContaining(String.valueOf(squatter.getLocalPort()))
                    .hasMessageContaining("JAWORT_LOCAL_DB_PORT");
        }
    }

    private void asOwner(String... statements) throws SQLException {
        as(LocalPostgres.OWNER_USER, postgres.jdbcUrl(), statements);
    }

    private static void as(String user, String url, String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(url, user, "");
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private int number(String sql) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), LocalPostgres.OWNER_USER, "");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
