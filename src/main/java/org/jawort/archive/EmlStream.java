package org.jawort.archive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.security.DigestOutputStream;

/**
 * The bytes of a message while they are made, however large its attachments are. Where they cannot
 * be made to the end, reading fails: what was read is not a whole message.
 */
final class EmlStream extends InputStream {

    private static final int BUFFER = 1 << 16;

    private final InputStream bytes;
    private final long[] size = new long[1];
    private volatile byte[] hash;
    private volatile boolean failed;

    private EmlStream(Eml eml, boolean large) throws IOException {
        if (large) {
            PipedInputStream pipe = new PipedInputStream(BUFFER);
            PipedOutputStream end = new PipedOutputStream(pipe);
            bytes = pipe;
            Thread.ofVirtual().name("eml").start(() -> fill(eml, end));
        } else {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            write(eml, whole);
            bytes = new ByteArrayInputStream(whole.toByteArray());
        }
    }

    static EmlStream of(Eml eml, boolean large) throws IOException {
        return new EmlStream(eml, large);
    }

    private void write(Eml eml, java.io.OutputStream out) throws IOException {
        DigestOutputStream digest = new DigestOutputStream(new Counted(out, size), Sha256.digest());
        eml.writeTo(digest);
        digest.flush();
        hash = digest.getMessageDigest().digest();
    }

    private void fill(Eml eml, PipedOutputStream end) {
        try (end) {
            write(eml, end);
        } catch (IOException | RuntimeException unreadable) {
            failed = true; // before the pipe is closed, so that its end is not taken for the
            // message's
        }
    }

    /**
     * @return how many bytes it had, once it was read to its end
     */
    long size() {
        return size[0];
    }

    /**
     * @return SHA-256, once it was read to its end
     */
    byte[] sha256() {
        return hash;
    }

    private int checked(int read) throws IOException {
        if (read < 0 && (failed || hash == null)) {
            throw new IOException("the message could not be made to its end");
        }
        return read;
    }

    @Override
    public int read() throws IOException {
        return checked(bytes.read());
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return length == 0 ? 0 : checked(bytes.read(buffer, offset, length));
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
