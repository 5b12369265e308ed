package org.jawort.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * What somebody would write who has only to delete: the rows of closed conversations, their events
 * and deliveries, batch by batch, over one connection. It counts nothing, records nothing and tells
 * nobody.
 */
final class BareDeletion {

    private static final List<String> BATCHED =
            List.of(
                    """
                    with due as (select m.id from message m join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
                                  where m.tenant = ? and c.closed_at < ? limit ?),
                    pictures as (delete from media where tenant = ? and message_id in (select id from due))
                    delete from message where tenant = ? and id in (select id from due)""",
                    """
                    with due as (select id from event where tenant = ? and created_at < ? limit ?),
                    tried as (delete from delivery where tenant = ? and event_id in (select id from due))
                    delete from event where tenant = ? and id in (select id from due)""");

    private final Connection connection;
    private final int batch;

    BareDeletion(Connection connection, int batch) {
        this.connection = connection;
        this.batch = batch;
    }

    void run(List<String> tenants, OffsetDateTime before) throws SQLException {
        connection.setAutoCommit(false);
        for (String tenant : tenants) {
            for (String sql : BATCHED) {
                while (delete(sql, tenant, before) == batch) {
                    // until a batch is not full
                }
            }
            enter(tenant);
            try (PreparedStatement empty =
                    connection.prepareStatement(
                            "delete from conversation where tenant = ? and closed_at < ?")) {
                empty.setString(1, tenant);
                empty.setObject(2, before);
                empty.executeUpdate();
            }
            connection.commit();
        }
    }

    private int delete(String sql, String tenant, OffsetDateTime before) throws SQLException {
        enter(tenant);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, tenant);
            statement.setObject(2, before);
            statement.setInt(3, batch);
            statement.setString(4, tenant);
            statement.setString(5, tenant);
            int deleted = statement.executeUpdate();
            connection.commit();
            return deleted;
        }
    }

    private void enter(String tenant) throws SQLException {
        try (PreparedStatement scope =
                connection.prepareStatement("select set_config('app.tenants', ?, true)")) {
            scope.setString(1, tenant);
            scope.executeQuery().close();
        }
    }
}
