package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jawort.HomeFolder;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMedia;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Files through the whole hub: fetched, delivered, read, and gone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MediaIT {

    private static final Map<String, String> NONE = Map.of();
    private SpeakingHub at;
    private RightsDesk desk;
    private Pictures pictures;

    @BeforeAll
    void start() {
        at =
                SpeakingHub.start(
                        HomeFolder.copy()
                                .change(
                                        "  categories: ",
                                        "  categories:\n    - { id: receipt, category: VOUCHER, attachment: image/png, words: [Quittung] } ")
                                .path(),
                        settings ->
                                settings.with("JAWORT_MEDIA_WAIT", "PT20S")
                                        .with("jawort.media.period-millis", "100")
                                        .with("jawort.media.disposal-period-millis", "200"));
        desk = new RightsDesk(at);
        pictures = new Pictures(at);
    }

    @AfterAll
    void stop() {
        at.close();
    }

    @AfterEach
    void behave() {
        at.fake.media().behave(null, null);
    }

    @Test
    @Order(1)
    @DisplayName("S12: a file is fetched, and its event has what its bytes say and a link to it")
    void deliversWithTheFile() throws Exception {
        String number = pictures.newNumber();

        pictures.sendsPicture(number, "Der Kotflügel");

        JsonNode medium = pictures.medium(number);
        assertThat(medium.get("contentType").asText()).isEqualTo("image/png");
        assertThat(medium.get("size").asInt()).isEqualTo(FakeMedia.bytes().length);
        assertThat(medium.get("sha256").asText())
                .isEqualTo(
                        HexFormat.of()
                                .formatHex(
                                        MessageDigest.getInstance("SHA-256")
                                                .digest(FakeMedia.bytes())));
        assertThat(medium.has("unavailable")).isFalse();
        assertThat(pictures.rows("event where type = 'jawort.media.stored.v1'")).isZero();
        HttpResponse<byte[]> file = pictures.get(medium.get("url").asText());
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.body()).isEqualTo(FakeMedia.bytes());
        assertThat(file.headers().firstValue("Content-Type")).hasValue("image/png");
        assertThat(file.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(file.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(file.headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment;")
                .contains(medium.get("id").asText() + ".png");
        assertThat(pictures.state(medium.get("id").asText()).get("state").asText())
                .isEqualTo("stored");
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select bytes from media_piece where position = 0",
                                        byte[].class))
                .isNotEmpty()
                .noneMatch(
                        bytes -> new String(bytes, StandardCharsets.ISO_8859_1).contains("IHDR"));
    }

    @Test
    @Order(2)
    @DisplayName(
            "RET-7: a rule about attachments fits what the bytes are, whatever the provider said of them, unless somebody has said"
                    + " by then what the message is; by which rule and when is known")
    void classifiesByWhatTheFileTurnsOutToBe() {
        String number = pictures.newNumber();
        pictures.sendsPicture(number, "Quittung"); // sent as image/jpeg
        String message = pictures.event(number).at("/data/messageId").asText();
        String other = pictures.newNumber();
        pictures.sendsPicture(other, "Urlaub");
        String neither = pictures.event(other).at("/data/messageId").asText();
        String decided = pictures.newNumber();
        at.fake.media().behave(null, FakeMedia.answering(503, new byte[0]));
        pictures.sendsPicture(decided, "Quittung");
        String byAgent = pictures.event(decided).at("/data/messageId").asText();
        at.api.call(
                "classifyMessage",
                Map.of("id", byAgent),
                "",
                "{\"category\":\"NONE\",\"source\":\"agent\"}");
        at.fake.media().behave(null, null);
        at.hub.clock.advance(Duration.ofMinutes(20));
        await().until(
                        () ->
                                pictures.rows(
                                                "media_file where state = 'stored' and message_id = '"
                                                        + byAgent
                                                        + "'")
                                        == 1);

        JsonNode explained = explained(message);
        assertThat(explained.get("category").asText()).isEqualTo("VOUCHER");
        assertThat(explained.get("categoryRule").asText()).isEqualTo("receipt");
        assertThat(explained.at("/items/0/rule/id").asText()).isEqualTo("voucher");
        assertThat(explained.get("history")).hasSize(1);
        assertThat(explained.at("/history/0/previous").asText()).isEqualTo("UNKNOWN");
        assertThat(explained.at("/history/0/source").asText()).isEqualTo("rule");
        assertThat(explained.at("/history/0/by").asText()).isEqualTo("receipt");
        assertThat(explained(neither).get("category").asText()).isEqualTo("UNKNOWN");
        assertThat(explained(byAgent).get("category").asText()).isEqualTo("NONE");
        assertThat(explained(byAgent).get("history")).hasSize(1);
    }

    private JsonNode explained(String message) {
        return ApiClient.json(at.api.call("explainRetention", Map.of("id", message), "", ""));
    }

    @Test
    @Order(3)
    @DisplayName("what follows a picture waits for it; nobody else waits")
    void keepsTheOrderOfAConversationAndHoldsUpNobodyElse() throws Exception {
        String number = pictures.newNumber();
        String other = pictures.newNumber();
        CountDownLatch slow = new CountDownLatch(1);
        at.fake
                .media()
                .behave(
                        null,
                        exchange -> {
                            try {
                                slow.await(30, TimeUnit.SECONDS);
                            } catch (InterruptedException stopped) {
                                Thread.currentThread().interrupt();
                            }
                            FakeMedia.answering(200, FakeMedia.bytes()).answer(exchange);
                        });

        at.post(
                pictures.onWhatsApp(number, "erstens")
                        .with("NumMedia", "1")
                        .with(
                                "MediaUrl0",
                                "https://"
                                        + Pictures.HOST
                                        + "2010-04-01/Accounts/ACf0/Messages/MM1/Media/ME1")
                        .with("MediaContentType0", "image/jpeg"));
        at.post(pictures.onWhatsApp(number, "zweitens"));
        at.says(other, "daneben");

        await().until(() -> pictures.received(other).size() == 1);
        assertThat(pictures.received(number)).isEmpty();
        slow.countDown();
        await().until(() -> pictures.received(number).size() == 2);
        assertThat(pictures.received(number))
                .extracting(event -> event.at("/data/content/text").asText())
                .containsExactly("erstens", "zweitens");
        assertThat(pictures.medium(number).has("sha256")).isTrue();
    }

    @Test
    @Order(4)
    void deliversWithTheReasonAndFetchesLaterWhatIsNotThereYet() {
        String number = pictures.newNumber();
        at.fake.media().behave(null, FakeMedia.answering(404, new byte[0]));

        pictures.sendsPicture(number, "noch nicht da");
        JsonNode medium = pictures.medium(number);

        assertThat(medium.at("/unavailable/reason").asText()).isEqualTo("NOT_FOUND");
        assertThat(medium.at("/unavailable/final").asBoolean()).isFalse();
        assertThat(medium.get("contentType").asText()).isEqualTo("image/jpeg");
        assertThat(medium.has("sha256")).isFalse();
        HttpResponse<byte[]> early = pictures.get(medium.get("url").asText());
        assertThat(early.statusCode()).isEqualTo(404);
        assertThat(early.headers().firstValue("Retry-After")).isPresent();
        String id = medium.get("id").asText();
        assertThat(pictures.state(id).get("state").asText()).isEqualTo("waiting");
        assertThat(pictures.state(id).get("nextAttemptAt").isNull()).isFalse();
        // who is given the message only now has it with its file, and is told nothing more
        await().until(() -> pictures.rows("delivery where state in ('pending', 'parked')") == 0);

        at.fake.media().behave(null, null);
        at.hub.clock.advance(Duration.ofMinutes(10));
        await().until(() -> pictures.state(id).get("state").asText().equals("stored"));

        assertThat(pictures.get(medium.get("url").asText()).body()).isEqualTo(FakeMedia.bytes());
        await().untilAsserted(() -> assertThat(told(at.hub.archived(), id)).hasSize(1));
        await().untilAsserted(() -> assertThat(told(crm(), id)).hasSize(1));
        JsonNode late = told(crm(), id).getFirst();
        JsonNode message = pictures.event(number);
        assertThat(at.api.violations("/schemas/event-v1.json", late)).isEmpty();
        assertThat(at.api.violations("/schemas/media-stored-v1.json", late.get("data"))).isEmpty();
        assertThat(late.get("subject")).isEqualTo(message.get("subject"));
        assertThat(late.at("/data/messageId")).isEqualTo(message.at("/data/messageId"));
        assertThat(late.at("/data/retention")).isEqualTo(message.at("/data/retention"));
        JsonNode described = late.at("/data/content/media/0");
        assertThat(described.get("size").asInt()).isEqualTo(FakeMedia.bytes().length);
        assertThat(described.has("unavailable")).isFalse();
        assertThat(pictures.get(described.get("url").asText()).body()).isEqualTo(FakeMedia.bytes());
    }

    /** Events that say of this file that it is there by now. */
    private static List<JsonNode> told(List<JsonNode> events, String file) {
        return events.stream()
                .filter(event -> event.get("type").asText().equals("jawort.media.stored.v1"))
                .filter(event -> event.at("/data/content/media/0/id").asText().equals(file))
                .toList();
    }

    private List<JsonNode> crm() {
        return at.hub.crmEvents().stream().map(one -> one.get("event")).toList();
    }

    @Test
    @Order(4)
    @DisplayName("a late file of somebody whose data is restricted is told to nobody")
    void withholdsALateFileWhileDataIsRestricted() {
        String number = pictures.newNumber();
        at.fake.media().behave(null, FakeMedia.answering(404, new byte[0]));
        pictures.sendsPicture(number, "noch nicht da");
        String id = pictures.medium(number).get("id").asText();
        await().until(() -> pictures.rows("delivery where state in ('pending', 'parked')") == 0);
        at.hub
                .sql()
                .update(
                        "update subject set restricted_at = now() where id = ?::uuid",
                        pictures.event(number).at("/data/subjectId").asText());

        at.fake.media().behave(null, null);
        at.hub.clock.advance(Duration.ofMinutes(10));
        String withheld =
                "delivery d join event e on e.tenant = d.tenant and e.id = d.event_id"
                        + " where d.state = 'withheld' and d.last_error = 'RESTRICTED'"
                        + " and e.type = 'jawort.media.stored.v1' and e.detail ->> 'file' = '%s'"
                                .formatted(id);
        await().until(() -> pictures.rows(withheld) == 2);

        assertThat(told(crm(), id)).isEmpty();
        assertThat(told(at.hub.archived(), id)).isEmpty();
    }

    @Test
    @Order(5)
    void givesUpWhatIsRefusedForGoodAndSaysSo() {
        String number = pictures.newNumber();
        at.fake.media().behave(null, FakeMedia.answering(410, new byte[0]));

        pictures.sendsPicture(number, "vorbei");
        JsonNode medium = pictures.medium(number);

        assertThat(medium.at("/unavailable/reason").asText()).isEqualTo("GONE");
        assertThat(medium.at("/unavailable/final").asBoolean()).isTrue();
        assertThat(medium.has("url")).isFalse();
        JsonNode page = ApiClient.json(at.api.call("listMedia", NONE, "?state=given_up", ""));
        assertThat(page.get("items"))
                .anySatisfy(
                        one -> {
                            assertThat(one.get("id").asText()).isEqualTo(medium.get("id").asText());
                            assertThat(one.get("reason").asText()).isEqualTo("GONE");
                            assertThat(one.get("messageId").asText())
                                    .isEqualTo(
                                            pictures.event(number).at("/data/messageId").asText());
                        });
    }

    @Test
    @Order(6)
    @DisplayName("S10: a foreign host is never asked, and the message goes out all the same")
    void asksNoForeignHost() {
        String number = pictures.newNumber();
        String sid = "MM" + UUID.randomUUID().toString().replace("-", "");
        int before = at.fake.media().asked().size();

        at.post(
                pictures.picture(number, sid, "böse", "x")
                        .with("MediaUrl0", "https://169.254.169.254/latest/meta-data/"));

        assertThat(pictures.medium(number).at("/unavailable/reason").asText())
                .isEqualTo("HOST_NOT_ALLOWED");
        assertThat(at.fake.media().asked()).hasSize(before);
    }

    @Test
    @Order(7)
    @DisplayName(
            "DSR-4, DSR-8: the copy has the file itself; while data is restricted nobody else does")
    void copiesForThePersonAndHidesFromOthersWhileRestricted() throws Exception {
        String number = pictures.newNumber();
        pictures.sendsPicture(number, "Bild für mich");
        JsonNode medium = pictures.medium(number);
        String subject = pictures.event(number).at("/data/subjectId").asText();

        String copy = desk.open("ACCESS", number, "{}");
        desk.confirm(copy);
        desk.awaitState(copy, "ANSWERED");
        Map<String, String> files = desk.unpacked(desk.link(number));

        String place = "media/" + medium.get("id").asText() + ".png";
        assertThat(files)
                .containsKey(place)
                .containsEntry(place, new String(FakeMedia.bytes(), StandardCharsets.UTF_8));
        JsonNode data = ApiClient.json(files.get("data.json"));
        assertThat(data.get("messages").findValuesAsText("file")).contains(place);
        assertThat(data.toString()).doesNotContain("signature=");

        at.hub.sql().update("update subject set restricted_at = now() where id = ?::uuid", subject);
        assertThat(pictures.get(medium.get("url").asText()).statusCode()).isEqualTo(404);
        at.hub.sql().update("update subject set restricted_at = null where id = ?::uuid", subject);
        assertThat(pictures.get(medium.get("url").asText()).statusCode()).isEqualTo(200);
    }

    @Test
    @Order(8)
    @DisplayName(
            "RET-16, SEC-5: with its person's erasure a file can be read no more, and is gone from the store")
    void erasesWithThePerson() {
        String number = pictures.newNumber();
        pictures.sendsPicture(number, "vergessen");
        JsonNode medium = pictures.medium(number);
        String object = pictures.object(medium);
        assertThat(pictures.rows("media_piece where object_id = '" + object + "'")).isEqualTo(1);

        String erasure = desk.open("ERASE", number, "{}");
        desk.confirm(erasure);
        await().untilAsserted(
                        () -> {
                            desk.work();
                            assertThat(
                                            pictures.rows(
                                                    "media_piece where object_id = '"
                                                            + object
                                                            + "'"))
                                    .isZero();
                        });

        assertThat(pictures.get(medium.get("url").asText()).statusCode()).isEqualTo(404);
        assertThat(pictures.rows("media_file where id = '" + medium.get("id").asText() + "'"))
                .isZero();
        assertThat(
                        pictures.rows(
                                "media_object where id = '"
                                        + object
                                        + "' and file_id is null and gone_at is not null"))
                .as("what shows that it is gone")
                .isEqualTo(1);
    }

    @Test
    @Order(9)
    @DisplayName(
            "RET-6, RET-8: media go 30 days after the end of their conversation; a letter keeps its file, for the restricted key alone")
    void deletesOnScheduleAndKeepsWhatLawKeeps() {
        String number = pictures.newNumber();
        pictures.sendsPicture(number, "gewöhnlich");
        JsonNode ordinary = pictures.medium(number);
        String sender = pictures.newNumber();
        pictures.sendsPicture(sender, "Ich nehme das Angebot an");
        JsonNode letter = pictures.event(sender);
        String letterFile = letter.at("/data/content/media/0/id").asText();
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER' where id = ?::uuid",
                        letter.at("/data/messageId").asText());
        String object = pictures.object(ordinary);
        String kept = pictures.object(letter.at("/data/content/media/0"));

        at.hub.clock.advance(Duration.ofDays(31));
        run();
        at.hub.clock.advance(Duration.ofDays(31));
        run();
        await().until(() -> pictures.rows("media_piece where object_id = '" + object + "'") == 0);
        assertThat(pictures.rows("media_file where id = '" + ordinary.get("id").asText() + "'"))
                .isZero();
        assertThat(pictures.rows("media_piece where object_id = '" + kept + "'")).isEqualTo(1);

        at.hub.clock.advance(Duration.ofDays(70));
        run();
        await().until(() -> pictures.rows("retained_message") >= 1);
        assertThat(
                        pictures.rows(
                                "media_file where retained_id is not null and id = '"
                                        + letterFile
                                        + "'"))
                .isEqualTo(1);
        assertThat(pictures.get(letter.at("/data/content/media/0/url").asText()).statusCode())
                .as("out of ordinary use")
                .isIn(404, 410);
        assertThat(pictures.rows("media_piece where object_id = '" + kept + "'")).isEqualTo(1);
        assertThat(
                        at.hub
                                .bean(org.jawort.media.MediaReader.class)
                                .openRetained(DemoTenant.ID, UUID.fromString(letterFile))
                                .map(file -> bytes(file.content())))
                .hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(FakeMedia.bytes()));

        at.hub
                .sql()
                .update(
                        "delete from retained_message where id = ?::uuid",
                        letter.at("/data/messageId").asText());
        await().until(() -> pictures.rows("media_piece where object_id = '" + kept + "'") == 0);
    }

    @Test
    @Order(9)
    @DisplayName(
            "RET-8, RET-11: an erasure waits an hour for the file of a voucher; what has not come by then is named")
    void waitsForTheFileOfAVoucher() {
        JsonNode voucher = voucherWithoutFile(pictures.newNumber());

        UUID run = erase(voucher);
        assertThat(view(run).get("shreddedAt").isNull()).isTrue();
        at.fake.media().behave(null, null);
        at.hub.clock.advance(Duration.ofMinutes(20));
        await().until(() -> view(run).get("shreddedAt").isTextual());

        assertThat(
                        at.hub
                                .bean(org.jawort.media.MediaReader.class)
                                .openRetained(
                                        DemoTenant.ID,
                                        UUID.fromString(
                                                voucher.at("/data/content/media/0/id").asText()))
                                .map(file -> bytes(file.content())))
                .hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(FakeMedia.bytes()));
        assertThat(view(run).get("recipients").findValuesAsText("recipient"))
                .doesNotContain("hub:retained");

        UUID late = erase(voucherWithoutFile(pictures.newNumber()));
        at.hub.clock.advance(Duration.ofMinutes(61));
        await().until(() -> view(late).get("shreddedAt").isTextual());

        assertThat(view(late).at("/kept/0/category").asText()).isEqualTo("VOUCHER");
        assertThat(view(late).get("exceptions"))
                .anySatisfy(
                        one -> {
                            assertThat(one.get("recipient").asText()).isEqualTo("hub:retained");
                            assertThat(one.get("reason").asText()).isEqualTo("FILE_MISSING");
                        });
    }

    @Test
    @Order(9)
    @DisplayName(
            "RET-7, RET-8: an erasure also waits for a file that may show its message to be a voucher")
    void waitsForTheFileThatTellsWhatItIs() {
        at.fake.media().behave(null, FakeMedia.answering(503, new byte[0]));
        String number = pictures.newNumber();
        pictures.sendsPicture(number, "Quittung");
        JsonNode event = pictures.event(number);
        at.quiet();

        UUID run = erase(event);
        assertThat(view(run).get("shreddedAt").isNull()).isTrue();
        at.fake.media().behave(null, null);
        at.hub.clock.advance(Duration.ofMinutes(20));
        await().until(() -> view(run).get("shreddedAt").isTextual());

        assertThat(view(run).at("/kept/0/messageId").asText())
                .isEqualTo(event.at("/data/messageId").asText());
        assertThat(view(run).at("/kept/0/category").asText()).isEqualTo("VOUCHER");
    }

    private JsonNode voucherWithoutFile(String number) {
        at.fake.media().behave(null, FakeMedia.answering(503, new byte[0]));
        pictures.sendsPicture(number, "Rechnung");
        JsonNode event = pictures.event(number);
        at.quiet();
        at.hub
                .sql()
                .update(
                        "update message set category = 'VOUCHER' where id = ?::uuid",
                        event.at("/data/messageId").asText());
        return event;
    }

    private UUID erase(JsonNode event) {
        return at.hub
                .bean(org.jawort.retention.Erasure.class)
                .erase(
                        DemoTenant.ID,
                        UUID.fromString(event.at("/data/subjectId").asText()),
                        UUID.randomUUID());
    }

    private JsonNode view(UUID run) {
        return ApiClient.json(at.api.call("getDeletion", Map.of("id", run.toString()), "", ""));
    }

    @Test
    @Order(10)
    @DisplayName(
            "S14: a link opens its own file of its own tenant, until it ends, and nothing else")
    void opensToGoodLinksAlone() {
        String number = pictures.newNumber();
        pictures.sendsPicture(number, "");
        String url = pictures.medium(number).get("url").asText();
        String other = pictures.newNumber();
        pictures.sendsPicture(other, "");
        String otherId = pictures.medium(other).get("id").asText();
        String id = pictures.medium(number).get("id").asText();

        assertThat(pictures.get(url).statusCode()).isEqualTo(200);
        assertThat(pictures.get(url.replace(id, otherId)).statusCode()).isEqualTo(404);
        assertThat(pictures.get(url.replace(DemoTenant.ID, "autohaus-beispiel")).statusCode())
                .isEqualTo(404);
        assertThat(pictures.get(url.replaceFirst("expires=[0-9]", "expires=9")).statusCode())
                .isEqualTo(404);
        assertThat(pictures.get(url + "&x=1").statusCode()).isEqualTo(404);
        assertThat(pictures.get(url.replaceAll("[?].*", "")).statusCode()).isEqualTo(404);
        at.hub.clock.advance(Duration.ofDays(8));
        assertThat(pictures.get(url).statusCode()).isEqualTo(410);
    }

    private static byte[] bytes(java.io.InputStream content) {
        try (content) {
            return content.readAllBytes();
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void run() {
        at.quiet();
        try (var route = at.hub.camel().createProducerTemplate()) {
            route.requestBodyAndHeader("direct:retention-run", DemoTenant.ID, "dryRun", false);
        } catch (IOException notClosed) {
            throw new IllegalStateException(notClosed);
        }
    }
}
