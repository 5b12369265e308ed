package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Outcome.Rejected;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Codes that are names of an enum: the description lists each that a caller can hear. */
@DisplayName("The description of the API")
class DescribedCodesTest {

    /** What only webhooks and texts of the tenant file declare. */
    private static final Set<Rejected.Why> OF_NO_REQUEST =
            EnumSet.of(
                    Rejected.Why.PROMPT_UNKNOWN,
                    Rejected.Why.NOT_AUTHENTICATED,
                    Rejected.Why.NOT_ONE_TO_ONE,
                    Rejected.Why.NOT_CLASSIFIED_BY_A_PERSON);

    @Test
    void listsWhyADeclarationIsRejected() throws IOException {
        assertThat(words("Conflict"))
                .containsAll(
                        EnumSet.complementOf(EnumSet.copyOf(OF_NO_REQUEST)).stream()
                                .map(Enum::name)
                                .toList());
    }

    @Test
    void listsWhyAMessageIsDenied() throws IOException {
        assertThat(words("Denied"))
                .containsAll(
                        EnumSet.complementOf(
                                        EnumSet.of(
                                                OutboundReason.OUT_OK,
                                                OutboundReason.OUT_STORE_UNAVAILABLE)) // a 503
                                .stream()
                                .map(Enum::name)
                                .toList())
                .contains("OUT_MONTHLY_CAP", "OUT_BOT_UNDISCLOSED");
    }

    private static List<String> words(String response) throws IOException {
        JsonNode document =
                new YAMLMapper()
                        .readTree(DescribedCodesTest.class.getResourceAsStream("/openapi.yaml"));
        return Arrays.asList(
                document.at("/components/responses/" + response + "/description")
                        .asText()
                        .split("[^A-Z_]+"));
    }
}
