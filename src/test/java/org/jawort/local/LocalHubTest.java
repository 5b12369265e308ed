package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees who cannot start the hub: one line, exit code 1, nothing left behind. */
class LocalHubTest {

    @TempDir Path home;

    private record Ended(int exitCode, String output, String error) {}

    @Test
    void saysInOneLineWhichPortIsBusyAndHowToMoveIt() throws Exception {
        try (var squatter = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(squatter.getLocalPort());

            Ended hub = run(Map.of("PORT", port));

            assertThat(hub.error()).hasLineCount(1).contains("port " + port, "set PORT");
            assertThat(hub.exitCode()).isOne();
        }
    }

    @Test
    void looksAtThePortOfHealthAndMetricsBeforeItStartsAnything() throws Exception {
        try (var squatter = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(squatter.getLocalPort());

            Ended hub =
                    run(
                            Map.of(
                                    "PORT",
                                    String.valueOf(Ports.free()),
                                    "JAWORT_MANAGEMENT_PORT",
                                    port));

            assertThat(hub.error())
                    .hasLineCount(1)
                    .contains("port " + port, "set JAWORT_MANAGEMENT_PORT");
            assertThat(hub.output()).doesNotContain("starting PostgreSQL");
            assertThat(hub.exitCode()).isOne();
        }
    }

    @Test
    void saysThatAHubAlreadyRunsFromTheSameFolder() throws Exception {
        Path lock = Files.createDirectories(home.resolve(".local")).resolve("lock");
        try (var file =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = file.lock()) {

            Ended hub = run(Map.of());

            assertThat(held.isValid()).isTrue();
            assertThat(hub.error()).hasLineCount(1).contains("already running", home.toString());
            assertThat(hub.exitCode()).isOne();
        }
    }

    @Test
    void endsWhatItStartedWhenALaterPartCannotStart() throws Exception {
        int crmPort = Ports.free();
        Path notAFolder = Files.createDirectories(home.resolve(".local")).resolve("postgres");
        Files.writeString(notAFolder, "in the way");

        Ended hub =
                run(
                        Map.of(
                                "PORT", String.valueOf(Ports.free()),
                                "JAWORT_MANAGEMENT_PORT", String.valueOf(Ports.free()),
                                "JAWORT_CRM_PORT", String.valueOf(crmPort),
                                "JAWORT_PROVIDERS_PORT", String.valueOf(Ports.free()),
                                "JAWORT_LOCAL_DB_PORT", String.valueOf(Ports.free()),
                                "JAWORT_LOCAL_KAFKA_PORT", String.valueOf(Ports.free())));

        assertThat(hub.error()).hasLineCount(1).contains("PostgreSQL");
        assertThat(hub.exitCode()).isOne();
        assertThat(kafkaLeftBehind()).isFalse();
    }

    private boolean kafkaLeftBehind() throws IOException {
        Path pidFile = home.resolve(".local/kafka/kafka.pid");
        return Files.exists(pidFile)
                && ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).isPresent();
    }

    private Ended run(Map<String, String> environment) throws IOException, InterruptedException {
        Path output = home.resolve("output");
        Path error = home.resolve("error");
        var builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LocalHub.class.getName());
        builder.environment().put("JAWORT_HOME", home.toString());
        builder.environment().put("JAVA_TOOL_OPTIONS", "");
        builder.environment().putAll(environment);
        Process process =
                builder.redirectOutput(output.toFile()).redirectError(error.toFile()).start();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(error).replaceAll("(?m)^(Picked up|WARNING:).*\\R", "");
        return new Ended(process.exitValue(), Files.readString(output), said.strip());
    }
}
