package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextFilesTest {

    private static final String PROMPT =
            """
            id: prompt
            version: 3
            kind: consentPrompt
            purpose: NOTIFICATION
            author: A
            approvedBy: B
            validFrom: 2026-11-02
            change: material
            noticeUrl: https://muster.example/datenschutz
            text:
              de: "{controller} auf {channel}: {yes}? {stop}, {noticeUrl}"
            """;

    private static final String TENANT =
            """
            tenant: muster
            name: Muster GmbH
            texts: { consentPrompt: texts/prompt-v3 }
            accounts:
              - id: wa
                provider: twilio
                channels: [{ channel: whatsapp }]
            """;

    @TempDir Path tenants;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(tenants.resolve("texts"));
        write("texts/prompt-v3.yaml", PROMPT);
        write("muster.yaml", TENANT);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(tenants.resolve(file), text);
    }

    private Tenant load() {
        return new TenantFiles(tenants, name -> null).load().get("muster");
    }

    @Test
    void readsATextWithWhatItIsFor() {
        TextVersion text = load().texts().get(TextKind.CONSENT_PROMPT).getFirst();

        assertThat(text.reference()).isEqualTo("prompt-v3");
        assertThat(text.purpose()).isEqualTo("NOTIFICATION");
        assertThat(text.change()).isEqualTo(TextVersion.Change.MATERIAL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: 3 | version: 4 | prompt-v3.yaml:1: version 4 of text 'prompt' must stand in a file named prompt-v4.yaml",
                "version: 3 | version: 0 | prompt-v3.yaml:2: version",
                "kind: consentPrompt | kind: poem | prompt-v3.yaml:3: kind",
                "kind: consentPrompt | kind: notice | prompt-v3.yaml:3: a consentPrompt names its purpose",
                "purpose: NOTIFICATION | embedsNotice: true | prompt-v3.yaml:3: a consentPrompt names its purpose",
                "purpose: NOTIFICATION | purpose: SURVEY | prompt-v3.yaml:4: purpose",
                "2026-11-02 | 2.11.2026 | prompt-v3.yaml:7: '2.11.2026' is no date",
                "change: material | change: small | prompt-v3.yaml:8: change",
                "https://muster | http://muster | prompt-v3.yaml:9: noticeUrl",
                "{yes} | {ja} | prompt-v3.yaml:11: there is no placeholder {ja}",
                "{stop} | | prompt-v3.yaml:11: a consentPrompt must say {stop}",
                "{controller} | | prompt-v3.yaml:11: a consentPrompt must say {controller}",
                "author: A | writer: A | prompt-v3.yaml"
            })
    @DisplayName("CON-16, CON-23: what a text lacks is told with file and line")
    void tellsWhatIsWrongWithAText(String from, String to, String told) throws IOException {
        write("texts/prompt-v3.yaml", PROMPT.replace(from, to == null ? "" : to));

        assertThatThrownBy(this::load)
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageStartingWith("tenants/texts/" + told.split(": ")[0])
                .hasMessageContaining(told.contains(": ") ? told.split(": ", 2)[1] : "writer");
    }

    @Test
    void wantsAnEmbeddedNoticeToNameWhoCarriesTheMessage() throws IOException {
        write(
                "texts/prompt-v3.yaml",
                PROMPT.replace(
                        "purpose: NOTIFICATION", "purpose: NOTIFICATION\nembedsNotice: true"));

        assertThatThrownBy(this::load).hasMessageContaining("must say {transport}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "texts/prompt-v3 | texts/prompt-v4 | there is no file tenants/texts/prompt-v4.yaml",
                "consentPrompt: | notice: | texts/prompt-v3 is a consentPrompt",
                "consentPrompt: texts/prompt-v3 | consentPrompt: texts/prompt-v3, language: en | has no text in the tenant's own language 'en'",
                "texts/prompt-v3 | ../secrets-v1 | texts/consentPrompt",
                "consentPrompt: | poem: | texts"
            })
    void tellsWhichReferenceCannotBeUsed(String from, String to, String told) throws IOException {
        write("muster.yaml", TENANT.replace(from, to));

        assertThatThrownBy(this::load)
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining("muster.yaml:3: ")
                .hasMessageContaining(told);
    }

    @Test
    void tellsWhatATextNeedsOfTheTenantsFile() throws IOException {
        write("texts/prompt-v3.yaml", PROMPT.replace("{noticeUrl}\"", "{noticeUrl} {contact}\""));

        assertThatThrownBy(this::load)
                .hasMessageContaining(
                        "prompt-v3 says {contact}, and this file has no controller.contact");
    }
}
