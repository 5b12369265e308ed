package org.jawort.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;

/**
 * PostgreSQL 18 on 127.0.0.1, from the class path. Its data survives restarts; a server of ours
 * that outlived a killed JVM is ended first. Roles and database are those of {@code
 * docker/postgres/init.sql}; any password is accepted here.
 *
 * <p>Made for the local run and for tests: {@link #stop}, {@link #kill} and {@link #start} again
 * keep the port, so that a test can take the database away and give it back.
 */
public final class LocalPostgres implements AutoCloseable {

    public static final String DATABASE = "jawort";
    public static final String OWNER_USER = "jawort_owner";
    public static final String OWNER_PASSWORD = "local-owner";
    public static final String APP_USER = "jawort_app";
    public static final String APP_PASSWORD = "local-app";
    private static final String SUPERUSER = "postgres";
    private static final String MAJOR_VERSION = "18";

    private final Path directory;
    private final Path data;
    private final Path log;
    private final int port;
    private PostgresSoftware software;
    private PostgresUser user;
    private boolean running;

    private LocalPostgres(Path directory, int port) {
        this.directory = directory.toAbsolutePath().normalize();
        this.data = this.directory.resolve("data");
        this.log = this.directory.resolve("postgres.log");
        this.port = port;
    }

    /** A server with its data in {@code directory}, not yet started. */
    public static LocalPostgres in(Path directory, int port) {
        return new LocalPostgres(directory, port);
    }

    /** A server with its data in {@code directory} on a port that is free now, not yet started. */
    public static LocalPostgres onFreePort(Path directory) {
        return new LocalPostgres(directory, Ports.free());
    }

    /**
     * The one server all tests of this JVM share, started at first use and gone with the JVM. Take
     * a {@link #newDatabase}.
     */
    public static LocalPostgres shared() {
        return Shared.SERVER;
    }

    /**
     * Starts the server and makes roles and database where they are absent; does nothing if it
     * runs.
     *
     * @throws LocalStartFailed with the reason and the way out in one line
     */
    public synchronized LocalPostgres start() {
        return running ? this : start(PostgresUser.here());
    }

    synchronized LocalPostgres start(PostgresUser as) {
        user = as;
        try {
            Files.createDirectories(directory);
            OrphanedProcess.end(data.resolve("postmaster.pid"), "postgres", data.toString());
            Ports.requireFree(port, "PostgreSQL", "JAWORT_LOCAL_DB_PORT");
            software =
                    PostgresSoftware.unpackedUnder(Path.of(".local", "software").toAbsolutePath());
            createCluster();
            Files.deleteIfExists(log);
            if (pgCtl("start", "-l", log.toString(), "-o", options()) != 0) {
                throw new LocalStartFailed("PostgreSQL did not start: " + lastLine(log));
            }
            running = true;
            createRolesAndDatabase();
            return this;
        } catch (IOException | SQLException failure) {
            throw new LocalStartFailed(
                    "PostgreSQL in " + directory + ": " + failure.getMessage(), failure);
        }
    }

    /** Ends the server in good order, cutting connections; does nothing if it does not run. */
    public synchronized void stop() {
        end("fast");
    }

    /**
     * Ends the server as a crash would, without a checkpoint: the next start has to recover from
     * its log.
     */
    public synchronized void kill() {
        end("immediate");
    }

    @Override
    public void close() {
        stop();
    }

