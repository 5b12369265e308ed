package org.jawort.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The repository passes its own check, and each mistake the check is for is found where it stands.
 */
class RoutesAndMappingsTest {

    @TempDir Path home;

    @BeforeEach
    void copyWithOneProvider() throws IOException {
        for (String folder :
                List.of(
                        "routes",
                        "tenants",
                        "mappings/lib",
                        "mappings/destinations",
                        "mappings/twilio")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    // one example is enough to see that examples are tried
                    if (!file.toString().contains("/examples/")) {
                        Files.createDirectories(home.resolve(file).getParent());
                        Files.copy(file, home.resolve(file));
                    }
                }
            }
        }
    }

    @Test
    void theRepositoryHasNothingToMend() {
        assertThat(new RepositoryCheck(Path.of("")).findings()).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // file | text | instead | what is told, at the line of the text
                "routes/intake/store-webhook.camel.yaml | id: store-webhook-spool | identity: store-webhook-spool | is no valid Camel YAML",
                "routes/intake/store-webhook.camel.yaml | id: store-webhook | id: stores-webhook | has the id 'stores-webhook'",
                "routes/intake/store-webhook.camel.yaml | id: store-webhook-spool | id: store-webhook-publish | the id 'store-webhook-publish' stands at routes/intake/store-webhook.camel.yaml",
                "routes/intake/store-webhook.camel.yaml | name: publish-webhook | name: publish-webhok | no route begins with direct publish-webhok",
                "routes/intake/store-webhook.camel.yaml | ref: webhookSpool | ref: webhookSpule | there is no bean 'webhookSpule'",
                "routes/intake/store-webhook.camel.yaml | method: passIfEmpty | method: passIfFull | has no method 'passIfFull'",
                "routes/pipeline/normalize.camel.yaml | routeConfigurationId: pipeline-errors | routeConfigurationId: pipeline-eror | there is no routeConfiguration 'pipeline-eror'",
                "routes/retention/retention-close-idle.camel.yaml | dataSourceName: transactionalDataSource | dataSourceName: dataSauce | there is no bean 'dataSauce'",
                "routes/intake/publish-webhook.camel.yaml | lingerMs: 3 | saslJaasConfig: plain username=hub | holds a secret",
                "routes/intake/publish-webhook.camel.yaml | lingerMs: 3 | sslKeyPassword: hunter2 | holds a secret",
                "routes/intake/publish-webhook.camel.yaml | description: A sealed | description: kafka.OVERRIDE_TOPIC # | names a header of Kafka",
                "routes/http/http-call.camel.yaml | followRedirects: false | followRedirects: true | may follow a redirect",
                "routes/sending/send-twilio.camel.yaml | httpClientConfigurer: \"#sendingHttpClient\" | httpClientConfigurer: \"#anyHttpClient\" | there is no bean 'anyHttpClient'",
                "routes/sending/send-vonage.camel.yaml | ref: decisionGate | ref: httpOutcome | is a route to a provider and does not begin with decisionGate.check",
                "routes/http/http-call.camel.yaml | httpUri: \"{{url}}\" | httpUri: https://api.twilio.com/ | reaches a provider and does not begin with decisionGate.check",
                "routes/media/fetch-vonage.camel.yaml | ref: mediaFetches | ref: mediaHops | fetches and does not begin with mediaFetches.claim",
                "tenants/autohaus-muster.yaml | ${JAWORT_CRM_URL:http://localhost:8081/crm} | https://api-eu.nexmo.com/v1/messages | would reach a provider past the consent filter",
                "tenants/autohaus-muster.yaml | \"${JAWORT_CRM_SECRET:whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=}\" | whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE= | settings.secret holds a secret",
                "tenants/autohaus-muster.yaml | :whsec_amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=} | :whsec_c2hvcnQ=} | has 24 to 64 bytes, not 5",
                "routes/destinations/crm-salesforce.camel.yaml | destinations/salesforce-contact.jslt | destinations/salesforce-kontakt.jslt | cannot use its mapping",
                "routes/destinations/crm-hubspot.camel.yaml | destinations/hubspot-labels.jslt | destinations/hubspot-label.jslt | cannot use its mapping",
                "tenants/autohaus-muster.yaml | ${TWILIO_API_URL:} | http://proxy.example/twilio | apiUrl must be https",
                "tenants/autohaus-muster.yaml | ${SMOOCH_API_URL:https://api.eu-1.smooch.io} | \"\" | needs settings.apiUrl",
                "tenants/autohaus-muster.yaml | ratePerSecond: 20, order: 1 | ratePerSecond: 0, order: 1 | ratePerSecond",
                "tenants/autohaus-muster.yaml | route: crm-webhook | route: crm-webhoook | there is no route template 'crm-webhoook'",
                "tenants/autohaus-muster.yaml | mapping: destinations/canonical.jslt | mapping: destinations/canonic.jslt | cannot use its mapping",
                "tenants/autohaus-muster.yaml | route: crm-webhook | route: kafka-topic | events would stand in the clear on a Kafka topic",
                "tenants/autohaus-muster.yaml | route: archive-jsonl | route: archive-s3 | settings.bucket must match",
                "tenants/autohaus-muster.yaml | profile: full\\n | profile: everything\\n | profile",
                "tenants/autohaus-muster.yaml | profile: full\\n | fields: [content.txt]\\n | no event has a field 'content.txt'",
                "tenants/autohaus-muster.yaml | conversationText: P90D | conversationText: P91D | longer than the hub's",
                "tenants/autohaus-muster.yaml | \"${MESSAGEBIRD_SIGNING_KEY:mb_demo_signing_key_0f1e2d3c4b5a}\" | mb_demo_signing_key_0f1e2d3c4b5a | account messagebird: credentials.signingKey holds a secret",
                "tenants/autohaus-muster.yaml | \"${VONAGE_API_SECRET:vonage_demo_api_secret_5d4e}\" | file:/run/secrets/vonage | account vonage: credentials.apiSecret holds a secret",
                "tenants/autohaus-muster.yaml | ${TWILIO_TOKEN:test_auth_token_0123456789abcdef} | ${twilio_token} | ${ begins a reference",
                "tenants/autohaus-muster.yaml | authToken: [ | autToken: [ | has no credential 'authToken'",
                "tenants/autohaus-muster.yaml | authToken: [ | autToken: [ | credentials.autToken is unknown",
                "tenants/autohaus-muster.yaml | mediaHosts: \"${SMOOCH_MEDIA_HOSTS:hubdemo.zendesk.com}\" | mediaMaxMegabytes: 25MB | settings.mediaMaxMegabytes must be a number",
                "tenants/autohaus-muster.yaml | smsApi: \"${VONAGE_SMS_API:messages}\" | jwtWindow: P400D | jwtWindow",
                "tenants/autohaus-muster.yaml | ${VONAGE_SMS_SIGNATURE:sha256} | crc32 | smsSignature",
                "tenants/autohaus-muster.yaml | residency: NOT_LIMITED | residency: MOON | residency"
            })
    void findsAMistakeInItsLine(String file, String text, String instead, String told)
            throws IOException {
        String before = Files.readString(home.resolve(file));
        String from = text.replace("\\n", "\n");
        assertThat(before).contains(from);
        int line = (int) before.substring(0, before.indexOf(from)).lines().count();
        int lineOfText =
                before.substring(0, before.indexOf(from)).endsWith("\n")
                        ? line + 1
                        : Math.max(1, line);
        String after =
                before.replaceFirst(
                        java.util.regex.Pattern.quote(from),
                        java.util.regex.Matcher.quoteReplacement(instead.replace("\\n", "\n")));
        Files.writeString(home.resolve(file), after);

        List<Finding> findings = newFindings();

        assertThat(findings)
                .anySatisfy(
                        found -> {
                            assertThat(found.file()).isIn(file, "tenants/autohaus-muster.yaml");
                            assertThat(found.toString()).contains(told);
                            assertThat(Math.abs(found.line() - lineOfText))
                                    .as("line %d, found at %d", lineOfText, found.line())
                                    .isLessThanOrEqualTo(told.startsWith("may follow") ? 12 : 4);
                        });
    }

    @Test
    void tellsOfAMappingThatDoesNotCompileWhereItStands() throws IOException {
        Files.writeString(
                home.resolve("mappings/destinations/canonical.jslt"),
                "// shapes nothing\n{ \"a\": \n");

        assertThat(newFindings())
                .anyMatch(
                        found ->
                                found.toString().contains("mappings/destinations/canonical.jslt:"));
    }

    @Test
    void wantsADescription() throws IOException {
        without("routes/intake/store-webhook.camel.yaml", "    description: .*\n");

        assertThat(newFindings()).anyMatch(found -> found.problem().equals("has no description"));
    }

    @Test
    void wantsAnIngressToDropHeadersFirstAndToNameItsMethods() throws IOException {
        without(
                "routes/intake/intake-twilio.camel.yaml",
                "        - removeHeaders:\n            id: .*\n            pattern: .*\n            excludePattern: .*\n");
        without("routes/intake/intake-twilio.camel.yaml", "        httpMethodRestrict: .*\n");

        assertThat(newFindings())
                .extracting(Finding::problem)
                .contains(
                        "does not begin with dropping the headers that came in",
                        "takes every HTTP method");
    }

    @Test
    void wantsHeadersDroppedBeforeCallingOut() throws IOException {
        without("routes/http/http-call.camel.yaml", " +- removeHeaders:\n +pattern: .*\n");

        assertThat(newFindings())
                .extracting(Finding::problem)
                .contains("calls out with the headers that came in");
    }

    @Test
    void wantsOneRoutePerFileUnderANameThatIsLoaded() throws IOException {
        Path route = home.resolve("routes/pipeline/wake-parked.camel.yaml");
        Files.writeString(
                home.resolve("routes/pipeline/two.camel.yaml"),
                Files.readString(route) + Files.readString(route));
        Files.copy(route, home.resolve("routes/pipeline/forgotten.yaml"));
        Files.writeString(home.resolve("routes/pipeline/broken.camel.yaml"), "- route: {id: [\n");

        assertThat(newFindings())
                .extracting(found -> found.file() + " " + found.problem())
                .contains(
                        "routes/pipeline/two.camel.yaml does not hold exactly one route",
                        "routes/pipeline/forgotten.yaml is not loaded")
                .anyMatch(told -> told.startsWith("routes/pipeline/broken.camel.yaml is no YAML"));
    }

    @Test
    void tellsOfADestinationWhoseRouteLacksASetting() throws IOException {
        without("tenants/autohaus-muster.yaml", "      url: .*\n");

        assertThat(newFindings())
                .anyMatch(found -> found.problem().equals("destination crm has no setting 'url'"));
    }

    @Test
    @DisplayName(
            "a destination that gets everything without saying so is noted, and nothing to mend")
    void notesADestinationWithoutAContract() throws IOException {
        assertThat(new RepositoryCheck(home).notes()).isEmpty();
        without("tenants/autohaus-muster.yaml", "    profile: full\n");

        assertThat(newFindings()).isEmpty();
        assertThat(new RepositoryCheck(home).notes())
                .singleElement()
                .satisfies(
                        note -> {
                            assertThat(note.line()).isGreaterThan(100);
                            assertThat(note.toString())
                                    .contains("destination archive gets every field")
                                    .contains("profile: full");
                        });
    }

    @Test
    void tellsOfASettingThatAnArchiveCannotUse() throws IOException {
        Path file = home.resolve("tenants/autohaus-muster.yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "destinations:\n",
                                """
                                destinations:
                                  - id: dms
                                    route: dms-sftp
                                    events: [message.*]
                                    mapping: destinations/canonical.jslt
                                    settings:
                                      { host: localhost, directory: in, username: hub, passwordSecret: "${SFTP_PASSWORD:x}",
                                        hostKey: unknown }
                                  - id: mail
                                    route: archive-smtp
                                    events: [message.*]
                                    mapping: destinations/canonical.jslt
                                    settings: { host: localhost, from: nobody, to: journal@archive.example }
                                  - id: journal
                                    route: archive-journal
                                    events: [message.*]
                                    mapping: destinations/canonical.jslt
                                    settings: { rollAfter: 1 hour }
                                """));
        int first = Files.readAllLines(file).indexOf("destinations:") + 1;

        assertThat(newFindings())
                .filteredOn(found -> found.problem().contains(": settings."))
                .extracting(found -> found.line() - first + " " + found.problem())
                .containsExactlyInAnyOrder(
                        "7 destination dms: settings.hostKey must be a key of known_hosts, such as ssh-ed25519 AAAA…",
                        "12 destination mail: settings.from must be an address",
                        "17 destination journal: settings.rollAfter must be a period such as PT1H");
    }

    @Test
    void checksAnAccountThatOnlyReceivesLikeOneThatSends() throws IOException {
        without("tenants/autohaus-muster.yaml", "    sending: \\{ ratePerSecond: 20, order: 1 }\n");
        assertThat(newFindings()).isEmpty();
        without("tenants/autohaus-muster.yaml", "      authToken: .*\n");
        Files.delete(home.resolve("routes/media/fetch-twilio.camel.yaml"));

        assertThat(newFindings())
                .extracting(Finding::problem)
                .containsExactlyInAnyOrder(
                        "account twilio has no credential 'authToken': each of its webhooks would be refused",
                        "account twilio gets files, and there is no route fetch-twilio");
    }

    @Test
    void tellsOfASigningKeyThatIsNoneOfItsApi() throws IOException {
        Path file = home.resolve("tenants/autohaus-muster.yaml");
        Files.writeString(file, Files.readString(file).replace("api: classic ", "api: platform "));

        assertThat(newFindings())
                .extracting(Finding::problem)
                .contains(
                        "account messagebird of autohaus-muster: signingKey of the platform API is whsec_ followed by Base64");
    }

    @Test
    void writesAFindingAsFileLineProblemAndFix() {
        assertThat(new Finding("routes/a.camel.yaml", 7, "has no description", "say one"))
                .hasToString("routes/a.camel.yaml:7: has no description, say one");
    }

    private void without(String file, String pattern) throws IOException {
        String before = Files.readString(home.resolve(file));
        String after = before.replaceFirst(pattern, "");
        assertThat(after).isNotEqualTo(before);
        Files.writeString(home.resolve(file), after);
    }

    /** Findings but those about examples, which were not copied. */
    private List<Finding> newFindings() {
        return new RepositoryCheck(home)
                .findings().stream()
                        .filter(found -> !found.problem().startsWith("no example runs this file"))
                        .toList();
    }
}
