package org.jawort.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the lines of a file in the order of their sequences, one of them in memory at a time. */
final class LineFile implements AutoCloseable {

    /** Where a line begins and how many bytes it has. */
    record Place(long sequence, long offset, int length) {}

    private final Path path;
    private final FileChannel file;

    LineFile(Path path) throws IOException {
        this.path = path;
        this.file = FileChannel.open(path);
    }

    /** The lines that have a sequence. */
    List<Place> bySequence() throws IOException {
        List<Place> places = new ArrayList<>();
        long[] offset = new long[1];
        Lines.read(
                path,
                line -> {
                    Long sequence = EventIds.of(line).sequence();
                    if (sequence != null) {
                        places.add(new Place(sequence, offset[0], line.length));
                    }
                    offset[0] += line.length + 1L;
                });
        places.sort(Comparator.comparingLong(Place::sequence));
        return places;
    }

    byte[] read(Place place) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(place.length());
        while (line.hasRemaining() && file.read(line, place.offset() + line.position()) >= 0) {
            // read on until the line is whole
        }
        return line.array();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
