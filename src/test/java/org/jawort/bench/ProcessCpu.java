package org.jawort.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** CPU time of a process with everything below it. */
final class ProcessCpu {

    private static final double MILLIS_PER_TICK = 10; // USER_HZ is 100 on every Linux of today

    private ProcessCpu() {}

    /**
     * User and system time in milliseconds, of children that have ended too where the system tells
     * (Linux); 0 for a process that is gone.
     */
    static double millis(long pid) {
        return ProcessHandle.of(pid)
                .map(
                        process ->
                                own(process)
                                        + process.descendants().mapToDouble(ProcessCpu::own).sum())
                .orElse(0.0);
    }

    private static double own(ProcessHandle process) {
        try {
            return ticks(Files.readString(Path.of("/proc", process.pid() + "", "stat")))
                    * MILLIS_PER_TICK;
        } catch (IOException notLinuxOrGone) {
            return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
        }
    }

    /** utime, stime, cutime and cstime of a line of {@code /proc/<pid>/stat}, see proc(5). */
    static long ticks(String stat) {
        // the name of the program stands in brackets and may hold anything, so count from its end
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int i = 11; i <= 14; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks;
    }
}
