package org.jawort.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of this class path in a JVM of its own. */
final class ChildJvm implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 20;

    private final Process process;
    private final Path log;

    private ChildJvm(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * @param withTests whether it sees the test classes
     * @param environment beside this process's own, of which nothing named {@code JAWORT_…} is
     *     passed on
     * @param log gets what it says
     */
    static ChildJvm start(
            Class<?> program,
            List<String> options,
            List<String> arguments,
            boolean withTests,
            Map<String, String> environment,
            Path log)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("-cp", classPath(withTests), program.getName()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("JAWORT_"));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        return new ChildJvm(builder.start(), log);
    }

    long pid() {
        return process.pid();
    }

    /**
     * @throws IllegalStateException if it has ended, naming its log
     */
    void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "a measured process ended with code " + process.exitValue() + ": see " + log);
        }
    }

    /** Ends it in good order, and at once if that takes too long. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException hurried) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Without the tests, or the hub would find the benches beside its own parts. */
    private static String classPath(boolean withTests) {
        var entries =
                new ArrayList<>(
                        List.of(System.getProperty("java.class.path").split(File.pathSeparator)));
        entries.removeIf(entry -> !withTests && entry.endsWith("test-classes"));
        entries.replaceAll(entry -> Path.of(entry).toAbsolutePath().toString());
        return String.join(File.pathSeparator, entries);
    }
}
