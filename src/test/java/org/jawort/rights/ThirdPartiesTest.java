package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("DSR-4: what is other people's is masked in a copy")
class ThirdPartiesTest {

    private final ThirdParties others =
            new ThirdParties(List.of("+4915112345678", "+493023125020", "Erika@Muster.example"));

    @ParameterizedTest
    @CsvSource({
        "Ruf +49 171 9998887 an, Ruf […] an",
        "Ruf 0171/9998887 an, Ruf […] an",
        "Meine Nummer: 0151 12345678, Meine Nummer: 0151 12345678",
        "Meine Nummer: +49 (151) 12345678, Meine Nummer: +49 (151) 12345678",
        "Ihr Büro 030 23125020, Ihr Büro 030 23125020",
        "hans@beispiel.example und erika@muster.example, […] und erika@muster.example",
        "Bestellung 4711 vom 24.11.2026, Bestellung 4711 vom 24.11.2026"
    })
    void masksNumbersAndAddresses(String text, String masked) {
        assertThat(others.masked(text)).isEqualTo(masked);
    }

    @Test
    void masksCardsAndLeavesIds() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();

        assertThat(
                        others.masked(
                                        json.readTree(
                                                """
                                                {"type":"contact","contacts":[{"name":"Hans","phones":["+491719998887"]}],
                                                 "url":"https://media.example/+491719998887","list":["0171 9998887"]}"""))
                                .toString())
                .isEqualTo(
                        "{\"type\":\"contact\",\"contacts\":[{\"name\":\"[…]\"}],"
                                + "\"url\":\"https://media.example/+491719998887\",\"list\":[\"[…]\"]}");
    }
}
