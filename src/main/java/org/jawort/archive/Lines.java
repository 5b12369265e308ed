package org.jawort.archive;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The lines of a file as bytes, without their ends; one that nothing ends is one too. */
final class Lines {

    private static final int BUFFER = 1 << 16;

    /** Takes one line after the other. */
    interface Each {
        void line(byte[] line) throws IOException;
    }

    private Lines() {}

    /**
     * @param file compressed if its name ends in {@code .gz}
     */
    static void read(Path file, Each each) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            read(
                    file.getFileName().toString().endsWith(".gz")
                            ? new GZIPInputStream(in, BUFFER)
                            : in,
                    each);
        }
    }

    static void read(InputStream in, Each each) throws IOException {
        InputStream bytes = new BufferedInputStream(in, BUFFER);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
            int start = 0;
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    line.write(buffer, start, i - start);
                    each.line(line.toByteArray());
                    line.reset();
                    start = i + 1;
                }
            }
            line.write(buffer, start, read - start);
        }
        if (line.size() > 0) {
            each.line(line.toByteArray());
        }
    }
}
