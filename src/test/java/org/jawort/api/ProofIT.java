package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.consent.CanonicalJson;
import org.jawort.local.DemoTenant;
import org.jawort.proof.LedgerAnchors;
import org.jawort.vault.TenantSigner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A consent from the web form over "Ja" to the withdrawal, and its proof. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProofIT {

    private static final String NUMBER = "+4915100000777";
    private static final String SCRIPT = "<script>alert('\"&')</script>";

    private HubInTest hub;
    private ApiClient api;
    private String record;
    private String subject;
    private Instant granted;

    @BeforeAll
    void aConsentGivenAndWithdrawn() {
        hub = HubInTest.start();
        api = new ApiClient(hub);
        ObjectNode capture = ApiClient.object(ApiClient.operation("captureConsent").example());
        capture.put("prompt", "elsewhere");
        ((ObjectNode) capture.get("address")).put("address", NUMBER);
        ((ObjectNode) capture.get("evidence")).put("reference", "form/1 " + SCRIPT);
        capture.put("textVersion", "consent-form-v1");
        JsonNode captured =
                ApiClient.json(api.call("captureConsent", Map.of(), "", capture.toString()));
        record = captured.get("id").textValue();
        subject = captured.get("subjectId").textValue();
        api.call(
                "recordPrompt",
                Map.of("id", record),
                "",
                "{\"language\":\"de\",\"textVersion\":\"prompt-v1\",\"providerMessageId\":\"SM123\"}");
        writes("Ja");
        await().until(() -> state(hub.clock.instant()).equals("GRANTED"));
        granted = hub.clock.instant();
        writes("Stopp");
        await().until(() -> state(hub.clock.instant()).equals("WITHDRAWN"));
    }

    @AfterAll
    void stop() {
        hub.close();
    }

    private void writes(String text) {
        String body =
                ("MessageSid=SM%s&AccountSid=ACf00df00df00df00df00df00df00df00d&From=whatsapp%%3A%%2B4915100000777"
                                + "&To=whatsapp%%3A%%2B493023125010&Body=%s&NumMedia=0&MessageType=text&WaId=4915100000777")
                        .formatted(UUID.randomUUID().toString().replace("-", ""), text);
        assertThat(
                        hub.post(
                                        "twilio",
                                        "application/x-www-form-urlencoded",
                                        body.getBytes(StandardCharsets.UTF_8))
                                .statusCode())
                .isEqualTo(200);
    }

    private JsonNode heldAt(Instant at) {
        return ApiClient.json(
                        api.call(
                                "listConsentsAt",
                                Map.of(),
                                "?subject=" + subject + "&at=" + at,
                                ""))
                .get("consents");
    }

    private String state(Instant at) {
        for (JsonNode held : heldAt(at)) {
            if (held.get("id").textValue().equals(record)) {
                return held.get("state").textValue();
            }
        }
        return "NONE";
    }

    private JsonNode proof() {
        return proof(record);
    }

    private HttpResponse<String> page(String query, String accept) {
        var operation = ApiClient.operation("getConsentProof");
        return api.send(
                operation,
                ApiClient.path(operation, DemoTenant.ID, Map.of("id", record)) + query,
                Map.of("Authorization", "Bearer " + DemoTenant.API_KEY, "Accept", accept),
                "");
    }

    @Test
    @DisplayName("CON-20: each declaration with who, what, when, which text, and the Ja itself")
    void provesEveryDeclaration() {
        JsonNode proof = proof();

        assertThat(proof.at("/pii_controllers/0/party_name").textValue())
                .isEqualTo("Autohaus Muster GmbH");
        assertThat(proof.get("lawful_basis").textValue()).isEqualTo("CONSENT");
        assertThat(proof.get("recipient_third_parties"))
                .extracting(JsonNode::textValue)
                .contains("twilio-us", "crm-eu", "archive-eu");
        assertThat(proof.get("jurisdiction").textValue()).isEqualTo("DE");
        assertThat(proof.get("retention_period").textValue()).startsWith("consent-proof@");
        assertThat(proof.get("event_state").textValue()).isEqualTo("WITHDRAWN");
        assertThat(proof.get("events"))
                .extracting(
                        event ->
                                event.get("event_type").textValue()
                                        + " "
                                        + event.get("event_state").textValue()
                                        + " "
                                        + event.at("/extension/textVersion").textValue()
                                        + " "
                                        + event.at("/extension/matchedRule").textValue())
                .containsExactly(
                        "CAPTURED REQUESTED consent-form-v1 ELSEWHERE",
                        "PROMPT_OFFERED REQUESTED prompt-v1 null",
                        "PROMPT_ACCEPTED PENDING prompt-v1 null",
                        "YES GRANTED prompt-v1 WORD",
                        "STOP WITHDRAWN null STOP_WORD");
        assertThat(proof.at("/declaration/rawReply/text").textValue()).isEqualTo("Ja");
        assertThat(proof.at("/declaration/collection_method/kind").textValue()).isEqualTo("form");
        assertThat(proof.at("/declaration/promptProviderMessageId").textValue()).isEqualTo("SM123");
        assertThat(proof.at("/events/3/validity_duration").isTextual()).isTrue();
        assertThat(proof.at("/events/3/privacy_notice").textValue()).isEqualTo("notice-v1");
        assertThat(proof.toString()).doesNotContain(NUMBER, NUMBER.substring(1));
        assertThat(proof.findValuesAsText("addressHash")).doesNotContain("null").hasSize(5);
    }

    @Test
    @DisplayName("CON-20: a STOP is on record with the address that said it, whatever agreed")
    void namesTheAddressThatWithdrew() {
        String number = "+4915100000780";
        String bsuid = "whatsapp:DE.9918273645500780";
        String agreed = granted(number);
        hub.post(
                "twilio",
                TwilioForm.TYPE,
                TwilioForm.text("SMalias780", number, "Stopp")
                        .with("From", bsuid)
                        .with("ExternalUserId", bsuid)
                        .bytes());

        await().until(() -> last(proof(agreed)).get("event_type").textValue().equals("STOP"));

        JsonNode events = proof(agreed).get("events");
        assertThat(last(proof(agreed)).at("/extension/addressHash").textValue())
                .isNotNull()
                .isNotEqualTo(events.at("/3/extension/addressHash").textValue());
        assertThat(events.at("/3/event_type").textValue()).isEqualTo("YES");
        assertThat(events).allMatch(event -> event.at("/extension/sound").booleanValue());
    }

    @Test
    @DisplayName(
            "CON-20, INF-5: a text is shown with the controller it was shown with, not today's")
    void showsATextWithTheTermsOfItsTime() {
        String number = "+4915100000781";
        String agreed = granted(number);
        hub.post("twilio", TwilioForm.TYPE, TwilioForm.text("SMstop781", number, "Stopp").bytes());
        await().until(() -> last(proof(agreed)).get("event_type").textValue().equals("STOP"));
        // as if the controller's name had been another from the "Ja" on
        hub.sql()
                .update(
                        "insert into consent_terms (tenant, sha256, terms)"
                                + " select e.tenant, sha256('renamed'), jsonb_set(t.terms, '{controller,name}', '\"Umbenannt AG\"')"
                                + "   from consent_event e join consent_terms t on t.tenant = e.tenant and t.sha256 = e.terms_sha256"
                                + "  where e.record_id = ?::uuid and e.event = 'STOP'",
                        agreed);
        renamedAt(agreed, "STOP");
        renamedAt(agreed, "YES");
        renamedAt(agreed, "PROMPT_ACCEPTED");

        JsonNode proof = proof(agreed);
        renamedAt(agreed, "PROMPT_OFFERED");
        JsonNode renamedBefore = proof(agreed);

        assertThat(proof.at("/pii_controllers/0/party_name").textValue()).isEqualTo("Umbenannt AG");
        assertThat(shown(proof)).hasSize(2).noneMatch(words -> words.contains("Umbenannt AG"));
        assertThat(shown(renamedBefore)).hasSize(2).startsWith(shown(proof).getFirst());
        assertThat(shown(renamedBefore).getLast()).startsWith("Umbenannt AG: Dürfen wir");
    }

    private void renamedAt(String record, String event) {
        hub.sql()
                .update(
                        "update consent_event set terms_sha256 = sha256('renamed') where record_id = ?::uuid and event = ?",
                        record,
                        event);
    }

    private static List<String> shown(JsonNode proof) {
        return proof.get("texts").findValuesAsText("shown");
    }

    /** Captured, asked and agreed to in the chat; the record's id. */
    private String granted(String number) {
        ObjectNode capture = ApiClient.object(ApiClient.operation("captureConsent").example());
        capture.put("prompt", "elsewhere").put("textVersion", "consent-form-v1");
        capture.put("capturedAt", hub.clock.instant().toString());
        ((ObjectNode) capture.get("evidence")).put("time", hub.clock.instant().toString());
        ((ObjectNode) capture.get("address")).put("address", number);
        String id =
                ApiClient.json(api.call("captureConsent", Map.of(), "", capture.toString()))
                        .get("id")
                        .textValue();
        api.call(
                "recordPrompt",
                Map.of("id", id),
                "",
                "{\"language\":\"de\",\"textVersion\":\"prompt-v1\",\"providerMessageId\":\"SM%s\"}"
                        .formatted(number.substring(1)));
        hub.post(
                "twilio",
                TwilioForm.TYPE,
                TwilioForm.text("SMyes" + number.substring(1), number, "Ja").bytes());
        await().until(() -> last(proof(id)).get("event_state").textValue().equals("GRANTED"));
        return id;
    }

    private JsonNode proof(String record) {
        return ApiClient.json(api.call("getConsentProof", Map.of("id", record), "", ""));
    }

    private static JsonNode last(JsonNode proof) {
        return proof.get("events").get(proof.get("events").size() - 1);
    }

    @Test
    @DisplayName("CON-20: whoever has the proof can recompute its commitments and see its links")
    void givesWhatTheChainIsMadeOf() throws Exception {
        JsonNode events = proof().get("events");

        for (int i = 0; i < events.size(); i++) {
            assertThat(events.at("/" + i + "/extension/sound").booleanValue()).isTrue();
        }
        // the prompt is put on its way and accepted in one transaction: neighbours in the chain
        assertThat(events.at("/2/extension/prevHash"))
                .isEqualTo(events.at("/1/extension/entryHash"));
    }

    @Test
    @DisplayName("INF-5: which text a person saw on a day is one query")
    void tellsWhichTextThePersonSaw() throws Exception {
        JsonNode held = heldAt(granted);
        JsonNode text =
                java.util.stream.StreamSupport.stream(held.spliterator(), false)
                        .filter(one -> one.get("id").textValue().equals(record))
                        .findFirst()
                        .orElseThrow();

        assertThat(text.get("textVersion").textValue()).isEqualTo("prompt-v1");
        assertThat(text.get("text").textValue()).contains("Dürfen wir Ihnen über {channel}");
        assertThat(text.get("textSha256").textValue())
                .isEqualTo(
                        HexFormat.of()
                                .formatHex(
                                        MessageDigest.getInstance("SHA-256")
                                                .digest(
                                                        text.get("text")
                                                                .textValue()
                                                                .getBytes(
                                                                        StandardCharsets.UTF_8))));
        assertThat(state(granted)).isEqualTo("GRANTED");
        assertThat(state(Instant.parse("2026-01-01T00:00:00Z"))).isEqualTo("NONE");
    }

    @Test
    void refusesAMomentThatIsNone() {
        for (String query :
                List.of("", "?subject=x", "?subject=" + subject + "&at=yesterday", "?at=2026")) {
            assertThat(api.call("listConsentsAt", Map.of(), query, "").statusCode()).isEqualTo(400);
        }
        assertThat(
                        api.call("listConsentsAt", Map.of(), "?subject=" + ApiClient.NOBODY, "")
                                .statusCode())
                .isEqualTo(404);
    }

    @Test
    @DisplayName("CON-20, CON-22: printable in German and English, with nothing in it that runs")
    void printsAPage() {
        var german = page("", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8");
        var english = page("?lang=en", "text/html");
        var json = page("", "application/json, text/html;q=0.5");

        assertThat(german.body())
                .contains("lang=\"de\"", "Nachweis der Einwilligung", "eingewilligt (GRANTED)")
                .contains("&lt;script&gt;", "Inhalt der Nachrichten")
                .contains("Autohaus Muster GmbH: Dürfen wir Ihnen über WhatsApp Nachrichten")
                .doesNotContain("<script", NUMBER);
        assertThat(english.body()).contains("lang=\"en\"", "Proof of consent", "(GRANTED)");
        assertThat(json.headers().firstValue("Content-Type")).contains("application/json");
        String policy = german.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertThat(policy)
                .startsWith("default-src 'none'; style-src 'sha256-")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(policy).contains(sha256OfStyle(german.body()));
        assertThat(german.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page("?lang=fr", "text/html").statusCode()).isEqualTo(400);
    }

    @Test
    @DisplayName("CON-22: the person's receipt, the same record as text, in German and English")
    void givesAReceiptAsText() throws java.io.IOException {
        var german = page("", "text/plain");
        var english = page("?lang=en", "text/plain, text/html;q=0.9, application/json;q=0.8");
        var proof = ApiClient.json(page("", "application/json"));

        assertThat(german.headers().firstValue("Content-Type"))
                .contains("text/plain;charset=UTF-8");
        assertThat(german.headers().firstValue("Content-Language")).contains("de");
        assertThat(german.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(german.body())
                .startsWith("Nachweis der Einwilligung\n=====")
                .contains("Verantwortlicher: Autohaus Muster GmbH\n")
                .contains("Stand danach: eingewilligt (GRANTED)\n")
                .contains("  | Autohaus Muster GmbH: Dürfen wir Ihnen über WhatsApp Nachrichten")
                .contains("<script>")
                .doesNotContain(NUMBER);
        assertThat(english.body()).startsWith("Proof of consent\n=====").contains("(GRANTED)\n");
        for (var event : proof.get("events")) {
            assertThat(german.body())
                    .contains(event.at("/extension/entryHash").textValue())
                    .contains(event.get("received_time").asText());
        }
        assertThat(
                        page("", "text/plain;q=0.1, application/json")
                                .headers()
                                .firstValue("Content-Type"))
                .contains("application/json");
    }

    private static String sha256OfStyle(String html) {
        String style = html.replaceAll("(?s).*<style>(.*)</style>.*", "$1");
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(style.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    @DisplayName("S22: the head of the ledger is in the archive, signed, once a day")
    void anchorsTheLedgerInTheArchive() {
        LedgerAnchors anchors = hub.bean(LedgerAnchors.class);

        anchors.anchor(DemoTenant.ID);
        anchors.anchor(DemoTenant.ID);
        await().until(() -> anchored().size() == 1);
        hub.awaitQuiet();

        JsonNode event = anchored().getFirst();
        JsonNode data = event.get("data");
        JsonNode ledger = ApiClient.json(api.call("getLedger", Map.of(), "", ""));
        assertThat(anchored()).hasSize(1);
        assertThat(api.violations("/schemas/event-v1.json", event)).isEmpty();
        assertThat(api.violations("/schemas/ledger-anchored-v1.json", data)).isEmpty();
        assertThat(data.get("publicKey")).isEqualTo(ledger.get("publicKey"));
        assertThat(data.get("chainIndex")).isEqualTo(ledger.at("/anchor/chainIndex"));
        assertThat(data.get("signature")).isEqualTo(ledger.at("/anchor/signature"));
        ObjectNode signed = ((ObjectNode) data).deepCopy();
        signed.retain("tenant", "date", "chainIndex", "entryHash");
        assertThat(
                        TenantSigner.isSigned(
                                Base64.getDecoder().decode(ledger.get("publicKey").textValue()),
                                CanonicalJson.bytes(signed),
                                Base64.getDecoder().decode(data.get("signature").textValue())))
                .isTrue();
        assertThat(hub.crmEvents().toString()).doesNotContain("ledger.anchored");
        assertThat(hub.camel().getRoute("anchor-ledger")).isNotNull();
    }

    private List<JsonNode> anchored() {
        return hub.archived().stream()
                .filter(event -> event.get("type").textValue().equals("jawort.ledger.anchored.v1"))
                .toList();
    }

    @Test
    @DisplayName(
            "CON-23: what was brought along from a list is marked, with its file, and grants nothing")
    void marksAnImport() {
        ObjectNode capture = ApiClient.object(ApiClient.operation("captureConsent").example());
        capture.put("prompt", "elsewhere");
        ((ObjectNode) capture.get("address")).put("address", "+4915100000779");
        capture.put("origin", "import")
                .put("language", "de-AT")
                .put("textVersion", "consent-form-v1");
        ObjectNode evidence = (ObjectNode) capture.get("evidence");
        evidence.put("kind", "import").put("fileSha256", "ab".repeat(32));
        String imported =
                ApiClient.json(api.call("captureConsent", Map.of(), "", capture.toString()))
                        .get("id")
                        .textValue();

        JsonNode proof =
                ApiClient.json(api.call("getConsentProof", Map.of("id", imported), "", ""));

        assertThat(proof.at("/events/0/extension/matchedRule").textValue()).isEqualTo("IMPORT");
        assertThat(proof.at("/events/0/event_state").textValue()).isEqualTo("REQUESTED");
        assertThat(proof.at("/declaration/collection_method/fileSha256").textValue())
                .isEqualTo("ab".repeat(32));
        assertThat(proof.at("/texts/0/sha256"))
                .isEqualTo(proof.at("/events/0/extension/textSha256"));
        assertThat(proof.at("/texts/0/shown").textValue())
                .startsWith("Ich willige ein, dass Autohaus Muster GmbH");
    }

    @Test
    @DisplayName("CON-21: once the person's data is erased the entries stay sound and say nothing")
    void provesThatSomethingWasDeclaredAfterTheDataIsErased() {
        ObjectNode capture = ApiClient.object(ApiClient.operation("captureConsent").example());
        capture.put("prompt", "elsewhere");
        ((ObjectNode) capture.get("address")).put("address", "+4915100000778");
        String erased =
                ApiClient.json(api.call("captureConsent", Map.of(), "", capture.toString()))
                        .get("id")
                        .textValue();
        String proved = api.call("getConsentProof", Map.of("id", erased), "", "").body();
        assertThat(proved).contains("newsletter-form-7");
        hub.sql()
                .update(
                        "delete from consent_salt s using consent_event e where e.id = s.event_id and e.record_id = ?::uuid",
                        erased);

        JsonNode proof = ApiClient.json(api.call("getConsentProof", Map.of("id", erased), "", ""));

        assertThat(proof.at("/events/0/extension/evidenceWithheld").textValue())
                .isEqualTo("ERASED");
        assertThat(proof.at("/events/0/extension/sound").booleanValue()).isTrue();
        assertThat(proof.toString()).doesNotContain("newsletter-form-7");
    }
}
