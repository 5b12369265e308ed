package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class FulfilmentTest {

    @Test
    void namesWhatIsRefusedOnceHoweverManyNamesItIsRefusedUnder() {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();

        Fulfilment.refuse(facts, "NOTIFICATION", "COMPELLING_GROUNDS");
        Fulfilment.refuse(facts, "NOTIFICATION", "COMPELLING_GROUNDS");
        Fulfilment.refuse(facts, "SUPPORT_REPLY", "COMPELLING_GROUNDS");

        assertThat(facts.get("refused").findValuesAsText("what"))
                .containsExactly("NOTIFICATION", "SUPPORT_REPLY");
    }
}
