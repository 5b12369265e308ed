package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

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
                        "PLANNED>ANSWERED",
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
}
