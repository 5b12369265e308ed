package org.jawort.archive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Counts what is written; does not close what it writes to. */
final class Counted extends FilterOutputStream {

    private final long[] count;

    Counted(OutputStream out, long[] count) {
        super(out);
        this.count = count;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        count[0]++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        count[0] += length;
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
