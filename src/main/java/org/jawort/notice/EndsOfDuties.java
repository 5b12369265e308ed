package org.jawort.notice;

import java.time.InstantSource;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Duties.Heard;
import org.jawort.conversation.SendOutcomes;
import org.jawort.message.MessageStatus;
import org.jawort.sending.SendHearing;

/** What the end of an attempt means: for a prompt T2 or T3, for a notice its record. */
final class EndsOfDuties implements SendHearing {

    private final SendOutcomes consent;
    private final ObligedMessages duties;
    private final InstantSource clock;

    EndsOfDuties(SendOutcomes consent, ObligedMessages duties, InstantSource clock) {
        this.consent = consent;
        this.duties = duties;
        this.clock = clock;
    }

    @Override
    public void ended(Ended ended) {
        Person person = new Person(ended.tenant(), ended.subject());
        if (ended.purpose() == Purpose.CONSENT_PROMPT) {
            if (ended.end() == End.TAKEN || ended.end() == End.ARRIVED) {
                consent.promptAccepted(
                        person,
                        ended.isTrigger(),
                        ended.message(),
                        ended.providerMessageId(),
                        ended.at(),
                        clock.instant());
            } else {
                consent.promptFailed(
                        person, ended.isTrigger(), ended.message(), ended.at(), clock.instant());
            }
        }
        switch (ended.end()) {
            case TAKEN -> heard(ended, MessageStatus.SENT);
            case ARRIVED -> heard(ended, MessageStatus.SENT, MessageStatus.DELIVERED);
            case FAILED -> heard(ended, MessageStatus.FAILED);
            case DENIED -> duties.neverLeft(ended.tenant(), ended.message(), clock.instant());
        }
    }

    private void heard(Ended ended, MessageStatus... statuses) {
        duties.heard(
                Stream.of(statuses)
                        .map(
                                status ->
                                        new Heard(
                                                ended.tenant(),
                                                ended.message(),
                                                status,
                                                ended.at()))
                        .toList(),
                clock.instant());
    }
}
