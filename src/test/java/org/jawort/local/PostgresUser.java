package org.jawort.local;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * As whom PostgreSQL runs, which refuses to be root and to use data that is not its own.
 *
 * @param prefix what each of its programs is started with
 * @param owner of its data, a user's number as seen by the one who starts it; {@code null} where
 *     that is whoever starts it
 */
record PostgresUser(List<String> prefix, Integer owner) {

    static final PostgresUser ITSELF = new PostgresUser(List.of(), null);

    /** Nobody in a user namespace of its own, with root's access to files. */
    static final PostgresUser IN_NAMESPACE = new PostgresUser(List.of("unshare", "-U"), 0);

    /** Nobody with root's access to files: containers seldom give root a namespace. */
    static final PostgresUser NOBODY =
            new PostgresUser(
                    List.of(
                            "setpriv",
                            "--reuid=65534",
                            "--regid=65534",
                            "--clear-groups",
                            "--inh-caps=+dac_override",
                            "--ambient-caps=+dac_override"),
                    65534);

    private static final String UID = "unix:uid";

    /**
     * @throws LocalStartFailed where root cannot be anybody else
     */
    static PostgresUser here() {
        boolean isRoot = isRoot();
        return of(isRoot, isRoot && LinuxUtils.isUnshareAvailable(), isRoot && NOBODY.works());
    }

    static PostgresUser of(boolean isRoot, boolean hasNamespaces, boolean mayBeNobody) {
        if (!isRoot) {
            return ITSELF;
        }
        if (hasNamespaces) {
            return IN_NAMESPACE;
        }
        if (mayBeNobody) {
            return NOBODY;
        }
        throw new LocalStartFailed(
                "PostgreSQL does not run as root, and this system lets root be nobody else (unshare -U, setpriv): use another user; in a container: docker run --user");
    }

    static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), UID));
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }

    boolean works() {
        try {
            Process process =
                    new ProcessBuilder(Stream.concat(prefix.stream(), Stream.of("true")).toList())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor() == 0;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Makes data its own that was written while PostgreSQL ran as somebody else. */
    void takeOver(Path data) throws IOException {
        if (owner == null || owner.equals(Files.getAttribute(data, UID))) {
            return;
        }
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setAttribute(file, UID, owner, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }
}
