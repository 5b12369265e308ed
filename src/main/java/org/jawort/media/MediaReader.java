package org.jawort.media;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.vault.FileKey;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Opens files that were fetched, for whoever may have them. In transactions of its own. */
public final class MediaReader {

    /**
     * A file, to be read once.
     *
     * @param name under which it may be saved anywhere
     * @param contentType what the bytes are
     * @param size in bytes
     * @param sha256 of the bytes, in lower-case hex
     * @param content decrypts while it is read, little of it in memory; fails with an {@link
     *     IOException} where something was changed in the store; to be closed by the reader
     */
    public record OpenFile(
            String name, String contentType, long size, String sha256, InputStream content) {

        @Override
        public String toString() {
            return "OpenFile[" + size + "]";
        }
    }

    /** What a file that is not open is. */
    public enum State {
        STORED,
        WAITING,
        /** Given up, deleted, never there, or not to be read now: nobody is told which. */
        NOT_THERE
    }

    private static final String FILE =
            """
            select f.id, f.subject_id, f.object_id, f.sealed_key, f.sealed_facts, %s as sealed, k.wrapped from media_file f
              %s
              join subject_key k on k.tenant = f.tenant and k.subject_id = f.subject_id and k.key_group = '%s'
             where f.tenant = ? and f.state = 'stored' and\s""";

    private static final String ORDINARY =
            FILE.formatted(
                    "d.sealed",
                    "join media d on d.tenant = f.tenant and d.id = f.media_id",
                    SubjectKeys.ORDINARY);

    private static final String RETAINED = FILE.formatted("null::bytea", "", SubjectKeys.RETAINED);

    private static final String READABLE =
            """
            select f.state from media_file f
              join media d on d.tenant = f.tenant and d.id = f.media_id
              join message m on m.tenant = d.tenant and m.id = d.message_id and m.held_until is null
              join subject s on s.tenant = f.tenant and s.id = f.subject_id and s.restricted_at is null and s.erasing_at is null
             where f.tenant = ? and f.id = ?""";

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final PieceStore store;

    MediaReader(TenantScope scope, JdbcTemplate jdbc, SubjectKeys keys, PieceStore store) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.keys = keys;
        this.store = store;
    }

    /**
     * Whether a file may be read now: not one of a message that is held, nor of a person whose data
     * is restricted or being erased.
     */
    public State state(String tenant, UUID file) {
        List<String> found =
                scope.call(
                        tenant,
                        () ->
                                Bulk.query(
                                        jdbc,
                                        READABLE,
                                        row -> row.getString(1),
                                        Column.one(tenant),
                                        Column.one(file)));
        return switch (found.isEmpty() ? "" : found.getFirst()) {
            case "stored" -> State.STORED;
            case "waiting" -> State.WAITING;
            default -> State.NOT_THERE;
        };
    }

    /**
     * A file of a message that is delivered or was.
     *
     * @param file the {@code id} in {@code content.media}
     * @return empty unless {@link #state} is {@link State#STORED}
     */
    public Optional<OpenFile> open(String tenant, UUID file) {
        return state(tenant, file) == State.STORED ? openAnyway(tenant, file) : Optional.empty();
    }

    /** The same for the person's own copy, whatever others may see of it now. */
    public Optional<OpenFile> openAnyway(String tenant, UUID file) {
        return opened(tenant, ORDINARY, SubjectKeys.ORDINARY, file);
    }

    /** A file of a message that is kept by law alone, for the role that may see it (RET-8). */
    public Optional<OpenFile> openRetained(String tenant, UUID file) {
        return opened(tenant, RETAINED, SubjectKeys.RETAINED, file);
    }

    private Optional<OpenFile> opened(String tenant, String sql, String group, UUID file) {
        return scope
                .call(
                        tenant,
                        () ->
                                Bulk.query(
                                        jdbc,
                                        sql + "f.id = ?",
                                        row -> read(tenant, group, row),
                                        Column.one(tenant),
                                        Column.one(file)))
                .stream()
                .findFirst()
                .flatMap(one -> one);
    }

    private Optional<OpenFile> read(String tenant, String group, ResultSet row)
            throws SQLException {
        UUID file = row.getObject("id", UUID.class);
        UUID object = row.getObject("object_id", UUID.class);
        try {
            SubjectKey person =
                    keys.open(
                            tenant,
                            row.getObject("subject_id", UUID.class),
                            group,
                            row.getBytes("wrapped"));
            ObjectNode facts =
                    MediaFiles.read(person.open("media.facts", row.getBytes("sealed_facts")));
            byte[] sealed = row.getBytes("sealed");
            String sent =
                    sealed == null
                            ? null
                            : MediaFiles.read(person.open("media", sealed))
                                    .path("name")
                                    .textValue();
            String type = facts.path("contentType").textValue();
            return Optional.of(
                    new OpenFile(
                            SafeName.of(sent, type, file),
                            type,
                            facts.path("size").longValue(),
                            facts.path("sha256").textValue(),
                            FileKey.open(person, row.getBytes("sealed_key"))
                                    .decrypting(
                                            tenant, file, Pieces.reading(store, tenant, object))));
        } catch (Undecipherable shredded) {
            return Optional.empty();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A stored file of a person, for a copy: its id and the message it belongs to. */
    public record Place(UUID file, UUID message) {}

    /** Stored files of these messages, in order; inside the caller's transaction. */
    public List<Place> of(String tenant, List<UUID> messages) {
        return Bulk.query(
                jdbc,
                """
                select f.id, f.message_id from media_file f left join media d on d.tenant = f.tenant and d.id = f.media_id
                 where f.tenant = ? and f.message_id = any(?::uuid[]) and f.state = 'stored' order by f.message_id, d.position, f.id""",
                row -> new Place(row.getObject(1, UUID.class), row.getObject(2, UUID.class)),
                Column.one(tenant),
                Column.of("uuid", messages, id -> id));
    }

    /** Ending of the names of such files, without the dot. */
    public static String ending(String contentType) {
        return FileType.ending(contentType);
    }
}
