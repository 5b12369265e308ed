package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jawort.intake.BodyRoom.Body;
import org.jawort.intake.BodyRoom.Unread;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("S6, S7: bodies of strangers take no more memory than there is room for")
class BodyRoomTest {

    private static final int MEGABYTE = 1 << 20;

    private long nanos;

    @Property(tries = 200)
    void readsWhatCameInWhateverPieces(
            @ForAll @IntRange(max = 200_000) int length,
            @ForAll @IntRange(min = 1, max = 70_000) int piece,
            @ForAll boolean told)
            throws IOException {
        byte[] sent = bytes(length);

        try (Body body = room(MEGABYTE).read(inPieces(sent, piece), told ? length : -1)) {
            assertThat(body.bytes()).isEqualTo(sent);
        }
    }

    @Test
    void readsOneByteMoreThanIsOfInterest() throws IOException {
        InputStream endless = inPieces(bytes(3 * MEGABYTE), 1000);

        try (Body body = room(4 * MEGABYTE).read(endless, -1)) {
            assertThat(body.bytes()).hasSize(MEGABYTE + 1);
        }
    }

    @Test
    void givesRoomBackOnceABodyIsDoneWith() throws IOException {
        BodyRoom room = room(2 * MEGABYTE);

        for (int i = 0; i < 100; i++) {
            room.read(new ByteArrayInputStream(bytes(900_000)), 900_000).close();
            assertThatThrownBy(() -> room.read(brokenOffAfter(800_000), 900_000))
                    .isInstanceOfSatisfying(
                            Unread.class,
                            unread -> assertThat(unread.reason()).isEqualTo("broken_off"));
        }
    }

    @Test
    void refusesALargeBodyWhereThereIsNoRoomAndTakesTheSmallOnesStill() throws IOException {
        BodyRoom room = room(2 * MEGABYTE);
        room.read(new ByteArrayInputStream(bytes(MEGABYTE)), MEGABYTE);

        assertThatThrownBy(() -> room.read(new ByteArrayInputStream(bytes(MEGABYTE)), MEGABYTE))
                .isInstanceOfSatisfying(
                        Unread.class, unread -> assertThat(unread.reason()).isEqualTo("no_room"));
        for (int i = 0; i < 10; i++) {
            room.read(new ByteArrayInputStream(bytes(BodyRoom.SMALL)), BodyRoom.SMALL);
        }
    }

    @Test
    @DisplayName("what is promised takes no room: a thousand senders of nothing keep nobody out")
    void takesNoRoomForWhatDoesNotCome() throws IOException {
        BodyRoom room = room(32 * MEGABYTE);
        List<Body> waiting = new ArrayList<>();

        for (int i = 0; i < 1000; i++) {
            waiting.add(room.read(InputStream.nullInputStream(), MEGABYTE));
        }

        assertThat(room.read(new ByteArrayInputStream(bytes(MEGABYTE)), MEGABYTE).bytes())
                .hasSize(MEGABYTE);
        assertThat(waiting).hasSize(1000);
    }

    @Test
    void givesUpOnWhoSendsAByteNowAndThen() {
        InputStream slow =
                new InputStream() {
                    @Override
                    public int read() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        nanos += Duration.ofSeconds(3).toNanos();
                        return 1;
                    }
                };

        assertThatThrownBy(() -> room(MEGABYTE).read(slow, 5000))
                .isInstanceOfSatisfying(
                        Unread.class, unread -> assertThat(unread.reason()).isEqualTo("too_slow"));
        assertThat(nanos).isEqualTo(Duration.ofSeconds(12).toNanos());
    }

    private BodyRoom room(int bytes) {
        return new BodyRoom(bytes, MEGABYTE, Duration.ZERO, Duration.ofSeconds(10), () -> nanos);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    private static InputStream inPieces(byte[] bytes, int piece) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(length, piece));
            }
        };
    }

    private static InputStream brokenOffAfter(int length) {
        return new FilterInputStream(new ByteArrayInputStream(bytes(length))) {
            @Override
            public int read(byte[] into, int offset, int most) throws IOException {
                int read = super.read(into, offset, most);
                if (read < 0) {
                    throw new IOException("reset");
                }
                return read;
            }
        };
    }
}
