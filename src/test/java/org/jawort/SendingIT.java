package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages through the whole hub to providers that behave as their documentation says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingIT {

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() {
        sending = new SendingHub(HubInTest.hub(), true);
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    @AfterEach
    void behaveAgain() {
        sending.fake.behave();
    }

    private String newNumber() {
        return "+4915100001%03d".formatted(++people);
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void repliesOverTheAccountTheConversationIsHeldOver(String provider) {
        JsonNode inbound = sending.writes(provider, newNumber(), "Wann ist mein Termin?");
        String text = "Morgen um zehn, " + provider;

        String id = sending.sends(SendingHub.reply(inbound.get("conversationId").asText(), text));

        sending.awaitState(id, "sent");
        assertThat(sending.got(text))
                .singleElement()
                .satisfies(one -> assertThat(one.provider()).isEqualTo(provider));
        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.message.sent.v1"))
                                        .filteredOn(
                                                event ->
                                                        event.at("/data/messageId")
                                                                .asText()
                                                                .equals(id))
                                        .singleElement()
                                        .satisfies(
                                                event -> {
                                                    assertThat(
                                                                    event.at("/data/content/text")
                                                                            .asText())
                                                            .isEqualTo(text);
                                                    assertThat(event.at("/data/account").asText())
                                                            .isEqualTo(provider);
                                                    assertThat(
                                                                    event.at("/data/consent/reason")
                                                                            .asText())
                                                            .isEqualTo("OUT_OK");
                                                }));
        await().untilAsserted(
                        () ->
                                assertThat(sending.message(id).get("statuses"))
                                        .extracting(one -> one.get("status").asText())
                                        .contains("delivered"));
    }
}
