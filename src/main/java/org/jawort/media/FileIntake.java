package org.jawort.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.vault.FileKey;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Takes a file as a stream into the object store: encrypts it under a new key of its own, counts,
 * hashes and looks what it is, with little of it in memory. In transactions of its own; what was
 * begun and not finished is deleted by {@link MediaDisposal}.
 */
final class FileIntake {

    private static final int BUFFER = 16 * 1024;

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final PieceStore store;
    private final InstantSource clock;

    FileIntake(TenantScope scope, JdbcTemplate jdbc, PieceStore store, InstantSource clock) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.store = store;
        this.clock = clock;
    }

    /**
     * @throws FetchFailed if it is too large, empty or too slow, or the store does not take it
     */
    StoredFile take(Fetch fetch, InputStream from) throws IOException {
        String tenant = fetch.claim.tenant();
        UUID object = UUID.randomUUID();
        try {
            begin(tenant, fetch.claim.file(), object);
            StoredFile stored = copy(fetch, from, tenant, object);
            return stored;
        } catch (IOException | RuntimeException broken) {
            loosen(tenant, fetch.claim.file(), object);
            if (broken instanceof DataIntegrityViolationException) {
                throw new FetchFailed(FetchFault.GONE); // deleted meanwhile, and nobody will ask
            }
            if (broken instanceof DataAccessException
                    || broken instanceof TransactionException
                    || broken instanceof SdkException) {
                throw new FetchFailed(FetchFault.NOT_STORED);
            }
            throw broken;
        }
    }

    private StoredFile copy(Fetch fetch, InputStream from, String tenant, UUID object)
            throws IOException {
        FileKey key = FileKey.create();
        MessageDigest hash = sha256();
        byte[] head = new byte[FileType.HEAD];
        long size = 0;
        OutputStream to =
                key.encrypting(tenant, fetch.claim.file(), Pieces.writing(store, tenant, object));
        byte[] buffer = new byte[BUFFER];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            if (size < head.length) {
                System.arraycopy(
                        buffer, 0, head, (int) size, (int) Math.min(read, head.length - size));
            }
            size += read;
            if (size > fetch.maxBytes) {
                throw new FetchFailed(FetchFault.TOO_LARGE);
            }
            if (fetch.isLate()) {
                throw new FetchFailed(FetchFault.TIMEOUT);
            }
            hash.update(buffer, 0, read);
            to.write(buffer, 0, read);
        }
        if (size == 0) {
            throw new FetchFailed(FetchFault.EMPTY);
        }
        to.close(); // not before all went well: a stream that is closed looks whole
        return new StoredFile(
                object,
                key,
                FileType.of(head, (int) Math.min(size, head.length)),
                size,
                HexFormat.of().formatHex(hash.digest()));
    }

    /** From here on the object is known, and so is whatever an earlier attempt left. */
    private void begin(String tenant, UUID file, UUID object) {
        scope.run(
                tenant,
                () -> {
                    jdbc.update(
                            "update media_object set file_id = null where tenant = ? and file_id = ?",
                            tenant,
                            file);
                    jdbc.update(
                            "insert into media_object (tenant, id, file_id, created_at) values (?, ?, ?, ?)",
                            tenant,
                            object,
                            file,
                            Bulk.timestamp(clock.instant()));
                });
    }

    /**
     * What lies there belongs to nobody, and has to be deleted once more if that was done while it
     * was still being written. Nothing happens to what its file has after all: whose commit was not
     * answered has to ask what became of it (R6), and waits for one that is still under way.
     */
    void loosen(String tenant, UUID file, UUID object) {
        try {
            scope.run(
                    tenant,
                    () -> {
                        List<UUID> kept =
                                jdbc.queryForList(
                                        "select object_id from media_file where tenant = ? and id = ? for share",
                                        UUID.class,
                                        tenant,
                                        file);
                        if (!kept.contains(object)) {
                            jdbc.update(
                                    "update media_object set file_id = null, gone_at = null, retry_at = null where tenant = ? and id = ?",
                                    tenant,
                                    object);
                        }
                    });
        } catch (DataAccessException | TransactionException down) {
            // the next attempt does it
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
