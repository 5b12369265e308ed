package org.jawort.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Runs one statement for many rows: a {@code ?} takes a whole column as an array, to be read with
 * {@code unnest} or {@code any}. One round trip and one plan, however many rows.
 */
public final class Bulk {

    /** One parameter: a column of values under a PostgreSQL element type, or a single value. */
    public record Column(String type, Object value) {

        /** A single value, the same for all rows. */
        public static Column one(Object value) {
            return new Column(null, value instanceof Instant instant ? timestamp(instant) : value);
        }

        public static <T> Column of(String type, Collection<T> rows, Function<T, ?> value) {
            int size = rows.size();
            // the driver sends as bytes only what an array is declared to hold
            Object[] values =
                    switch (type) {
                        case "bytea" -> new byte[size][];
                        case "text" -> new String[size];
                        case "uuid" -> new UUID[size];
                        default -> new Object[size];
                    };
            int i = 0;
            for (T row : rows) {
                Object cell = value.apply(row);
                values[i++] =
                        cell instanceof Instant instant
                                ? kept(instant).toString()
                                : cell != null && type.equals("text") ? cell.toString() : cell;
            }
            return new Column(type, values);
        }
    }

    /** Reads one row of a result. */
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private Bulk() {}

    /**
     * @return rows changed
     */
    public static int update(JdbcTemplate jdbc, String sql, Column... columns) {
        return jdbc.execute(
                (Connection connection) -> {
                    try (PreparedStatement statement = prepare(connection, sql, columns)) {
                        return statement.executeUpdate();
                    }
                });
    }

    public static <T> List<T> query(
            JdbcTemplate jdbc, String sql, RowReader<T> reader, Column... columns) {
        return jdbc.execute(
                (Connection connection) -> {
                    try (PreparedStatement statement = prepare(connection, sql, columns);
                            ResultSet rows = statement.executeQuery()) {
                        List<T> result = new ArrayList<>();
                        while (rows.next()) {
                            result.add(reader.read(rows));
                        }
                        return result;
                    }
                });
    }

    /**
     * Of some rows the first that fit into memory together, and whatever the first one is. After
     * the parameters of the rows it takes how many, and how many bytes.
     *
     * @param rows SQL of all of them
     * @param key the column they are in the order of; the next piece is what comes after its last
     * @param large the column that takes the memory, bytea
     */
    public static String piece(String rows, String key, String large) {
        return """
        select * from (select r.*, sum(octet_length(%3$s)) over (order by %2$s) as bytes_so_far
                         from (%1$s order by %2$s limit ?) r) r
         where bytes_so_far <= ? or bytes_so_far = octet_length(%3$s) order by %2$s"""
                .formatted(rows, key, large);
    }

    /** A timestamp column as an instant; {@code null} stays {@code null}. */
    public static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** An instant as PostgreSQL's driver takes it. */
    public static OffsetDateTime timestamp(Instant instant) {
        return instant == null ? null : kept(instant).atOffset(ZoneOffset.UTC);
    }

    /**
     * Microseconds, rounded down: PostgreSQL would round to the nearest, and a message that is a
     * STOP would be newer than the STOP it is.
     */
    private static Instant kept(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    private static PreparedStatement prepare(Connection connection, String sql, Column... columns)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].type() == null) {
                statement.setObject(i + 1, columns[i].value());
            } else if (columns[i].value() instanceof UUID[] ids) {
                statement.setObject(i + 1, new UuidArray(ids));
            } else {
                statement.setArray(
                        i + 1,
                        connection.createArrayOf(columns[i].type(), (Object[]) columns[i].value()));
            }
        }
        return statement;
    }
}
