package org.jawort.media;

import java.util.List;
import java.util.UUID;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;

/** Pieces in the hub's own database: nothing else to run, and large enough for a small hub. */
final class PostgresPieces implements PieceStore {

    private final TenantScope scope;
    private final JdbcTemplate jdbc;

    PostgresPieces(TenantScope scope, JdbcTemplate jdbc) {
        this.scope = scope;
        this.jdbc = jdbc;
    }

    @Override
    public void put(String tenant, UUID object, int position, byte[] bytes) {
        scope.run(
                tenant,
                () ->
                        jdbc.update(
                                """
                                insert into media_piece (tenant, object_id, position, bytes) values (?, ?, ?, ?)
                                on conflict (tenant, object_id, position) do update set bytes = excluded.bytes""",
                                tenant,
                                object,
                                position,
                                bytes));
    }

    @Override
    public byte[] get(String tenant, UUID object, int position) {
        List<byte[]> found =
                scope.call(
                        tenant,
                        () ->
                                jdbc.query(
                                        "select bytes from media_piece where tenant = ? and object_id = ? and position = ?",
                                        (row, n) -> row.getBytes(1),
                                        tenant,
                                        object,
                                        position));
        return found.isEmpty() ? null : found.getFirst();
    }

    @Override
    public boolean delete(String tenant, UUID object) {
        return scope.call(
                tenant,
                () -> {
                    jdbc.update(
                            "delete from media_piece where tenant = ? and object_id = ?",
                            tenant,
                            object);
                    return get(tenant, object, 0) == null;
                });
    }
}
