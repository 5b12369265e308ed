package org.jawort.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("RET-11: ./hub explain archive")
class ExplainTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream problems = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return new Explain(
                        name -> null,
                        InstantSource.fixed(Instant.parse("2026-11-26T09:00:00Z")),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(problems, true, StandardCharsets.UTF_8))
                .run(List.of(arguments));
    }

    @Test
    void writesTheSectionFromTheFilesAlone() {
        int code = run("archive", "autohaus-muster", "--without-history");

        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("# Verfahrensdokumentation: Archivierung von Nachrichten")
                .contains("nicht in Kraft")
                .contains("### Archiv archive", "wird mit jeder empfangenen Nachricht archiviert")
                .contains("erst, wenn jedes Archiv")
                .contains("Handelsbrief", "6 Jahre ab dem Ende des Jahres")
                .contains("case-in-text")
                .doesNotContain("whsec\\_", "000000");
    }

    @Test
    void writesOnePageWithoutScript() {
        run("archive", "autohaus-muster", "--html", "--without-history");

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("<!DOCTYPE html>\n<html lang=\"de\">")
                .doesNotContain("<script", "http://", "https://");
    }

    @Test
    void saysWhatItCannotDo() {
        assertThat(run("archive", "nobody", "--without-history")).isEqualTo(2);
        assertThat(run("archive")).isEqualTo(2);
        assertThat(problems.toString(StandardCharsets.UTF_8))
                .contains("there is no tenant nobody", "Usage: ./hub explain");
    }
}
