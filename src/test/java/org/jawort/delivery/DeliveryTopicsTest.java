package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class DeliveryTopicsTest {

    private static final UUID LANE = new UUID(1, 2);

    private final DeliveryTopics topics = new DeliveryTopics("deliveries");

    @Test
    void giveEachDestinationATopicOfItsOwnInTheOrderOfTheRecords() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage()
                .setBody(
                        List.of(
                                new DeliveryRecord("muster", "crm", LANE, new UUID(0, 1), 0),
                                new DeliveryRecord("muster", "send:sms", LANE, new UUID(0, 2), 3)));

        topics.address(exchange);

        List<?> records = exchange.getMessage().getBody(List.class);
        assertThat(records)
                .extracting(record -> ((Message) record).getHeader(KafkaConstants.OVERRIDE_TOPIC))
                .containsExactly("deliveries.muster.crm", "deliveries.muster.send.sms");
        assertThat(records)
                .extracting(record -> ((Message) record).getHeader(KafkaConstants.KEY))
                .containsOnly(LANE.toString());
    }

    @Test
    void haveNamesThatNoTwoDestinationsShare() {
        // an id holds neither dot nor colon, so a dot ends it
        assertThat(topics.of("a", "b-c")).isNotEqualTo(topics.of("a-b", "c"));
        assertThat(topics.of("a", "send:b")).isNotEqualTo(topics.of("a", "send-b"));
    }
}
