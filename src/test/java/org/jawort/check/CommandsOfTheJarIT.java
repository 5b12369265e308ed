package org.jawort.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jawort.archive.SampleEvents;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As docs/operations.md has it, where there is a jar and neither Maven nor the sources. */
@DisplayName("check, verify and explain from the jar")
class CommandsOfTheJarIT {

    private static final Path JAR = Path.of("target", "jawort.jar").toAbsolutePath();

    @TempDir Path folder;

    private record Ended(int code, String output) {}

    @Test
    void checksAFolder() throws Exception {
        Ended check = run("Check", Path.of("").toAbsolutePath().toString());

        assertThat(check.output()).contains("nothing to mend");
        assertThat(check.code()).isZero();
    }

    @Test
    void tellsWhatIsMissingFromAnArchiveByItsExitCode() throws Exception {
        Path day = Files.createDirectories(folder.resolve("muster/archive"));
        List<String> lines = new ArrayList<>();
        for (long sequence : new long[] {1, 2, 4}) {
            lines.add(new String(SampleEvents.line(sequence), StandardCharsets.UTF_8));
        }
        Files.write(day.resolve("2026-11-23.jsonl"), lines);

        Ended verify = run("Verify", "archive", folder.toString());

        assertThat(verify.output()).contains("muster/archive: sequence 3: missing: ");
        assertThat(verify.code()).isOne();
    }

    @Test
    void explainsHowAnArchiveIsFed() throws Exception {
        Ended explain = run("Explain", "archive", "autohaus-muster", "--without-history");

        assertThat(explain.output()).contains("Autohaus Muster GmbH");
        assertThat(explain.code()).isZero();
    }

    private Ended run(String command, String... arguments)
            throws IOException, InterruptedException {
        List<String> line =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dloader.main=org.jawort.check." + command,
                                "-cp",
                                JAR.toString(),
                                "org.springframework.boot.loader.launch.PropertiesLauncher"));
        line.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process java =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        assertThat(java.waitFor(90, TimeUnit.SECONDS)).isTrue();
        return new Ended(java.exitValue(), Files.readString(output));
    }
}
