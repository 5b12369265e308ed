package org.jawort.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.archive.Archives;
import org.jawort.archive.SampleEvents;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("./hub verify archive: what it says and what it ends with")
class VerifyArchiveTest {

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
    private Path day;

    @BeforeEach
    void copyOfADay() throws IOException {
        day = folder.resolve("muster/archive/2026-11-23.jsonl");
        Files.createDirectories(day.getParent());
        Files.write(
                day,
                LongStream.rangeClosed(1, 9)
                        .mapToObj(SampleEvents::line)
                        .map(line -> new String(line, StandardCharsets.UTF_8))
                        .toList());
    }

    @Test
    void endsWithZeroIfAllIsThere() {
        assertThat(run("archive", folder.toString())).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("muster/archive: 9 messages in 1 file" + System.lineSeparator());
    }

    @Test
    void endsWithOneAndNamesWhatIsMissing() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(day));
        lines.remove(4);
        Files.write(day, lines);

        assertThat(run("archive", folder.toString())).isEqualTo(1);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("muster/archive: sequence 5: missing: ");
    }

    @Test
    void endsWithZeroIfADeadLetterWasReplayedAndNotesIt() {
        Path directory = folder.resolve("hub");
        Destination destination =
                new Destination(
                        "muster",
                        "days",
                        "archive-jsonl",
                        null,
                        List.of("*"),
                        true,
                        null,
                        Map.of());
        Archives archives =
                new Archives(
                        directory,
                        TenantInTest.with(destination),
                        Attachments.NONE,
                        () -> Instant.parse("2026-11-23T10:00:00Z"));
        for (long sequence : new long[] {1, 9, 13, 5}) { // of one conversation
            DefaultExchange exchange = new DefaultExchange(new DefaultCamelContext());
            exchange.getMessage().setBody(SampleEvents.line(sequence));
            archives.line(exchange, "muster", "days");
        }
        archives.close();

        assertThat(run("archive", directory.toString())).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("note: muster/days/2026-11-23.jsonl: line 4 (sequence 5")
                .contains("out of order", "muster/days: 4 messages in 1 file");
    }

    @Test
    void endsWithTwoIfThereIsNothingToLookAt() {
        assertThat(run("archive", folder.resolve("elsewhere").toString())).isEqualTo(2);
        assertThat(run("archive")).isEqualTo(2);
        assertThat(run("ledger", "--from", "journal-000002.zip")).isEqualTo(2);

        assertThat(progress.toString(StandardCharsets.UTF_8))
                .contains("there is no folder", "archive needs a value", "--from is of an archive");
    }

    @Test
    void explainsItself() {
        assertThat(run("--help")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("verify archive <folder>");
    }

    private int run(String... arguments) {
        return new Verify(name -> null, new PrintStream(out), new PrintStream(progress))
                .run(List.of(arguments));
    }
}
