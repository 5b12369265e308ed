package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jawort.MigratedDatabase;
import org.jawort.local.FakeMedia;
import org.jawort.local.LocalPostgres;
import org.jawort.tenant.TenantInTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Files on their way into the store, and what is left of those that do not arrive. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FileIntakeIT {

    private static final String TENANT = "autohaus-muster";

    private MigratedDatabase database;
    private PieceStore store;
    private FileIntake intake;

    @BeforeAll
    void start() {
        database = MigratedDatabase.create();
        store = new PostgresPieces(database.scope(), database.jdbc());
        intake = new FileIntake(database.scope(), database.jdbc(), store, InstantSource.system());
    }

    @AfterAll
    void stop() {
        database.close();
    }

    /** A file that is being fetched. */
    private UUID file() {
        UUID file = UuidCreator.getTimeOrderedEpoch();
        sql(
                "insert into media_file (tenant, id, message_id, subject_id, account, state, created_at, updated_at)"
                        + " values (?, ?, ?, ?, 'twilio', 'waiting', now(), now())",
                TENANT,
                file,
                file,
                file);
        return file;
    }

    private void sql(String statement, Object... parameters) {
        database.scope().run(TENANT, () -> database.jdbc().update(statement, parameters));
    }

    private static Fetch fetch(UUID file, long maxBytes, Duration timeCap) {
        return new Fetch(
                new Fetch.Claim(TENANT, file, "twilio", "twilio", 1),
                file,
                InstantSource.system().instant(),
                null,
                System.nanoTime() + timeCap.toNanos(),
                maxBytes);
    }

    private long count(String what, Object... parameters) {
        return database.scope()
                .call(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForObject(
                                                "select count(*) from " + what,
                                                Long.class,
                                                parameters));
    }

    @Test
    @DisplayName("SEC-5: what lies in the store is ciphertext that opens under its own file alone")
    void storesNothingReadable() throws IOException {
        UUID file = file();

        StoredFile stored =
                intake.take(
                        fetch(file, 1_000_000, Duration.ofMinutes(1)),
                        new ByteArrayInputStream(FakeMedia.bytes()));

        assertThat(stored.contentType()).isEqualTo("image/png");
        assertThat(stored.size()).isEqualTo(FakeMedia.bytes().length);
        byte[] piece = store.get(TENANT, stored.object(), 0);
        assertThat(new String(piece, StandardCharsets.ISO_8859_1))
                .doesNotContain("IHDR", "IDAT"); // any three bytes may stand in it by chance
        try (InputStream content = content(stored, file)) {
            assertThat(content.readAllBytes()).isEqualTo(FakeMedia.bytes());
        }
        assertThatThrownBy(() -> content(stored, UUID.randomUUID()).readAllBytes())
                .as("under another file's id")
                .isInstanceOf(IOException.class);
        piece[piece.length / 2] ^= 1;
        store.put(TENANT, stored.object(), 0, piece);
        assertThatThrownBy(() -> content(stored, file).readAllBytes())
                .as("S21: changed in the store")
                .isInstanceOf(IOException.class);
        store.put(TENANT, stored.object(), 0, Arrays.copyOf(piece, piece.length - 30));
        assertThatThrownBy(() -> content(stored, file).readAllBytes())
                .as("S21: cut off")
                .isInstanceOf(IOException.class);
    }

    private InputStream content(StoredFile stored, UUID file) throws IOException {
        return stored.key()
                .decrypting(TENANT, file, Pieces.reading(store, TENANT, stored.object()));
    }

    @Test
    @DisplayName("S12: an endless file ends at the cap, and nothing of it stays")
    void givesUpWhatIsTooLarge() {
        UUID file = file();

        assertThatThrownBy(
                        () ->
                                intake.take(
                                        fetch(file, 3_000_000, Duration.ofMinutes(1)), endless(0)))
                .isInstanceOfSatisfying(
                        FetchFailed.class,
                        failed -> assertThat(failed.fault()).isEqualTo(FetchFault.TOO_LARGE));
        assertThat(count("media_object where file_id = ?", file)).isZero();
        dispose();
        assertThat(
                        count(
                                "media_piece p join media_object o on o.id = p.object_id where o.gone_at is not null"))
                .isZero();
        assertThat(count("media_object where gone_at is null and file_id is null")).isZero();
    }

    @Test
    @DisplayName("S12, R12: a file that trickles ends when its time is over")
    void givesUpWhatIsTooSlow() {
        UUID file = file();

        assertThatThrownBy(
                        () ->
                                intake.take(
                                        fetch(file, Long.MAX_VALUE, Duration.ofMillis(200)),
                                        endless(20)))
                .isInstanceOfSatisfying(
                        FetchFailed.class,
                        failed -> assertThat(failed.fault()).isEqualTo(FetchFault.TIMEOUT));
    }

    @Test
    void hasNoPlaceForAFileThatWasDeletedMeanwhile() {
        assertThatThrownBy(
                        () ->
                                intake.take(
                                        fetch(UUID.randomUUID(), 1000, Duration.ofMinutes(1)),
                                        new ByteArrayInputStream(new byte[10])))
                .isInstanceOf(FetchFailed.class);
    }

    @Test
    void looksAfterWhatACrashedAttemptLeft() throws IOException {
        UUID file = file();
        StoredFile first =
                intake.take(
                        fetch(file, 1000, Duration.ofMinutes(1)),
                        new ByteArrayInputStream(new byte[10])); // and then the node died

        StoredFile second =
                intake.take(
                        fetch(file, 1000, Duration.ofMinutes(1)),
                        new ByteArrayInputStream(new byte[10]));
        dispose();

        assertThat(store.get(TENANT, first.object(), 0)).isNull();
        assertThat(store.get(TENANT, second.object(), 0)).isNotNull();
    }

    @Test
    @DisplayName("RET-6: what was written while it was being deleted is deleted once more")
    void deletesWhatCameAfterTheDeletion() throws IOException {
        UUID file = file();
        byte[] bytes = new byte[5_000_000];
        var deletedOnTheWay =
                new ByteArrayInputStream(bytes) {
                    private boolean deleted;

                    @Override
                    public synchronized int read(byte[] into, int offset, int length) {
                        if (pos > 3_000_000 && !deleted) {
                            deleted = true;
                            database.scope()
                                    .run(
                                            TENANT,
                                            () ->
                                                    database.jdbc()
                                                            .update(
                                                                    "delete from media_file where id = ?",
                                                                    file));
                            dispose();
                        }
                        return super.read(into, offset, length);
                    }
                };

        StoredFile stored =
                intake.take(fetch(file, bytes.length, Duration.ofMinutes(1)), deletedOnTheWay);
        intake.loosen(TENANT, file, stored.object()); // as there is nothing left to note it at
        dispose();

        assertThat(count("media_piece where object_id = ?", stored.object())).isZero();
        assertThat(count("media_object where id = ? and gone_at is not null", stored.object()))
                .isEqualTo(1);
    }

    @Test
    @DisplayName(
            "R6: what its file has stays there, though whoever stored it never heard that it was committed")
    void keepsWhatWasCommittedWithoutAnAnswer() throws Exception {
        UUID file = file();
        StoredFile stored =
                intake.take(
                        fetch(file, 1000, Duration.ofMinutes(1)),
                        new ByteArrayInputStream(new byte[10]));
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch cut = new CountDownLatch(1);
        Thread committing =
                Thread.ofVirtual()
                        .start(
                                () ->
                                        database.scope()
                                                .run(
                                                        TENANT,
                                                        () -> {
                                                            database.jdbc()
                                                                    .update(
                                                                            "update media_file set state = 'stored', object_id = ? where id = ?",
                                                                            stored.object(),
                                                                            file);
                                                            written.countDown();
                                                            awaitOn(cut);
                                                        }));
        written.await();

        Thread loosening =
                Thread.ofVirtual().start(() -> intake.loosen(TENANT, file, stored.object()));
        try {
            await().until(() -> !loosening.isAlive() || waits());
        } finally {
            cut.countDown();
        }
        committing.join();
        loosening.join();
        dispose();

        assertThat(store.get(TENANT, stored.object(), 0)).isNotNull();
        assertThat(count("media_object where id = ? and file_id = ?", stored.object(), file))
                .isEqualTo(1);
    }

    @Test
    @DisplayName(
            "R6: a delivery that waits for a file goes once the file is given up; one that is on its way is not sent twice")
    void releasesWhatWaitsAndNotWhatIsOnItsWay() {
        UUID file = file();
        UUID waiting = delivery(file, "crm", "null");
        delivery(file, "dms", "next_attempt_at");
        sql("update media_file set running = true, attempts = 1 where id = ?", file);

        database.scope()
                .run(
                        TENANT,
                        () ->
                                new MediaFiles(
                                                database.jdbc(),
                                                null,
                                                null,
                                                null,
                                                Duration.ofMinutes(1))
                                        .failed(
                                                new Fetch.Claim(
                                                        TENANT, file, "twilio", "twilio", 1),
                                                FetchFault.GONE,
                                                null,
                                                InstantSource.system().instant()));

        assertThat(
                        count(
                                "delivery where event_id = ? and destination = 'crm' and next_attempt_at <= now()",
                                waiting))
                .isEqualTo(1);
        assertThat(count("delivery where destination = 'dms' and next_attempt_at > now()"))
                .isEqualTo(1);
    }

    /** Of a message that has the id of its file. */
    private UUID delivery(UUID message, String destination, String leasedUntil) {
        UUID event = UuidCreator.getTimeOrderedEpoch();
        sql(
                "insert into event (tenant, id, type, message_id, created_at) values (?, ?, 'jawort.message.received.v1', ?, now())",
                TENANT,
                event,
                message);
        sql(
                "insert into delivery (tenant, destination, event_id, lane, sequence, state, attempts, created_at, next_attempt_at)"
                        + " values (?, ?, ?, ?, 1, 'parked', 0, now(), now() + interval '1 hour')",
                TENANT,
                destination,
                event,
                message);
        sql("update delivery set leased_until = " + leasedUntil + " where event_id = ?", event);
        return event;
    }

    private boolean waits() {
        return database.owner()
                        .queryForObject(
                                "select count(*) from pg_locks where not granted", Long.class)
                > 0;
    }

    private static void awaitOn(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    private void dispose() {
        new MediaDisposal(
                        database.scope(),
                        database.jdbc(),
                        store,
                        TenantInTest.of(TENANT).alone(),
                        InstantSource.system(),
                        new SimpleMeterRegistry())
                .run();
    }

    private static InputStream endless(int pauseMillis) {
        return new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (pauseMillis > 0) {
                    try {
                        TimeUnit.MILLISECONDS.sleep(pauseMillis); // this is a slow provider
                    } catch (InterruptedException stopped) {
                        throw new IOException(stopped);
                    }
                    bytes[offset] = 'x';
                    return 1;
                }
                Arrays.fill(bytes, offset, offset + length, (byte) 'x');
                return length;
            }
        };
    }

    @Test
    @DisplayName("25 MB of video are fetched and read in a JVM that has 64 MB for everything")
    void needsLittleMemory() throws Exception {
        UUID file = file();
        String url = database.pool().getJdbcUrl();

        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LargeFile.class.getName(),
                                url,
                                LocalPostgres.APP_USER,
                                LocalPostgres.APP_PASSWORD,
                                TENANT,
                                file.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(said.strip().lines().toList().getLast())
                .as(said)
                .isEqualTo(LargeFile.LENGTH + " " + LargeFile.LENGTH + " video/mp4");
    }
}
