package org.jawort.media;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes one file of 25 MB into PostgreSQL and reads it again, in a JVM of its own that has little
 * memory: arguments are JDBC URL, user, password, tenant and file.
 */
final class LargeFile {

    static final int LENGTH = 25 * 1024 * 1024;

    private LargeFile() {}

    public static void main(String[] arguments) throws Exception {
        String tenant = arguments[3];
        UUID file = UUID.fromString(arguments[4]);
        var data = new SingleConnectionDataSource(arguments[0], arguments[1], arguments[2], true);
        JdbcTemplate jdbc = new JdbcTemplate(data);
        TenantScope scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(data)), jdbc);
        PieceStore store = new PostgresPieces(scope, jdbc);
        FileIntake intake = new FileIntake(scope, jdbc, store, InstantSource.system());
        Fetch fetch =
                new Fetch(
                        new Fetch.Claim(tenant, file, "twilio", "twilio", 1),
                        file,
                        InstantSource.system().instant(),
                        null,
                        System.nanoTime() + 60_000_000_000L,
                        LENGTH);

        StoredFile stored = intake.take(fetch, video());

        long read;
        try (InputStream content =
                stored.key()
                        .decrypting(tenant, file, Pieces.reading(store, tenant, stored.object()))) {
            read = content.transferTo(OutputStream.nullOutputStream());
        }
        System.out.println(stored.size() + " " + read + " " + stored.contentType());
        data.destroy();
    }

    /** Random bytes behind the head of a video, made while they are read. */
    private static InputStream video() {
        Random random = new Random(1);
        return new InputStream() {
            private int at;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (at == LENGTH) {
                    return -1;
                }
                byte[] part = new byte[Math.min(length, LENGTH - at)];
                random.nextBytes(part);
                if (at == 0) {
                    System.arraycopy("....ftypmp42".getBytes(), 0, part, 0, 12);
                }
                System.arraycopy(part, 0, bytes, offset, part.length);
                at += part.length;
                return part.length;
            }
        };
    }
}
