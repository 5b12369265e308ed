package org.jawort.intake;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Memory for the bodies of all webhooks under way, of which nobody knows yet who sent them. A body
 * takes room as it comes, not as its sender promises, and must be whole within a deadline. What is
 * large about a body has a room of its own: senders of much cannot keep out those of little.
 */
final class BodyRoom {

    /** Of one request, until it is closed. */
    final class Body implements AutoCloseable {
        private byte[] bytes;
        private int beginning;
        private int rest;

        byte[] bytes() {
            return bytes;
        }

        @Override
        public void close() {
            small.release(beginning);
            large.release(rest);
            beginning = 0;
            rest = 0;
        }
    }

    /** A body that did not come in whole. */
    static final class Unread extends IOException {

        private final String reason;

        private Unread(String reason, Throwable cause) {
            super(reason, cause);
            this.reason = reason;
        }

        /** {@code no_room}, {@code too_slow} or {@code broken_off}. */
        String reason() {
            return reason;
        }
    }

    /** What most webhooks do not exceed; Twilio's have 2 kB. */
    static final int SMALL = 64 * 1024;

    private static final int FIRST_PIECE = 4 * 1024;

    private final Semaphore small;
    private final Semaphore large;
    private final int mostOfOne;
    private final Duration patience;
    private final Duration deadline;
    private final LongSupplier nanos;

    /**
     * @param bytes of all bodies together; half of it for the first 64 KiB of each, half for the
     *     rest
     * @param mostOfOne how many bytes of a body are of interest
     * @param patience how long a body waits for room
     * @param deadline from when a body is awaited to its last byte
     */
    BodyRoom(int bytes, int mostOfOne, Duration patience, Duration deadline, LongSupplier nanos) {
        this.small = new Semaphore(bytes / 2);
        this.large = new Semaphore(bytes / 2);
        this.mostOfOne = mostOfOne;
        this.patience = patience;
        this.deadline = deadline;
        this.nanos = nanos;
    }

    /**
     * @param length as its sender told, -1 if they did not
     * @return the whole body; {@code mostOfOne} and one byte of a longer one
     * @throws Unread if there is no room for it, it takes too long, or breaks off
     */
    Body read(InputStream in, int length) throws Unread {
        Body body = new Body();
        try {
            body.bytes = read(in, length >= 0 ? Math.min(length, mostOfOne) : mostOfOne + 1, body);
            return body;
        } catch (Unread unread) {
            body.close();
            throw unread;
        } catch (IOException brokenOff) {
            body.close();
            throw new Unread("broken_off", brokenOff);
        }
    }

    private byte[] read(InputStream in, int most, Body body) throws IOException {
        long begun = nanos.getAsLong();
        byte[] bytes = new byte[0];
        int read = 0;
        while (read < most) {
            if (read == bytes.length) {
                int more = Math.min(Math.max(FIRST_PIECE, read), most - read);
                take(more, read, body);
                bytes = Arrays.copyOf(bytes, read + more);
            }
            int now = in.read(bytes, read, bytes.length - read);
            if (now < 0) {
                return Arrays.copyOf(bytes, read);
            }
            read += now;
            if (nanos.getAsLong() - begun > deadline.toNanos() && read < most) {
                throw new Unread("too_slow", null);
            }
        }
        return bytes;
    }

    /** Room for so many bytes that begin at that place of a body. */
    private void take(int bytes, int place, Body body) throws Unread {
        int beginning = Math.clamp((long) SMALL - place, 0, bytes);
        acquire(small, beginning);
        body.beginning += beginning;
        acquire(large, bytes - beginning);
        body.rest += bytes - beginning;
    }

    private void acquire(Semaphore room, int bytes) throws Unread {
        try {
            if (bytes > 0 && !room.tryAcquire(bytes, patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new Unread("no_room", null);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Unread("no_room", null);
        }
    }
}
