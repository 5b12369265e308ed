package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers are those the standards and authorities publish as examples. */
@DisplayName("FLT-8")
class ContentGuardTest {

    private final ContentGuard guard =
            new ContentGuard(List.of("diabet*", "HIV", "künstliche Ernährung"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4111 1111 1111 1111",
                "Ihre Karte 4111-1111-1111-1111 wurde belastet",
                "4111111111111111.",
                "4111 1111 1111 1111 12/27 123",
                "Bestellung 77 5500 0000 0000 0004",
                "3782 822463 10005",
                "4222222222222",
                "6304 0000 0000 0000 000",
                "4111\u00a01111\u20091111\u202f1111",
                "4111\u20111111\u20131111\u20141111",
                "4111\u200b1111\u200b1111\u200b1111",
                "\uff14\uff11\uff11\uff11 1111 1111 1111",
                "\u0664\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661"
            })
    void keepsOutNumbersOfCardsHoweverTheyAreWritten(String text) {
        assertThat(guard.isSensitive(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DE89 3704 0044 0532 0130 00",
                "Bitte an de89370400440532013000 überweisen.",
                "DE89-3704-0044-0532-0130-00 bis morgen",
                "GB82 WEST 1234 5698 7654 32",
                "AT61 1904 3002 3457 3201 und danke",
                "NL91ABNA0417164300, BIC folgt"
            })
    void keepsOutAccounts(String text) {
        assertThat(guard.isSensitive(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Steuer-ID 86 095 742 719",
                "IdNr. 47036892816",
                "65929970489",
                "Rentenversicherung 15 070649 C 103",
                "15070649C103",
                "Ausweis T220001293",
                "Passport No. C01X00T478",
                "Reisepass C01X0006H<1"
            })
    void keepsOutNumbersThatIdentifyAPerson(String text) {
        assertThat(guard.isSensitive(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Guten Tag, Ihr Termin ist am 24.11.2026 um 10:30 Uhr.",
                "4111 1111 1111 1112",
                "+4915112345678",
                "+49 151 1234 5678, 0151 12345678",
                "0800 330 1000",
                "GB82 WEST 1234 5698 7654 33",
                "ZZ82 WEST 1234 5698 7654 32",
                "Auftrag T220001293",
                "T22000129",
                "Ausweis T220001294",
                "86 095 742 710",
                "11111111111",
                "00340434161094021501",
                "Konto 1234567890",
                "15070649C104",
                "15079949C103"
            })
    void letsPassWhatOnlyLooksLikeOne(String text) {
        assertThat(guard.isSensitive(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Ihr HIV-Test ist da",
                "hiv",
                "Die Diabetesberatung",
                "DIABETIKER?",
                "Kunstliche\u00a0ernahrung",
                "di\u200babetes"
            })
    void keepsOutTheTenantsWords(String text) {
        assertThat(guard.isSensitive(text)).isTrue();
        assertThat(new ContentGuard(List.of()).isSensitive(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Archivierung", "prädiabetisch", "HIVE", "künstliche Blumen"})
    void takesAWordForAWord(String text) {
        assertThat(guard.isSensitive(text)).isFalse();
    }

    @Test
    void isNotSlowOnLongTexts() {
        assertThat(guard.isSensitive("1 ".repeat(20_000) + "DE".repeat(5_000))).isFalse();
    }

    @Test
    void tellsNobodyWhatItLooksFor() {
        assertThat(guard.toString()).doesNotContainIgnoringCase("hiv");
    }
}
