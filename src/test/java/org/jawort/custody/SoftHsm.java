package org.jawort.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.KeyStore;
import java.security.Security;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.KeyGenerator;

/**
 * A token of SoftHSM 2 (Debian package {@code softhsm2}); without the package, tests that need it
 * are skipped. Its library finds its configuration by the variable {@code SOFTHSM2_CONF}, which the
 * build sets for the tests.
 *
 * @param library its shared library
 */
record SoftHsm(String library) {

    static final String PIN = "123456";

    private static final List<String> LIBRARIES =
            List.of(
                    "/usr/lib/softhsm/libsofthsm2.so",
                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
                    "/opt/homebrew/lib/softhsm/libsofthsm2.so");

    /** An empty token in a folder of its own. */
    static SoftHsm inFolder(Path folder) throws Exception {
        String library =
                LIBRARIES.stream()
                        .filter(path -> Files.isReadable(Path.of(path)))
                        .findFirst()
                        .orElse(null);
        String configuration = System.getenv("SOFTHSM2_CONF");
        assumeTrue(library != null, "SoftHSM is not installed: apt-get install softhsm2");
        assumeTrue(configuration != null, "SOFTHSM2_CONF is not set");
        Path tokens = Files.createDirectories(folder.resolve("tokens"));
        Files.writeString(
                Path.of(configuration),
                "directories.tokendir = "
                        + tokens
                        + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        Process making =
                new ProcessBuilder(
                                "softhsm2-util",
                                "--init-token",
                                "--free",
                                "--label",
                                "jawort",
                                "--so-pin",
                                PIN,
                                "--pin",
                                PIN)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("init.log").toFile())
                        .start();
        assertThat(making.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(making.exitValue()).as(Files.readString(folder.resolve("init.log"))).isZero();
        return new SoftHsm(library);
    }

    /** Makes AES keys that stay in the token, and logs out. */
    void makeKeys(String... labels) throws Exception {
        var provider =
                (AuthProvider)
                        Security.getProvider("SunPKCS11")
                                .configure(
                                        "--name = making\nlibrary = \""
                                                + library
                                                + "\"\nslotListIndex = 0");
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, PIN.toCharArray());
        for (String label : labels) {
            KeyGenerator generator = KeyGenerator.getInstance("AES", provider);
            generator.init(256);
            store.setKeyEntry(label, generator.generateKey(), null, null);
        }
        provider.logout();
    }
}
