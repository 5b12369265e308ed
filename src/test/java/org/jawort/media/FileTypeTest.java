package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jawort.local.FakeMedia;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileTypeTest {

    private static String of(byte[] bytes) {
        return FileType.of(bytes, Math.min(bytes.length, FileType.HEAD));
    }

    private static String of(String latin1) {
        return of(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "\u00ff\u00d8\u00ff\u00e0..JFIF, image/jpeg, jpg",
        "GIF89a......, image/gif, gif",
        "RIFF....WEBPVP8 , image/webp, webp",
        "RIFF....WAVEfmt , audio/wav, wav",
        "OggS....OpusHead, audio/ogg, ogg",
        "#!AMR......., audio/amr, amr",
        "ID3........., audio/mpeg, mp3",
        "\u00ff\u00f1\u0050......, audio/aac, aac",
        "\u00ff\u00fb\u0090......, audio/mpeg, mp3",
        "....ftypisom...., video/mp4, mp4",
        "....ftyp3gp4...., video/3gpp, 3gp",
        "....ftypM4A ...., audio/mp4, m4a",
        "....ftypheic...., image/heic, heic",
        "....ftypqt  ...., video/quicktime, mov",
        "%PDF-1.7, application/pdf, pdf",
        "BEGIN:VCARD, text/vcard, vcf",
        "Guten Tag, text/plain, txt"
    })
    @DisplayName("S12: what a file is, its bytes say")
    void tellsWhatPeopleSend(String head, String type, String ending) {
        String text = head.startsWith("#!AMR") ? "#!AMR\n....." : head;

        assertThat(of(text)).isEqualTo(type);
        assertThat(FileType.ending(type)).isEqualTo(ending);
    }

    @Test
    void tellsAPictureThatAProgramMade() {
        assertThat(of(FakeMedia.bytes())).isEqualTo("image/png");
    }

    @ParameterizedTest
    @DisplayName("S12: nothing a browser or a system would run has a type of its own")
    @ValueSource(
            strings = {
                "<!DOCTYPE html><script>alert(1)</script>",
                "  \n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
                "<?xml version='1.0'?><x/>",
                "MZ\u0090\u0000\u0003",
                "\u007fELF\u0002",
                "\u00ca\u00fe\u00ba\u00be\u0000",
                "\u0000\u0001\u0002\u0003",
                ""
            })
    void saysNothingOfWhatCouldRun(String head) {
        assertThat(of(head)).isEqualTo(FileType.UNKNOWN);
    }

    @Test
    void tellsDocumentsFromArchivesWithoutUnpackingThem() throws IOException {
        assertThat(of(zip("[Content_Types].xml", "_rels/.rels", "word/document.xml")))
                .endsWith("wordprocessingml.document");
        assertThat(of(zip("[Content_Types].xml", "xl/workbook.xml")))
                .endsWith("spreadsheetml.sheet");
        assertThat(of(zip("word/holiday.jpg"))).isEqualTo("application/zip");
        assertThat(of(zip("bomb.bin"))).isEqualTo("application/zip");
    }

    @Test
    void readsWordsThatAreCutOffInTheMiddleOfALetter() {
        byte[] long_ = "ä".repeat(FileType.HEAD).getBytes(StandardCharsets.UTF_8);
        byte[] odd = ("x" + "ä".repeat(FileType.HEAD)).getBytes(StandardCharsets.UTF_8);

        assertThat(of(long_)).isEqualTo("text/plain");
        assertThat(of(odd)).isEqualTo("text/plain");
    }

    private static byte[] zip(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
