package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.Optional;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.DataProfiles;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WithheldAttachmentsTest {

    private static final Attachments ALL =
            (tenant, media) ->
                    Optional.of(
                            new Attachments.Attachment(
                                    "application/pdf",
                                    "vertrag.pdf",
                                    0,
                                    InputStream.nullInputStream()));

    @ParameterizedTest
    @CsvSource({"full, 1", "no-content, 0", "metadata, 0"})
    @DisplayName(
            "GDPR Art. 5(1)(c): a file is attached only where the data contract lets its content out")
    void attachesWhatTheContractLetsOut(String profile, int files) throws Exception {
        JsonNode event =
                new ObjectMapper()
                        .readTree(
                                """
                                { "id": "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10", "data": { "content": { "type": "document", "media": [
                                  { "id": "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b11", "contentType": "application/pdf", "size": 7 } ] } } }""");

        assertThat(new HubAttachments(ALL).of("muster", DataProfiles.profile(profile).of(event)))
                .hasSize(files);
    }
}
