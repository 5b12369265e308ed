package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.List;
import java.util.Map;
import org.jawort.consent.ConsentRules;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TenantFilesTest {

    private static final String GOOD =
            """
            tenant: muster
            name: Muster GmbH
            residency: NOT_LIMITED
            consent: { mode: strict, stopWords: [Ende] }
            accounts:
              - id: wa
                provider: twilio
                channels:
                  - { channel: whatsapp, address: "+493023125010" }
                credentials: { authToken: ["${TOKEN}", "${TOKEN_NEXT:}"], accountSid: "${SID:AC1}" }
            purposes: { NOTIFICATION: CONSENT, MARKETING: off }
            destinations:
              - id: crm
                route: crm-webhook
                events: [message.*, consent.changed]
                settings: { url: "https://crm.example/${TENANT_PATH:x}?a=${B:}" }
            retention:
              media: P10D
            """;

    private final Map<String, String> environment =
            new java.util.HashMap<>(Map.of("TOKEN", "t0ken"));

    @TempDir Path home;

    @Test
    void readsAWholeFile() throws IOException {
        Tenant tenant = load(GOOD);

        assertThat(tenant.consentMode()).isEqualTo(Tenant.ConsentMode.STRICT);
        assertThat(tenant.residency()).isEqualTo("NOT_LIMITED");
        assertThat(tenant.stopWords()).containsExactly("Ende");
        assertThat(tenant.retention().rules())
                .extracting(TenantRule::dataType, TenantRule::period)
                .containsExactly(tuple("media", java.time.Period.ofDays(10)));
        assertThat(tenant.destinations().get("crm").mapping())
                .isEqualTo("destinations/canonical.jslt");
        assertThat(tenant.destinations().get("crm").consumed()).isFalse();
    }

    @Test
    void readsHowADestinationIsCalled() throws IOException {
        DeliveryPolicy usual = load(GOOD).destinations().get("crm").delivery();
        DeliveryPolicy own =
                load(GOOD.replace(
                                "    route: crm-webhook\n",
                                """
                                    route: crm-webhook
                                    delivery:
                                      deadline: PT5S
                                      concurrency: 4
                                      disableAfter: P2D
                                      answers:
                                        - { status: 200, at: /success, is: false, means: final }
                                        - { status: 5xx, contains: "maintenance", means: retry }
                                """))
                        .destinations()
                        .get("crm")
                        .delivery();

        assertThat(usual).isEqualTo(DeliveryPolicy.DEFAULT);
        assertThat(own.deadline()).isEqualTo(Duration.ofSeconds(5));
        assertThat(own.concurrency()).isEqualTo(4);
        assertThat(own.disableAfter()).isEqualTo(Duration.ofDays(2));
        assertThat(own.answers())
                .extracting(AnswerRule::from, AnswerRule::to, AnswerRule::is, AnswerRule::means)
                .containsExactly(
                        tuple(200, 200, "false", AnswerRule.Meaning.FINAL),
                        tuple(500, 599, null, AnswerRule.Meaning.RETRY));
        assertThat(own.answers().getFirst().fits("{\"success\":false}".getBytes(), true))
                .contains(true);
        assertThat(own.answers().getFirst().fits("{\"success\":true}".getBytes(), true))
                .contains(false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deadline: soon | deadline is a duration from PT1S to PT2M",
                "deadline: PT3M | deadline is a duration from PT1S to PT2M",
                "disableAfter: PT1M | disableAfter is a duration from PT1H to PT720H",
                "concurrency: 65 | destinations/0/delivery/concurrency",
                "retries: 3 | destinations/0/delivery",
                "answers: [ { status: 200 } ] | destinations/0/delivery/answers/0",
                "answers: [ { status: 200, means: maybe } ] | destinations/0/delivery/answers/0/means",
                "answers: [ { status: 2000, means: final } ] | destinations/0/delivery/answers/0/status",
                "answers: [ { status: 200, is: error, means: final } ] | 'is' needs 'at'",
                "answers: [ { status: 302, means: delivered } ] | a redirect is not followed",
            })
    @DisplayName("R11: what a destination's answers mean is checked, with file and line")
    void refusesAWayToCallThatCannotBe(String delivery, String problem) {
        String file =
                GOOD.replace(
                        "    route: crm-webhook\n",
                        "    route: crm-webhook\n    delivery:\n      " + delivery + "\n");

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(TenantFileInvalid.class)
                .message()
                .containsPattern("muster\\.yaml:1[56]: ")
                .contains(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "'bot: true', a bot writes with this key, and texts names no botWrites",
        "'human: true, bot: true', 'a key is for people or for a bot, not for both'",
    })
    @DisplayName("FLT-7: no bot without the words that tell of it, and no key of both")
    void refusesABotThatCouldNotBeTold(String writer, String problem) {
        String keys =
                "apiKeys:\n  - { id: assistant, sha256: \"%s\", %s }\n"
                        .formatted("2".repeat(64), writer);

        assertThatThrownBy(() -> load(GOOD + keys))
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining(problem);
    }

    @Test
    @DisplayName(
            "CON-24, FLT-8: who approved advertising, which words have no place in a chat, who decided to do without the guard")
    void readsWhatTheTenantDecidedAboutSending() throws IOException {
        Tenant tenant =
                load(
                        GOOD.replace("MARKETING: off", "MARKETING: CONSENT")
                                + """
                                marketing: { approvedBy: Erika Muster, approvedOn: 2026-11-02 }
                                contentGuard:
                                  words: [diabet*, HIV]
                                  off: { by: Max Muster, reason: "The CRM has one of its own" }
                                apiKeys:
                                  - { id: agents, sha256: "%s", human: true }
                                  - { id: bot, sha256: "%s", restricted: true }
                                """
                                        .formatted("0".repeat(64), "1".repeat(64)));

        SendingPolicy policy = tenant.sending();
        assertThat(policy.marketing().by()).isEqualTo("Erika Muster");
        assertThat(policy.marketing().on()).isEqualTo("2026-11-02");
        assertThat(policy.sensitiveWords()).containsExactlyInAnyOrder("diabet*", "HIV");
        assertThat(policy.isContentGuarded()).isFalse();
        assertThat(policy.withoutContentGuard().reason()).isEqualTo("The CRM has one of its own");
        assertThat(tenant.apiKeys())
                .extracting(Tenant.ApiKey::writer)
                .containsExactly(Writer.HUMAN, Writer.SYSTEM);
        assertThat(tenant.apiKeys())
                .extracting(Tenant.ApiKey::restricted)
                .containsExactly(false, true);
        assertThat(load(GOOD).sending()).isEqualTo(SendingPolicy.DEFAULT);
    }

    @Test
    @DisplayName("T2, T5, T11, T12: a tenant's own periods of consent; the others are the hub's")
    void readsThePeriodsOfConsent() throws IOException {
        String own =
                "{ mode: strict, periods: { promptDeadline: P14D, declineCooling: P1Y, validity: P12M, grace: P2W }, ";

        ConsentRules rules = load(GOOD.replace("{ mode: strict, ", own)).consentRules();

        assertThat(rules)
                .isEqualTo(
                        new ConsentRules(
                                Duration.ofDays(14),
                                Period.ofYears(1),
                                Period.ofMonths(12),
                                Duration.ofDays(14),
                                ConsentRules.DEFAULT.reconsentWindow(),
                                ConsentRules.DEFAULT.lateYes(),
                                ConsentRules.DEFAULT.authenticationTrigger()));
        assertThat(load(GOOD).consentRules()).isEqualTo(ConsentRules.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "promptDeadline: P31D | promptDeadline is a period from P1D to P30D",
                "promptDeadline: P0D | promptDeadline is a period from P1D to P30D",
                "promptDeadline: P1M | promptDeadline is a period from P1D to P30D",
                "promptDeadline: PT12H | promptDeadline is no ISO 8601 period",
                "declineCooling: P2M | declineCooling is a period from P3M to P36M",
                "validity: P40M | validity is a period from P1M to P36M",
                "validity: -P1M | validity is a period from P1M to P36M",
                "validity: two years | validity is no ISO 8601 period",
                "grace: P31D | grace is a period from P0D to P30D",
                "lateYes: P30D | consent/periods",
            })
    @DisplayName(
            "T2, T5, T11, T12: a period of consent out of its bounds is refused, with its line")
    void refusesPeriodsOfConsentThatCannotBe(String period, String problem) {
        String file =
                GOOD.replace(
                        "consent: { mode: strict, stopWords: [Ende] }\n",
                        "consent:\n  mode: strict\n  periods:\n    " + period + "\n");

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(TenantFileInvalid.class)
                .message()
                .containsPattern("muster\\.yaml:[67]: ")
                .contains(problem);
    }

    @Test
    void resolvesReferencesAndDropsCredentialsLeftEmpty() throws IOException {
        environment.put("TENANT_PATH", "p$1\\q");

        Tenant tenant = load(GOOD);

        assertThat(tenant.accounts().get("wa").credential("authToken"))
                .extracting(Secret::value)
                .containsExactly("t0ken");
        assertThat(tenant.accounts().get("wa").credential("accountSid"))
                .extracting(Secret::value)
                .containsExactly("AC1");
        assertThat(tenant.destinations().get("crm").settings().get("url"))
                .isEqualTo("https://crm.example/p$1\\q?a=");
    }

    @Test
    void readsOffAsAWordAndNotAsFalse() throws IOException {
        assertThat(load(GOOD).purposes()).containsEntry("MARKETING", "off");
    }

    @Test
    void keepsSecretsOutOfTexts() throws IOException {
        Tenant tenant = load(GOOD);

        assertThat(tenant.toString() + tenant.accounts() + tenant.destinations())
                .doesNotContain("t0ken", "crm.example");
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            value = {
                // text | instead | file, line and what is said
                "tenant: muster | tenant: andere | muster.yaml:1: tenant 'andere' must stand in a file named andere.yaml",
                "tenant: muster | tenant: Muster | muster.yaml:1: tenant",
                "residency: NOT_LIMITED | residency: MOON | muster.yaml:3: residency",
                "provider: twilio | provider: pigeon | muster.yaml:7: accounts/0/provider",
                "name: Muster GmbH | nam: Muster GmbH | muster.yaml:",
                "media: P10D | media: 10 days | muster.yaml:18: '10 days' is no ISO 8601 period such as P90D",
                "media: P10D | medium: P10D | muster.yaml:1",
                "MARKETING: off | MARKETING: maybe | muster.yaml:11: purposes/MARKETING",
                "MARKETING: off | MARKETING: off, MARKETING: CONSENT | muster.yaml:11",
                "MARKETING: off | MARKETING: CONSENT | muster.yaml:11: advertising needs somebody who approved it",
                "residency: NOT_LIMITED | contentGuard: { off: { by: Erika Muster } } | muster.yaml:3: contentGuard/off",
                "residency: NOT_LIMITED | contentGuard: { words: ['*'] } | muster.yaml:3: contentGuard/words/0",
                "residency: NOT_LIMITED | marketing: { approvedBy: Erika Muster } | muster.yaml:3: marketing",
                "residency: NOT_LIMITED | marketing: { approvedBy: Erika Muster, approvedOn: 2026-02-30 } | muster.yaml:3: approvedOn is no day",
                "'${TOKEN}' | '${MISSING}' | muster.yaml:10: environment variable MISSING is not set; set it, or write ${MISSING:default}",
                "'${TOKEN}' | '${token}' | muster.yaml:10: ${ begins a reference, written ${NAME} or ${NAME:default}",
                "'${TOKEN}' | '${TOKEN' | muster.yaml:10: ${ begins a reference",
                "'${TOKEN}' | 'x${TOKEN_NEXT:${TOKEN}}' | muster.yaml:10: ${ begins a reference",
                "events: [message.*, consent.changed] | events: [] | muster.yaml:15: destinations/0/events",
                "channel: whatsapp | channel: smoke | muster.yaml:9: accounts/0/channels/0/channel",
                "route: crm-webhook | route: ../etc/passwd | muster.yaml:14: destinations/0/route"
            })
    void tellsFileLineAndWhatIsWrong(String text, String instead, String told) {
        String from = text.replace('\'', '"');
        assertThat(GOOD).contains(from);

        assertThatThrownBy(() -> load(GOOD.replace(from, instead.replace('\'', '"'))))
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining(told)
                .message()
                .doesNotContain("t0ken", "\n");
    }

    @Test
    void tellsOfTwoAccountsOrDestinationsOfOneId() {
        String account = "  - { id: wa, provider: vonage, channels: [{ channel: sms }] }\n";
        String destination = "  - { id: crm, route: crm-webhook, events: [message.*] }\n";

        assertThatThrownBy(() -> load(GOOD.replace("purposes:", account + "purposes:")))
                .hasMessageContaining("muster.yaml:11: account id 'wa' is used twice");
        assertThatThrownBy(() -> load(GOOD.replace("retention:", destination + "retention:")))
                .hasMessageContaining("muster.yaml:17: destination id 'crm' is used twice");
    }

    @ParameterizedTest
    @CsvSource({
        "'tenant: [', :1: not YAML",
        "'tenant: a\n\tname: b', :2: not YAML",
        "'a: &x [1]\nb: *x', : anchors are not supported",
        "'', : is empty",
        "'a: 1\nb: {{ TOKEN }}', :2: a key must be text",
        "'a: 1\n[b, c]: x', :2: a key must be text",
        "'a: 1\nb: x\u0007', :2: not YAML: holds the control character U+0007",
        "'a: 1\n\u0007', :2: not YAML: holds the control character U+0007",
    })
    void tellsOfWhatIsNoUsableYaml(String text, String told) {
        assertThatThrownBy(() -> load(text))
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining("muster.yaml" + told);
    }

    @Test
    void tellsOfYamlTooDeep() {
        assertThatThrownBy(() -> load("a: " + "[".repeat(60) + "]".repeat(60)))
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining("muster.yaml: not YAML the hub reads: Nesting Depth");
    }

    @Test
    void tellsOfBytesThatAreNoText() throws IOException {
        Files.createDirectories(home.resolve("tenants"));
        Files.write(
                home.resolve("tenants/muster.yaml"),
                new byte[] {'a', ':', ' ', (byte) 0xff, (byte) 0xfe});

        assertThatThrownBy(() -> files().load())
                .hasMessageContaining("muster.yaml: is not UTF-8 text");
    }

    @Test
    void tellsOfAMissingOrEmptyFolder() throws IOException {
        assertThatThrownBy(() -> files().load()).hasMessageContaining("JAWORT_HOME");
        Files.createDirectories(home.resolve("tenants"));
        assertThatThrownBy(() -> files().load()).hasMessageContaining("holds no tenant file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id: crm | id: nord-crm | muster.yaml:13: routes of destination 'nord-crm' would be named muster-nord-crm as those of 'crm' of tenant 'muster-nord'",
                "id: wa | id: nord-wa | muster.yaml:6: routes of account 'nord-wa' would be named muster-nord-wa as those of 'wa' of tenant 'muster-nord'",
            })
    void tellsOfIdsOfTwoTenantsThatMeetInOneName(String id, String instead, String told)
            throws IOException {
        load(GOOD);
        Files.writeString(home.resolve("tenants/muster.yaml"), GOOD.replace(id, instead));
        Files.writeString(
                home.resolve("tenants/muster-nord.yaml"),
                GOOD.replace("tenant: muster", "tenant: muster-nord"));

        assertThatThrownBy(() -> files().load())
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageContaining(told);
    }

    @Test
    void takesAReferenceForOneInTheFileAlone() throws IOException {
        environment.put("TOKEN", "t0${ken");

        assertThat(load(GOOD).accounts().get("wa").credential("authToken"))
                .extracting(Secret::value)
                .containsExactly("t0${ken");
    }

    @Test
    void loadsEachFileOfTheFolder() throws IOException {
        load(GOOD);
        Files.writeString(
                home.resolve("tenants/zweite.yaml"),
                GOOD.replace("tenant: muster", "tenant: zweite"));

        assertThat(files().load().all())
                .extracting(Tenant::id)
                .containsExactlyInAnyOrderElementsOf(List.of("muster", "zweite"));
    }

    private Tenant load(String text) throws IOException {
        Files.createDirectories(home.resolve("tenants"));
        Files.writeString(home.resolve("tenants/muster.yaml"), text);
        return files().load().get("muster");
    }

    private TenantFiles files() {
        return new TenantFiles(home.resolve("tenants"), environment::get);
    }
}
