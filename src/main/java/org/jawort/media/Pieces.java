package org.jawort.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;

/** An object as a stream: one piece of it is in memory at a time. */
final class Pieces {

    static final int LENGTH = 1024 * 1024;

    private Pieces() {}

    static OutputStream writing(PieceStore store, String tenant, UUID object) {
        return new OutputStream() {
            private byte[] piece = new byte[16 * 1024]; // most files are small
            private int filled;
            private int position;
            private boolean closed;

            @Override
            public void write(int one) {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                Objects.checkFromIndexSize(offset, length, bytes.length);
                int from = offset;
                int left = length;
                while (left > 0) {
                    int part = Math.min(left, LENGTH - filled);
                    if (filled + part > piece.length) {
                        piece =
                                Arrays.copyOf(
                                        piece,
                                        Math.min(
                                                LENGTH, Math.max(2 * piece.length, filled + part)));
                    }
                    System.arraycopy(bytes, from, piece, filled, part);
                    filled += part;
                    from += part;
                    left -= part;
                    if (filled == LENGTH) {
                        put();
                    }
                }
            }

            @Override
            public void close() {
                if (!closed) {
                    closed = true;
                    if (filled > 0) {
                        put();
                    }
                }
            }

            private void put() {
                store.put(
                        tenant,
                        object,
                        position++,
                        filled == piece.length ? piece : Arrays.copyOf(piece, filled));
                filled = 0;
            }
        };
    }

    static InputStream reading(PieceStore store, String tenant, UUID object) {
        return new InputStream() {
            private byte[] piece = new byte[0];
            private int at;
            private int position;
            private boolean ended;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                Objects.checkFromIndexSize(offset, length, bytes.length);
                if (length == 0) {
                    return 0;
                }
                while (at == piece.length) {
                    byte[] next = ended ? null : store.get(tenant, object, position++);
                    if (next == null) {
                        ended = true;
                        return -1;
                    }
                    piece = next;
                    at = 0;
                }
                int part = Math.min(length, piece.length - at);
                System.arraycopy(piece, at, bytes, offset, part);
                at += part;
                return part;
            }
        };
    }
}
