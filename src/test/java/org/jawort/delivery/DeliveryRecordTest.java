package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryRecordTest {

    private static final String LANE = "00000000-0000-0001-0000-000000000002";
    private static final String VALUE = "{\"event\":\"" + LANE + "\",\"attempt\":3}";

    @Property
    void isReadAsItWasWritten(
            @ForAll long a, @ForAll long b, @ForAll @IntRange(max = 999_999) int attempt) {
        DeliveryRecord record =
                new DeliveryRecord(
                        "autohaus-muster", "crm", new UUID(a, b), new UUID(b, a), attempt);
        assertThat(parse(record.key(), record.value())).contains(record);
    }

    @Property
    void takesNoBytesThatAreNoneOfItsOwnAndNeverFails(@ForAll String key, @ForAll byte[] value) {
        assertThat(parse(key, value)).isEmpty();
        assertThat(parse(LANE, value)).isEmpty();
        assertThat(parse(null, null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "a",
        LANE + "/d",
        "/" + LANE,
        "''",
        "0-0-1-0-2",
        "A0000000-0000-0001-0000-000000000002"
    })
    void takesNoOtherKey(String key) {
        assertThat(parse(LANE, bytes(VALUE))).isPresent();
        assertThat(parse(key, bytes(VALUE))).isEmpty();
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
        assertThat(parse(LANE, bytes(VALUE.replace(from, to)))).isEmpty();
    }

    private static Optional<DeliveryRecord> parse(String key, byte[] value) {
        return DeliveryRecord.parse("autohaus-muster", "crm", key, value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
