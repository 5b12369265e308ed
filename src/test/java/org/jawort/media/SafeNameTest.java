package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeNameTest {

    private static final UUID ID = UUID.fromString("019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10");

    private static String of(String sent) {
        return SafeName.of(sent, "image/png", ID);
    }

    @Test
    void keepsWhatIsReadableAndTakesTheEndingFromTheBytes() {
        assertThat(of("Rechnung 1187.pdf")).isEqualTo("Rechnung 1187.png");
        assertThat(of("Kostenvoranschlag für Müller.exe"))
                .isEqualTo("Kostenvoranschlag für Müller.png");
        assertThat(of(null)).isEqualTo(ID + ".png");
    }

    @ParameterizedTest
    @DisplayName("S12, S13: no name leads anywhere, ends early, is a device, or is evaluated")
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "..\\..\\boot.ini",
                "a\0b",
                "CON",
                "con.txt",
                "nul",
                "COM1.log",
                "..",
                ".",
                "",
                " ",
                ".htaccess",
                "x\r\nSet-Cookie: a=b",
                "\"; filename=\"x.exe",
                "${sys:user.home}",
                "{{env:PATH}}",
                "$simple{body}",
                "a/b/c",
                "\u202egnp.exe",
                "-rf"
            })
    void isNoWayOut(String sent) {
        String name = of(sent);

        assertThat(name)
                .matches("[\\p{L}\\p{N}_][\\p{L}\\p{N}._ -]*\\.png")
                .doesNotContain("..")
                .hasSizeLessThanOrEqualTo(90);
        assertThat(name.toLowerCase(Locale.ROOT)).doesNotMatch("(con|nul|com1)\\..*");
    }

    @Test
    void isNotEndless() {
        assertThat(of("\ud83d\ude97ä".repeat(500))).hasSizeLessThan(200);
    }
}
