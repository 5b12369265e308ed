package org.jawort.rights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.jawort.store.TenantScope;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Packages in pieces, each sealed under the person's key and bound to its place: no piece can be
 * left out, moved or added, and no package is in memory whole.
 */
final class PackageStore {

    private static final int PIECE = 256 * 1024;

    private final JdbcTemplate jdbc;
    private final TenantScope scope;

    PackageStore(JdbcTemplate jdbc, TenantScope scope) {
        this.jdbc = jdbc;
        this.scope = scope;
    }

    /** Inside the caller's transaction; what is written is there once the stream is closed. */
    OutputStream writer(String tenant, UUID download, UUID subject, SubjectKey key) {
        return new Pieces(tenant, download, subject, key);
    }

    /**
     * In transactions of its own, one per piece.
     *
     * @throws Undecipherable if the key is destroyed or a piece is not what it was
     */
    void copy(String tenant, UUID download, SubjectKey key, OutputStream out) throws IOException {
        int last =
                scope.call(
                        tenant,
                        () ->
                                jdbc.queryForObject(
                                        "select coalesce(max(position), -1) from rights_package where tenant = ? and download_id = ?",
                                        Integer.class,
                                        tenant,
                                        download));
        for (int i = 0; i <= last; i++) {
            int position = i;
            byte[] sealed =
                    scope.call(
                            tenant,
                            () ->
                                    jdbc.queryForObject(
                                            "select sealed from rights_package where tenant = ? and download_id = ? and position = ?",
                                            byte[].class,
                                            tenant,
                                            download,
                                            position));
            out.write(key.open(field(download, position, position == last), sealed));
        }
    }

    /** Whether there is anything to give. */
    boolean isThere(String tenant, UUID download) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        "select exists (select 1 from rights_package where tenant = ? and download_id = ?)",
                        Boolean.class,
                        tenant,
                        download));
    }

    void delete(String tenant, UUID download) {
        jdbc.update(
                "delete from rights_package where tenant = ? and download_id = ?",
                tenant,
                download);
    }

    private static String field(UUID download, int position, boolean last) {
        return "rights.package:" + download + ":" + position + (last ? ":end" : "");
    }

    private final class Pieces extends OutputStream {
        private final String tenant;
        private final UUID download;
        private final UUID subject;
        private final SubjectKey key;
        private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
        private int position;
        private boolean closed;

        Pieces(String tenant, UUID download, UUID subject, SubjectKey key) {
            this.tenant = tenant;
            this.download = download;
            this.subject = subject;
            this.key = key;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            int from = offset;
            int left = length;
            while (left > 0) {
                if (piece.size() == PIECE) {
                    store(false);
                }
                int part = Math.min(left, PIECE - piece.size());
                piece.write(bytes, from, part);
                from += part;
                left -= part;
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                store(true);
            }
        }

        private void store(boolean last) {
            jdbc.update(
                    "insert into rights_package (tenant, download_id, position, subject_id, sealed) values (?, ?, ?, ?, ?)",
                    tenant,
                    download,
                    position,
                    subject,
                    key.seal(field(download, position, last), piece.toByteArray()));
            piece.reset();
            position++;
        }
    }
}
