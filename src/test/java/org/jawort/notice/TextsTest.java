package org.jawort.notice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jawort.consent.Keywords;
import org.jawort.consent.Purpose;
import org.jawort.consent.Reading;
import org.jawort.message.Channel;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;
import org.jawort.tenant.TextVersion;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {

    private static final String DEMO = "autohaus-muster";

    @TempDir Path home;

    private static Texts demo(Instant now) {
        return new Texts(tenants(Path.of("tenants")), Map.of(), () -> now);
    }

    private static Tenants tenants(Path folder) {
        return new TenantFiles(folder, name -> null).load();
    }

    @Test
    void choosesTheLanguageOfTheConversationAndElseTheTenantsOwn() {
        Texts texts = demo(Instant.parse("2026-11-23T10:00:00Z"));

        Stream<String> languages =
                Stream.of("en", "de", "fr", null)
                        .map(one -> texts.current(DEMO, TextKind.NOTICE, one).orElseThrow())
                        .map(Text::language);

        assertThat(languages).containsExactly("en", "de", "de", "de");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-01T22:59:59Z, ", // still the day before in Berlin
        "2026-11-01T23:00:00Z, notice-v1",
        "2027-02-28T22:59:59Z, notice-v1",
        "2027-02-28T23:00:00Z, notice-v2",
    })
    void putsAVersionInForceOnItsDayInBerlin(Instant now, String reference) throws IOException {
        copyTenants();
        String next =
                Files.readString(home.resolve("texts/notice-v1.yaml"))
                        .replace("version: 1", "version: 2")
                        .replace("validFrom: 2026-11-02", "validFrom: 2027-03-01");
        Files.writeString(home.resolve("texts/notice-v2.yaml"), next);
        Path file = home.resolve(DEMO + ".yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "notice: texts/notice-v1",
                                "notice: [texts/notice-v1, texts/notice-v2]"));

        Texts texts = new Texts(tenants(home), Map.of(), () -> now);

        assertThat(texts.current(DEMO, TextKind.NOTICE, "de").map(Text::reference).orElse(null))
                .isEqualTo(reference);
    }

    @ParameterizedTest
    @DisplayName(
            "T11: a version says what the one in force says if only editorial ones known to be so came since")
    @CsvSource({
        "EDITORIAL, EDITORIAL, prompt-v1 prompt-v2 prompt-v3",
        "MATERIAL, EDITORIAL, prompt-v2 prompt-v3", // also where no tenant file names the second
        "EDITORIAL, MATERIAL, prompt-v3",
        ", EDITORIAL, prompt-v2 prompt-v3", // nobody knows what the second changed
        ", MATERIAL, prompt-v3",
    })
    void tellsWhichVersionsSayTheSame(
            TextVersion.Change second, TextVersion.Change third, String same) {
        TextVersion v1 =
                tenants(Path.of("tenants"))
                        .get(DEMO)
                        .texts()
                        .get(TextKind.CONSENT_PROMPT)
                        .getFirst();
        TextVersion v3 = version(v1, 3, third);
        List<Text> kept = new ArrayList<>(List.of(Text.of(v1, "de"), Text.of(v3, "de")));
        if (second != null) {
            kept.add(Text.of(version(v1, 2, second), "de"));
        }
        Texts texts =
                new Texts(
                        tenants(Path.of("tenants")),
                        Map.of(DEMO, kept),
                        () -> Instant.parse("2026-11-23T10:00:00Z"));

        assertThat(texts.sayingTheSame(DEMO, v3)).containsExactly(same.split(" "));
    }

    private static TextVersion version(TextVersion of, int number, TextVersion.Change change) {
        return new TextVersion(
                of.id(),
                number,
                of.kind(),
                of.purpose(),
                of.embedsNotice(),
                of.author(),
                of.approvedBy(),
                of.validFrom(),
                change,
                of.noticeUrl(),
                of.texts(),
                of.place());
    }

    @Test
    void asksForAPurposeOnlyWithThePromptOfThatPurpose() {
        Texts texts = demo(Instant.parse("2026-11-23T10:00:00Z"));

        assertThat(texts.prompt(DEMO, Purpose.NOTIFICATION, "en").map(Text::reference))
                .contains("prompt-v1");
        assertThat(texts.prompt(DEMO, Purpose.MARKETING, "en")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Channel.class)
    @DisplayName("CON-16, INF-2, INF-4: what the demo tenant's texts say on every channel")
    void fillsInEveryTextForEveryChannel(Channel channel) {
        Texts texts = demo(Instant.parse("2026-11-23T10:00:00Z"));

        for (String language : List.of("de", "en")) {
            Text prompt = texts.prompt(DEMO, Purpose.NOTIFICATION, language).orElseThrow();
            Text notice = texts.current(DEMO, TextKind.NOTICE, language).orElseThrow();
            String yes = language.equals("de") ? "Ja" : "YES";
            String right = language.equals("de") ? "WIDERSPRUCH" : "RIGHT TO OBJECT";

            assertThat(texts.render(DEMO, prompt, channel, Map.of()))
                    .contains(
                            "Autohaus Muster GmbH",
                            Wording.name(channel),
                            yes,
                            "STOP",
                            Wording.transport(channel, language),
                            "https://www.autohaus-muster.example/datenschutz/nachrichten")
                    .doesNotContain("{");
            assertThat(texts.render(DEMO, notice, channel, Map.of()))
                    .contains(
                            "Autohaus Muster GmbH",
                            "datenschutz@autohaus-muster.example",
                            "\n\n" + right)
                    .doesNotContain("{");
            for (TextKind kind : TextKind.values()) {
                if (kind != TextKind.CONSENT_PROMPT) {
                    Text text = texts.current(DEMO, kind, language).orElseThrow();
                    assertThat(
                                    texts.render(
                                            DEMO,
                                            text,
                                            channel,
                                            Map.of("until", "24.12.", "link", "…", "reason", "…")))
                            .doesNotContain("{");
                }
            }
        }
    }

    @Test
    void showsNobodyAHole() {
        Text text =
                demo(Instant.parse("2026-11-23T10:00:00Z"))
                        .current(DEMO, TextKind.NOTICE, "de")
                        .orElseThrow();

        assertThatThrownBy(() -> text.filled(Map.of("controller", "a$1b\\")))
                .hasMessageContaining("notice-v1 needs a value for {");
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "en", "fr", "it", "es", "nl", "pl", "tr"})
    @DisplayName("CON-11, CON-12: the words a text asks for are read as just that")
    void asksForWordsTheHubUnderstands(String language) {
        Wording.Answers answers = Wording.answers(language);

        assertThat(Keywords.DEFAULT.read(answers.yes(), Channel.WHATSAPP, language))
                .isInstanceOf(Reading.Grant.class);
        assertThat(Keywords.DEFAULT.read(answers.no(), Channel.WHATSAPP, language))
                .isInstanceOf(Reading.Deny.class);
        assertThat(Keywords.DEFAULT.read(answers.human(), Channel.WHATSAPP, null))
                .as("FLT-7: and the word by which a person is reached")
                .isInstanceOf(Reading.HumanNeeded.class);
        for (Channel channel : Channel.values()) {
            assertThat(Keywords.DEFAULT.read(answers.stop(), channel, language))
                    .isInstanceOf(Reading.Stop.class);
        }
    }

    private void copyTenants() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("tenants"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = home.resolve(Path.of("tenants").relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }
}
