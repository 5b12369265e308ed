package org.jawort.archive;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The real disk, with a list of what was done, which stops before the n-th step and every later
 * one.
 */
final class StoppingDisk implements Disk {

    /** Happens in between. */
    interface Meanwhile {
        void step(Path file) throws IOException;
    }

    final List<String> log = new ArrayList<>();

    Meanwhile meanwhile = to -> {};
    Meanwhile beforeOpening = path -> {};

    private int stepsLeft;

    StoppingDisk(int stepsLeft) {
        this.stepsLeft = stepsLeft;
    }

    private void step(String what, Path path) throws IOException {
        if (stepsLeft-- <= 0) {
            throw new IOException("the machine stopped");
        }
        log.add(what + " " + path.getFileName());
    }

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        step("open", path);
        beforeOpening.step(path);
        return FileChannel.open(path, options);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step("move to", to);
        meanwhile.step(to);
        Disk.REAL.move(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        step("delete", path);
        Disk.REAL.delete(path);
    }
}
