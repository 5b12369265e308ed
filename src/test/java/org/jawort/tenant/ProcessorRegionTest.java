package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RES-4: a tenant file promises nothing about places that its processors do not keep")
class ProcessorRegionTest {

    @TempDir Path home;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EU_ONLY | atRest: IE | ",
                "EU_ONLY | atRest: EEA, processing: DE | ",
                "EU_ONLY | atRest: DE, processing: US | muster.yaml:7: processor 'carrier' stores in DE and processes in US, which residency EU_ONLY does not allow",
                "EU_AT_REST | atRest: DE, processing: US | ",
                "EU_AT_REST | atRest: US | which residency EU_AT_REST does not allow",
                "ALLOW_LISTED | atRest: US | ",
                "ALLOW_LISTED | clearTextTopic: { approvedBy: Erika Muster, approvedOn: 2026-11-20 } | muster.yaml:7: residency ALLOW_LISTED needs to know where this is: write processors: [{ id: carrier, atRest: … }]",
                "NOT_LIMITED | atRest: US | "
            })
    void holdsThePromiseAgainstThem(String residency, String place, String told)
            throws IOException {
        String text = file(residency, place);

        if (told == null) {
            assertThat(load(text).residency()).isEqualTo(residency);
        } else {
            assertThatThrownBy(() -> load(text))
                    .isInstanceOf(TenantFileInvalid.class)
                    .hasMessageContaining(told);
        }
    }

    @Test
    void wantsToKnowWhoGetsEvents() {
        String text = file("EU_AT_REST", "atRest: DE").replace("    processor: crm-de\n", "");

        assertThatThrownBy(() -> load(text))
                .hasMessageContaining("muster.yaml:10: residency EU_AT_REST needs to know who");
    }

    @Test
    void promisesNothingUnlessTheFileDoes() throws IOException {
        String text = file("EU_AT_REST", "atRest: US").replace("residency: EU_AT_REST\n", "");

        Tenant tenant = load(text);

        assertThat(tenant.residency()).isEqualTo("NOT_LIMITED");
        assertThat(tenant.regions()).containsEntry("carrier", new ProcessorRegion("US", "US"));
    }

    private static String file(String residency, String place) {
        return """
                tenant: muster
                name: Muster GmbH
                residency: %s
                accounts:
                  - id: wa
                    provider: twilio
                    processor: carrier
                    channels: [{ channel: sms }]
                destinations:
                  - id: crm
                    route: crm-webhook
                    processor: crm-de
                    events: [message.*]
                processors:
                  - { id: carrier, %s }
                  - { id: crm-de, atRest: DE }
                """
                .formatted(residency, place);
    }

    private Tenant load(String text) throws IOException {
        Files.writeString(home.resolve("muster.yaml"), text);
        return new TenantFiles(home, name -> null).load().get("muster");
    }
}
