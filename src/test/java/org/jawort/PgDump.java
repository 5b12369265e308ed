package org.jawort;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL's own {@code pg_dump}, as new as the server. It comes by npm ({@code npm install
 * --prefix src/test/pg-dump}, as {@code .ci/run} does) and runs in Node; this class is its
 * connection to the server.
 */
final class PgDump {

    /** Row-level security hides nothing from this role, as it must be for a backup. */
    private static final String SUPERUSER = "postgres";

    private static final Path FOLDER = Path.of("src/test/pg-dump");

    private PgDump() {}

    static boolean isInstalled() {
        return Files.exists(
                FOLDER.resolve("node_modules/@electric-sql/pglite-tools/dist/pg_dump.wasm"));
    }

    /**
     * @param database its JDBC URL
     * @param to gets the dump: SQL, one insert per row
     */
    static void dump(String database, Path to) throws IOException, InterruptedException {
        URI server = URI.create(database.substring("jdbc:".length()));
        Process dump =
                new ProcessBuilder(
                                "node",
                                "dump.mjs",
                                "dbname=%s sslmode=disable gssencmode=disable"
                                        .formatted(server.getPath().substring(1)),
                                to.toAbsolutePath().toString())
                        .directory(FOLDER.toFile())
                        .redirectError(to.resolveSibling(to.getFileName() + ".log").toFile())
                        .start();
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            pump(dump.getInputStream(), socket.getOutputStream());
            pump(socket.getInputStream(), dump.getOutputStream());
            if (!dump.waitFor(60, TimeUnit.SECONDS) || dump.exitValue() != 0) {
                throw new IllegalStateException("pg_dump failed, see the log beside " + to);
            }
        } finally {
            dump.destroyForcibly();
        }
    }

    /** Into an empty database with the same roles. */
    static void restore(Path dump, String database) throws IOException, SQLException {
        try (var connection = DriverManager.getConnection(database, SUPERUSER, "");
                var statement = connection.createStatement()) {
            statement.execute(Files.readString(dump));
        }
    }

    private static void pump(InputStream from, OutputStream to) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            byte[] some = new byte[65536];
                            try {
                                for (int n = from.read(some); n >= 0; n = from.read(some)) {
                                    to.write(some, 0, n);
                                    to.flush();
                                }
                            } catch (IOException over) {
                                // one of the two has gone; the exit code says whether it was done
                            }
                        });
    }
}
