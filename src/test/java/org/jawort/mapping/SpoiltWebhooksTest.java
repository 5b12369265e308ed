package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the mappings of MessageBird and Smooch make of webhooks that are not as they should be. */
class SpoiltWebhooksTest {

    private static final Path ROOT = Path.of("mappings");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Mappings mappings = new Mappings(ROOT);

    @Test
    void quarantinesBadEventsAloneAndKeepsTheGoodOnesOfTheSameDelivery() throws IOException {
        ObjectNode webhook = example("smooch", "multi-three-events.json");
        ArrayNode events = (ArrayNode) webhook.at("/body/events");
        events.insert(
                1, JSON.readTree("{'id':'x1','type':'conversation:message'}".replace('\'', '"')));
        events.insert(2, "no event at all");
        events.insert(3, JSON.readTree("{'id':'x2','type':7,'payload':{}}".replace('\'', '"')));
        events.insert(
                4,
                JSON.readTree(
                        "{'id':'x3','type':'user:merge','payload':{'mergedUsers':{'surviving':{'id':'u1'}}}}"
                                .replace('\'', '"')));
        events.insert(5, JSON.readTree("null"));
        events.insert(6, JSON.readTree("{'type':'conversation:poll'}".replace('\'', '"')));
        ((ObjectNode) events.get(7).at("/payload/message")).put("content", "not an object");

        MappedWebhook mapped = mappings.map("smooch", webhook);

        assertThat(mapped.bad())
                .extracting(MappedWebhook.BadEntry::index)
                .containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(mapped.bad())
                .filteredOn(bad -> bad.reason() == MappingFailed.Reason.UNKNOWN_EVENT)
                .extracting(MappedWebhook.BadEntry::where)
                .containsExactly("conversation:poll");
        assertThat(mapped.entries())
                .extracting(entry -> entry.path("eventId").asText())
                .containsExactly("69cdcce47e54a1c9e8228f1a", "693bb9c134881a2bfc63db91");
    }

    @Test
    void quarantinesAMessageThatDoesNotSayWhetherItWasReceivedOrSent() throws IOException {
        ObjectNode webhook = example("messagebird", "whatsapp-text.json");
        ((ObjectNode) webhook.at("/body/message")).remove("direction");

        MappedWebhook mapped = mappings.map("messagebird", webhook);

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad()).hasSize(1);
    }

    @Test
    void quarantinesAMessageWhoseChannelNothingTells() throws IOException {
        ObjectNode webhook = example("messagebird", "whatsapp-no-platform.json");
        webhook.putArray("channels");

        MappedWebhook mapped = mappings.map("messagebird", webhook);

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad())
                .extracting(MappedWebhook.BadEntry::where)
                .containsExactly(" required channel");
    }

    @Test
    void quarantinesAMessageThatNamesNoneOfSeveralIntegrations() throws IOException {
        ObjectNode webhook = example("smooch", "whatsapp-without-integration.json");
        ObjectNode second = ((ArrayNode) webhook.get("channels")).addObject();
        second.put("channel", "whatsapp").put("providerChannelId", "69f1c7a4e57682672270e4cd");

        MappedWebhook mapped = mappings.map("smooch", webhook);

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad())
                .extracting(MappedWebhook.BadEntry::where)
                .containsExactly(" required to");
    }

    @Test
    void takesTheIntegrationOfTheClientWhereAnOlderWebhookNamesNone() throws IOException {
        ObjectNode webhook = example("smooch", "v1.1-text.json");
        ((ObjectNode) webhook.at("/body/messages/0/source")).remove("integrationId");

        MappedWebhook mapped = mappings.map("smooch", webhook);

        assertThat(mapped.entries())
                .extracting(entry -> entry.at("/to/address").asText())
                .containsExactly("69f1c7a4e57682672270e4cc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "body", "originator"})
    void quarantinesAnSmsThatLacksWhatMakesItOne(String field) throws IOException {
        ObjectNode webhook = example("messagebird", "sms-inbound-classic.form");
        ((ObjectNode) webhook.get("body")).remove(field);

        MappedWebhook mapped = mappings.map("messagebird", webhook);

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad()).hasSize(1);
    }

    @Test
    void seesASecondPressOfTheSameButtonAsASecondMessage() throws IOException {
        ObjectNode first = example("smooch", "v1.1-postback.json");
        ObjectNode second = first.deepCopy();
        ((ObjectNode) second.get("body")).put("timestamp", 1793783190.75);

        JsonNode one = mappings.map("smooch", first).entries().get(0);
        JsonNode two = mappings.map("smooch", second).entries().get(0);

        assertThat(two.get("eventId")).isNotEqualTo(one.get("eventId"));
    }

    /**
     * Each field of each example takes each odd value in turn: one webhook may fail, the mapping
     * may not.
     */
    @ParameterizedTest
    @ValueSource(strings = {"messagebird", "smooch"})
    void noOddValueAnywhereStopsAMapping(String provider) throws IOException {
        JsonNode oddValues =
                JSON.readTree(
                        "[\"x\", \"\", \" \", -3, 1.5, 1e30, 99999999999999999999, [], [null], [\"x\"], {}, {\"a\": 1},"
                                + " null, true, \"%zz\", \"2026-13-45T99:99:99Z\", \"http://[::1/%\"]");
        List<String> stopped = new ArrayList<>();

        for (MappingExample example :
                MappingExample.in(provider, ROOT.resolve(provider).resolve("examples"))) {
            if (example.kind() != MappingExample.Kind.WEBHOOK) {
                continue;
            }
            ObjectNode webhook = example.webhook();
            List<Slot> slots = new ArrayList<>();
            collect(webhook.get("body"), slots);
            collect(webhook.get("query"), slots);
            for (Slot slot : slots) {
                JsonNode good = slot.get();
                for (JsonNode odd : oddValues) {
                    slot.set(odd);
                    try {
                        mappings.map(provider, webhook);
                    } catch (MappingFailed failed) {
                        if (failed.reason() != MappingFailed.Reason.EMPTY) {
                            stopped.add(example.name() + " " + slot.name() + " = " + odd);
                        }
                    }
                }
                slot.set(good);
            }
        }

        assertThat(stopped).isEmpty();
    }

    /** A place in a document that can be given another value. */
    private record Slot(JsonNode parent, String name, int index) {

        JsonNode get() {
            return name == null ? parent.get(index) : parent.get(name);
        }

        void set(JsonNode value) {
            if (name == null) {
                ((ArrayNode) parent).set(index, value);
            } else {
                ((ObjectNode) parent).set(name, value);
            }
        }
    }

    private static void collect(JsonNode node, List<Slot> slots) {
        node.fieldNames().forEachRemaining(name -> slots.add(new Slot(node, name, -1)));
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                slots.add(new Slot(node, null, i));
            }
        }
        node.forEach(child -> collect(child, slots));
    }

    private static ObjectNode example(String provider, String file) throws IOException {
        return new MappingExample(
                        provider, ROOT.resolve(provider).resolve("examples").resolve(file))
                .webhook();
    }
}
