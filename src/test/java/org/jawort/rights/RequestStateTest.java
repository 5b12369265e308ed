package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestStateTest {

    @Test
    @DisplayName("DSR-3: these steps and no others")
    void goesOnlyForward() {
        Set<String> steps =
                Set.of(
                        "RECEIVED>IDENTITY_CHECK",
                        "IDENTITY_CHECK>PLANNED",
                        "IDENTITY_CHECK>ANSWERED",
                        "PLANNED>RUNNING",
                        "RUNNING>PARTLY_REFUSED",
                        "RUNNING>ANSWERED",
                        "PARTLY_REFUSED>ANSWERED",
                        "ANSWERED>CLOSED");

        List<String> found =
                Arrays.stream(RequestState.values())
                        .flatMap(
                                from ->
                                        Arrays.stream(RequestState.values())
                                                .filter(from::mayBecome)
                                                .map(to -> from + ">" + to))
                        .toList();

        assertThat(found).containsExactlyInAnyOrderElementsOf(steps);
    }

    @ParameterizedTest
    @DisplayName("DSR-1: which rights the words of a chat use")
    @CsvSource({
        "Auskunft, ACCESS, de",
        "Bitte eine Kopie meiner Daten, ACCESS, de",
        "Daten löschen, ERASE, de",
        "Bitte löschen Sie meine Daten!, ERASE, de",
        "delete my data, ERASE, en",
        "I want a copy of my data, ACCESS, en",
        "GDPR request, ACCESS, en",
        "supprimer mes données, ERASE, fr",
        "cancellate i miei dati, ERASE, it",
        "borrar mis datos, ERASE, es",
        "verwijder mijn gegevens, ERASE, nl",
        "usuń moje dane, ERASE, pl",
        "verilerimi sil, ERASE, tr",
        "Berichtigung meiner Daten, RECTIFY, de",
        "Einschränkung der Verarbeitung meiner Daten, RESTRICT, de",
        "Datenübertragbarkeit, PORTABILITY, de"
    })
    void readsTheRightFromTheWords(String words, RequestType type, String language) {
        RequestWording.Wanted wanted = RequestWording.read(words);

        assertThat(wanted.types()).containsExactly(type);
        assertThat(wanted.language()).isEqualTo(language);
    }

    @Test
    void readsTwoRightsFromOneMessage() {
        assertThat(
                        RequestWording.read(
                                        "Auskunft über meine Daten und dann löschen Sie meine Daten")
                                .types())
                .containsExactly(RequestType.ACCESS, RequestType.ERASE);
    }
}
