package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.KafkaRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryRecordTest {

    private static final String LANE = "00000000-0000-0001-0000-000000000002";
    private static final String VALUE = "{\"event\":\"" + LANE + "\",\"attempt\":3}";
    private static final Exchange EXCHANGE = new DefaultExchange(new DefaultCamelContext());

    @Property
    void isReadAsItWasWritten(
            @ForAll long a, @ForAll long b, @ForAll @IntRange(max = 999_999) int attempt) {
        DeliveryRecord record =
                new DeliveryRecord(
                        "autohaus-muster", "crm", new UUID(a, b), new UUID(b, a), attempt);
        EXCHANGE.setMessage(record.message(EXCHANGE));

        assertThat(
                        DeliveryRecord.parse(
                                KafkaRecords.key(EXCHANGE),
                                EXCHANGE.getMessage().getBody(byte[].class)))
                .contains(record);
    }

    @Property
    void takesNoBytesThatAreNoneOfItsOwnAndNeverFails(@ForAll String key, @ForAll byte[] value) {
        assertThat(DeliveryRecord.parse(key, value)).isEmpty();
        assertThat(DeliveryRecord.parse("a/b/" + LANE, value)).isEmpty();
        assertThat(DeliveryRecord.parse(null, null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "a/b",
        "a/b/c",
        "a/b/" + LANE + "/d",
        "/" + LANE,
        "a/b/",
        LANE,
        "a/b/0-0-1-0-2",
        "a/b/A0000000-0000-0001-0000-000000000002"
    })
    void takesNoOtherKey(String key) {
        assertThat(DeliveryRecord.parse("a/b/" + LANE, bytes(VALUE))).isPresent();
        assertThat(DeliveryRecord.parse(key, bytes(VALUE))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3}|-3}",
                "3}|'3} '",
                "3}|3,\"x\":1}",
                "3}|1234567}",
                "3}|}",
                "00000000-0000-0001|00000000-0000-00g1",
                "00000000-0000|------------ "
            })
    void takesNoOtherValue(String from, String to) {
        assertThat(VALUE).contains(from);
        assertThat(DeliveryRecord.parse("a/b/" + LANE, bytes(VALUE.replace(from, to)))).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