    /** Stops the server when this JVM ends. Not for a program that orders its own shutdown. */
    public LocalPostgres endWithJvm() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "end-postgres"));
        return this;
    }

    public int port() {
        return port;
    }

    /** The JDBC URL of the database {@link #DATABASE}, without user and password. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    /**
     * An empty database that no other test knows, with the owner and the grants of the real one.
     *
     * @return its JDBC URL, without user and password
     */
    public String newDatabase() {
        return copyOf("template1");
    }

    /**
     * As {@link #newDatabase}, with what is in another database, which nobody is connected to.
     *
     * @param database its name
     */
    public String copyOf(String database) {
        String name = "test_" + UUID.randomUUID().toString().replace("-", "");
        try {
            createDatabase(name, database);
            return jdbcUrl(name);
        } catch (SQLException refused) {
            throw new IllegalStateException(
                    "cannot create a database: " + refused.getMessage(), refused);
        }
    }

    private void end(String mode) {
        if (running) {
            running = false;
            if (pgCtl("stop", "-m", mode) != 0) {
                OrphanedProcess.end(data.resolve("postmaster.pid"), "postgres", data.toString());
            }
        }
    }

    /**
     * Made aside and moved into place, so that a run cut short leaves nothing that looks like a
     * cluster.
     */
    private void createCluster() throws IOException {
        Path version = data.resolve("PG_VERSION");
        if (Files.exists(version)) {
            String found = Files.readString(version).strip();
            if (!found.equals(MAJOR_VERSION)) {
                throw new LocalStartFailed(
                        "%s was written by PostgreSQL %s, this is %s: delete that folder to start empty"
                                .formatted(data, found, MAJOR_VERSION));
            }
            user.takeOver(data);
            return;
        }
        Path unfinished = directory.resolve("data.unfinished");
        Path output = directory.resolve("initdb.log");
        Directories.delete(unfinished);
        int exit =
                software.run(
                        user,
                        output,
                        "initdb",
                        List.of(
                                "-D",
                                unfinished.toString(),
                                "-U",
                                SUPERUSER,
                                "-A",
                                "trust",
                                "-E",
                                "UTF8",
                                "--locale-provider=builtin",
                                "--builtin-locale=C.UTF-8",
                                "--locale=C",
                                "--no-sync"));
        if (exit != 0) {
            throw new LocalStartFailed(
                    "PostgreSQL cannot make its data folder: " + lastLine(output));
        }
        Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private String options() {
        // Everything that decides about durability stays at PostgreSQL's default: on.
        return "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c timezone=UTC"
                .formatted(port);
    }

    private int pgCtl(String verb, String... arguments) {
        var all = new java.util.ArrayList<>(List.of(verb, "-w", "-t", "60", "-D", data.toString()));
        all.addAll(List.of(arguments));
        // pg_ctl puts the server into a session of its own, out of reach of the terminal's Ctrl-C:
        // we decide when it ends.
        return software.run(user, directory.resolve("pg_ctl.log"), "pg_ctl", all);
    }

    private void createRolesAndDatabase() throws SQLException {
        try (var connection = connect(SUPERUSER);
                var statement = connection.createStatement()) {
            createRole(statement, OWNER_USER, OWNER_PASSWORD);
            createRole(statement, APP_USER, APP_PASSWORD);
            try (var found =
                    statement.executeQuery(
                            "SELECT FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
        }
        createDatabase(DATABASE, "template1");
    }

    private static void createRole(Statement statement, String role, String password)
            throws SQLException {
        try (var found =
                statement.executeQuery("SELECT FROM pg_roles WHERE rolname = '" + role + "'")) {
            if (found.next()) {
                return;
            }
        }
        statement.execute(
                "CREATE ROLE %s LOGIN PASSWORD '%s' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
                        .formatted(role, password));
    }

    private void createDatabase(String name, String template) throws SQLException {
        try (var connection = connect(SUPERUSER);
                var statement = connection.createStatement()) {
            statement.execute(
                    "CREATE DATABASE %s OWNER %s TEMPLATE %s"
                            .formatted(name, OWNER_USER, template));
            statement.execute("REVOKE ALL ON DATABASE %s FROM PUBLIC".formatted(name));
            statement.execute("GRANT CONNECT ON DATABASE %s TO %s".formatted(name, APP_USER));
        }
    }

    private Connection connect(String user) throws SQLException {
        return DriverManager.getConnection(jdbcUrl("postgres"), user, "");
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    private static String lastLine(Path file) throws IOException {
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        return lines.isEmpty()
                ? "no word from it"
                : lines.getLast() + " (all of it in " + file + ")";
    }

    private static final class Shared {
        static final LocalPostgres SERVER = start();

        private static LocalPostgres start() {
            Path directory =
                    Path.of("target", "local", "postgres-" + ProcessHandle.current().pid());
            LocalPostgres server = LocalPostgres.onFreePort(directory);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> endAndForget(server), "end-shared-postgres"));
            return server.start();
        }

        private static void endAndForget(LocalPostgres server) {
            server.stop();
            try {
                Directories.delete(server.directory);
            } catch (IOException leftForMavenClean) {
                // it is under target/
            }
        }
    }
}
