package org.jawort.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.consent.Basis;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentRules;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.Prompt;
import org.jawort.consent.Purpose;
import org.jawort.intake.WebhookRequest;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;
import org.jawort.tenant.Account;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AskedSinceTest {

    private static final Instant ASKED = Instant.parse("2026-11-23T10:00:00Z");
    private static final UUID SUBJECT = new UUID(7, 1);
    private static final UUID ADDRESS = new UUID(7, 2);

    /** Without a database: what asks it fails. */
    private final AskedSince asked = new AskedSince(null);

    private final ConsentBook book = new ConsentBook();

    @Test
    @DisplayName(
            "CON-7: what was asked since matters as long as a Nein can turn the Ja around, and is read"
                    + " no longer")
    void readsNothingOnceTheDeadlineIsOver() {
        String prompt = Prompt.newId();
        EventTime time = EventTime.received(ASKED);
        EventTime later = EventTime.received(ASKED.plusSeconds(60));
        List<Incoming> soon = List.of(written(Duration.ofDays(1)));
        List<Incoming> late = List.of(written(Duration.ofDays(8)));

        assertThat(asked.find(soon, book)).isEmpty();
        apply(new ConsentEvent.Captured(time, CaptureOrigin.ELSEWHERE, ADDRESS, true));
        apply(new ConsentEvent.PromptOffered(time, prompt, ADDRESS, "de", "prompt-v3", false));
        apply(new ConsentEvent.PromptAccepted(time, prompt));
        apply(new ConsentEvent.Yes(later, prompt, ADDRESS, false, true, true));

        assertThat(record().state()).isEqualTo(ConsentState.GRANTED);
        assertThat(asked.find(late, book)).isEmpty();
        assertThatThrownBy(() -> asked.find(soon, book)).isInstanceOf(NullPointerException.class);
    }

    private void apply(ConsentEvent event) {
        book.apply(
                written(Duration.ZERO).person(),
                record(),
                event,
                ConsentRules.DEFAULT,
                new Cause("person", null, null));
    }

    private ConsentRecord record() {
        return book.record(
                written(Duration.ZERO).person(), Channel.SMS, Purpose.NOTIFICATION, Basis.CONSENT);
    }

    private static Incoming written(Duration after) {
        Account account =
                new Account(
                        "autohaus-muster",
                        "twilio",
                        "twilio",
                        "twilio",
                        null,
                        List.of(),
                        Map.of(),
                        Map.of(),
                        null);
        Incoming item =
                new Incoming(
                        new ProviderEntry.Received(
                                "event",
                                Channel.SMS,
                                null,
                                null,
                                JsonNodeFactory.instance.objectNode()),
                        new Quarantine.Suspect(
                                account,
                                new WebhookRequest(
                                        "POST",
                                        null,
                                        null,
                                        null,
                                        Map.of(),
                                        new byte[0],
                                        ASKED.plus(after)),
                                new byte[0]),
                        null,
                        new byte[0]);
        item.subject = new Subject(SUBJECT, ADDRESS, null, true);
        return item;
    }
}
