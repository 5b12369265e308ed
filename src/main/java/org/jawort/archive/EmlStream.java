package org.jawort.archive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.security.DigestOutputStream;

/**
 * The bytes of a message while they are made, however large its attachments are. Where they cannot
 * be made to the end, reading fails: what was read is not a whole message.
 */
final class EmlStream extends InputStream {

    private static final int BUFFER = 1 << 16;

    private final Eml eml;
    private final long[] size = new long[1];
    private InputStream bytes; // of a large message there once it is read
    private boolean closed;
    private volatile byte[] hash;
    private volatile boolean failed;

    private EmlStream(Eml eml, boolean large) throws IOException {
        this.eml = eml;
        if (!large) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            write(whole);
            bytes = new ByteArrayInputStream(whole.toByteArray());
        }
    }

    /**
     * @param large whether it is made while it is read, by a thread that ends with the last byte or
     *     when this is closed; nothing is opened before
     */
    static EmlStream of(Eml eml, boolean large) throws IOException {
        return new EmlStream(eml, large);
    }

    private void write(OutputStream out) throws IOException {
        DigestOutputStream digest = new DigestOutputStream(new Counted(out, size), Sha256.digest());
        eml.writeTo(digest);
        digest.flush();
        hash = digest.getMessageDigest().digest();
    }

    private InputStream bytes() throws IOException {
        if (closed) {
            throw new IOException("the message is closed");
        }
        if (bytes == null) {
            PipedInputStream pipe = new PipedInputStream(BUFFER);
            PipedOutputStream end = new PipedOutputStream(pipe);
            Thread.ofVirtual().name("eml").start(() -> fill(end));
            bytes = pipe;
        }
        return bytes;
    }

    private void fill(PipedOutputStream end) {
        try (end) {
            write(end);
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
        return checked(bytes().read());
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return length == 0 ? 0 : checked(bytes().read(buffer, offset, length));
    }

    @Override
    public void close() throws IOException {
        closed = true;
        if (bytes != null) {
            bytes.close();
        }
    }
}
