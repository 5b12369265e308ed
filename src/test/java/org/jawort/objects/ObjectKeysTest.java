package org.jawort.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jawort.delivery.DestinationRefused;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectKeysTest {

    private static final String EVENT = "019ab3c2-7d4e-7c11-9a55-000000000001";
    private static final String PERSON = "019ab3c2-7d4e-7c11-9a55-000000000002";
    private static final String CONVERSATION = "019ab3c2-7d4e-7c11-9a55-000000000003";
    private static final String MESSAGE = "019ab3c2-7d4e-7c11-9a55-000000000004";

    private final ObjectKeys keys = new ObjectKeys("a/b/", "muster", "vault");

    @Test
    void putsThePersonFirstAndTheSequenceLast() {
        ObjectNode event = event();

        assertThat(keys.of(event))
                .isEqualTo(
                        "a/b/muster/vault/subjects/%s/%s/%s/0000000000000000042-%s.json"
                                .formatted(PERSON, CONVERSATION, MESSAGE, EVENT))
                .startsWith(keys.message(event))
                .startsWith(keys.person(event))
                .startsWith(keys.root());
        assertThat(keys.ofDuty(event))
                .isEqualTo("a/b/muster/vault/duties/0000000000000000042-" + EVENT + ".json");
    }

    @Test
    void hasFewerLevelsForWhatIsAboutLess() {
        ObjectNode event = event();
        data(event).putNull("messageId");
        assertThat(keys.of(event)).contains(CONVERSATION + "/0000").doesNotContain(MESSAGE);
        assertThat(keys.message(event)).isNull();
        data(event).putNull("conversationId");
        assertThat(keys.of(event)).contains("/subjects/" + PERSON + "/0000");
        data(event).remove("subjectId");
        assertThat(keys.of(event)).contains("/ledger/0000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${sys:user.home}",
                "$simple{sys.user.home}",
                "{{env:PATH}}",
                "../../other-tenant",
                "019ab3c2-7d4e-7c11-9a55-00000000000",
                "019AB3C2-7D4E-7C11-9A55-000000000004",
                ""
            })
    @DisplayName("S13, C4: nothing but an id of the hub becomes part of a key")
    void refusesWhatIsNoId(String value) {
        for (String field : new String[] {"subjectId", "conversationId", "messageId"}) {
            ObjectNode event = event();
            data(event).put(field, value);
            assertThatThrownBy(() -> keys.of(event)).isInstanceOf(DestinationRefused.class);
        }
        ObjectNode event = event();
        event.put("id", value);
        assertThatThrownBy(() -> keys.of(event)).isInstanceOf(DestinationRefused.class);
        assertThatThrownBy(() -> keys.of(event().put("sequence", value + "x")))
                .isInstanceOf(DestinationRefused.class);
    }

    private static ObjectNode data(ObjectNode event) {
        return (ObjectNode) event.get("data");
    }

    private static ObjectNode event() {
        ObjectNode event = new ObjectMapper().createObjectNode();
        event.put("id", EVENT).put("sequence", "42").put("type", "jawort.message.received.v1");
        event.putObject("data")
                .put("subjectId", PERSON)
                .put("conversationId", CONVERSATION)
                .put("messageId", MESSAGE);
        return event;
    }
}
