package org.jawort;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;

/**
 * The hub's classes as a JVM has them once a hub has started, in a file under {@code target/}: a
 * child that begins with it is there in half the time. Made once of a build, by a hub that starts
 * and ends, for all JVMs that run tests. A Java older than 25 does without.
 */
final class ClassCache {

    private static final Path FOLDER = Path.of("target", "class-cache").toAbsolutePath();
    private static final int PATIENCE_SECONDS = 120;

    private static List<String> options;

    private ClassCache() {}

    /** This JVM's class path as options of a child, with the cache if there can be one. */
    static synchronized List<String> options() {
        if (options == null) {
            options = Runtime.version().feature() < 25 ? plain() : cached();
        }
        return options;
    }

    private static List<String> plain() {
        return List.of("-cp", System.getProperty("java.class.path"));
    }

    private static List<String> cached() {
        try {
            Files.createDirectories(FOLDER);
            try (var lockFile =
                            FileChannel.open(
                                    FOLDER.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var lock = lockFile.lock()) {
                Path folder = FOLDER.resolve(build());
                Path cache = folder.resolve("hub.aot");
                if (Files.notExists(cache)) {
                    forgetOthers();
                    make(folder, cache);
                }
                return List.of("-XX:AOTCache=" + cache, "-cp", classPath(folder));
            }
        } catch (IOException | IllegalStateException failure) {
            System.err.println("children start without a class cache: " + failure);
            return plain();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /** A name that is another once a class, a resource, a library or the JDK is another. */
    private static String build() throws IOException {
        StringBuilder seen = new StringBuilder(System.getProperty("java.vm.version"));
        for (Path entry : entries()) {
            try (Stream<Path> files = Files.walk(entry)) {
                for (Path file : files.sorted().toList()) {
                    seen.append(file).append(' ').append(Files.size(file)).append(' ');
                    seen.append(Files.getLastModifiedTime(file).toMillis()).append('\n');
                }
            }
        }
        return UUID.nameUUIDFromBytes(seen.toString().getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static void make(Path folder, Path cache) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        for (Path entry : entries()) {
            if (Files.isDirectory(entry)) {
                pack(entry, jar(folder, entry));
            }
        }
        Path unfinished = folder.resolve("unfinished");
        try (var crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, InstantSource.system()).start();
                var hub = new ChildHub(crm)) {
            hub.start(List.of("-XX:AOTCacheOutput=" + unfinished, "-cp", classPath(folder)));
            awaitServing(hub);
            // In good order: then it writes down what it has loaded.
            if (!hub.terminate(PATIENCE_SECONDS) || Files.notExists(unfinished)) {
                throw new IllegalStateException("none was written");
            }
        }
        Files.move(unfinished, cache);
    }

    private static void awaitServing(ChildHub hub) {
        HttpRequest anything =
                HttpRequest.newBuilder(URI.create(hub.url() + "/api/openapi.yaml")).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HubInTest.await()
                    .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                    .ignoreException(ConnectException.class)
                    .until(
                            () -> {
                                if (!hub.running()) {
                                    throw new IllegalStateException(
                                            "the hub ended with " + hub.ended());
                                }
                                http.send(anything, BodyHandlers.discarding());
                                return true;
                            });
        }
    }

    /** Each is large, and of a build that is gone. */
    private static void forgetOthers() throws IOException {
        try (Stream<Path> left = Files.walk(FOLDER)) {
            for (Path file : left.filter(path -> !path.getParent().equals(FOLDER)).toList()) {
                if (Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** A cache takes no classes from folders. */
    private static void pack(Path folder, Path jar) {
        int exit =
                ToolProvider.findFirst("jar")
                        .orElseThrow(() -> new IllegalStateException("this JDK has no jar tool"))
                        .run(
                                System.out,
                                System.err,
                                "--create",
                                "--no-compress",
                                "--file",
                                jar.toString(),
                                "-C",
                                folder.toString(),
                                ".");
        if (exit != 0) {
            throw new IllegalStateException(jar + " could not be written");
        }
    }

    private static String classPath(Path folder) {
        return String.join(
                File.pathSeparator,
                entries().stream()
                        .map(entry -> Files.isDirectory(entry) ? jar(folder, entry) : entry)
                        .map(Path::toString)
                        .toList());
    }

    private static Path jar(Path folder, Path entry) {
        return folder.resolve(entry.getFileName() + ".jar");
    }

    private static List<Path> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .toList();
    }
}
