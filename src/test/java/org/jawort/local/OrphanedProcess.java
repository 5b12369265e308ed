package org.jawort.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server that outlived the JVM that started it (that one was killed before it could end its
 * children). A process is ended only if its command line holds every mark of ours: process ids are
 * reused, and a stale file may name a stranger.
 */
final class OrphanedProcess {

    private static final Duration POLITE = Duration.ofSeconds(10);

    private OrphanedProcess() {}

    /**
     * Ends the process named in the first line of a pid file, if it is ours, and removes the file
     * either way.
     *
     * @param marks texts the command line must contain, all of them
     * @return whether there was one to end
     * @throws LocalStartFailed if it does not end
     */
    static boolean end(Path pidFile, String... marks) {
        Optional<ProcessHandle> orphan =
                pidIn(pidFile).flatMap(ProcessHandle::of).filter(it -> bears(it, marks));
        orphan.ifPresent(OrphanedProcess::end);
        try {
            Files.deleteIfExists(pidFile);
        } catch (IOException notOurs) {
            throw new LocalStartFailed(
                    "cannot remove the stale file " + pidFile + ": " + notOurs.getMessage(),
                    notOurs);
        }
        return orphan.isPresent();
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        if (!ended(process)) {
            process.destroyForcibly();
            if (!ended(process)) {
                throw new LocalStartFailed(
                        "process %d of an earlier run does not end; end it by hand"
                                .formatted(process.pid()));
            }
        }
    }

    private static boolean ended(ProcessHandle process) {
        try {
            process.onExit().get(POLITE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException stillThere) {
            return false;
        } catch (ExecutionException neverThrown) {
            return !process.isAlive();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    private static boolean bears(ProcessHandle process, String... marks) {
        String commandLine = process.info().commandLine().orElse("");
        for (String mark : marks) {
            if (!commandLine.contains(mark)) {
                return false;
            }
        }
        return true;
    }

    private static Optional<Long> pidIn(Path pidFile) {
        try (var lines = Files.lines(pidFile)) {
            return lines.findFirst().map(String::strip).map(Long::valueOf);
        } catch (IOException | NumberFormatException noneOrTorn) {
            return Optional.empty();
        }
    }
}
