package org.jawort.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("R18: a status only rises")
class MessageStatusTest {

    @Test
    void ranksAsAMessageTravels() {
        List<MessageStatus> way =
                List.of(
                        MessageStatus.UNKNOWN,
                        MessageStatus.QUEUED,
                        MessageStatus.SENT,
                        MessageStatus.FAILED,
                        MessageStatus.DELIVERED,
                        MessageStatus.READ);

        assertThat(way).isSortedAccordingTo((a, b) -> Short.compare(a.rank(), b.rank()));
        assertThat(way.stream().map(MessageStatus::rank).distinct()).hasSameSizeAs(way);
    }

    @Test
    void letsNeitherEndOfASendOverruleTheOther() {
        assertThat(MessageStatus.CANCELED.rank()).isEqualTo(MessageStatus.FAILED.rank());
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsNameOnTheWire(MessageStatus status) {
        assertThat(MessageStatus.of(status.wireName())).isEqualTo(status);
        assertThat(status.wireName()).isLowerCase();
    }

    @Test
    void holdsTheWordsOfTheContractAndNoOther() {
        assertThat(Arrays.stream(MessageStatus.values()).map(MessageStatus::wireName))
                .containsExactlyInAnyOrder(
                        "queued", "sent", "delivered", "read", "failed", "canceled", "unknown");
        assertThatThrownBy(() -> MessageStatus.of("undeliverable"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
