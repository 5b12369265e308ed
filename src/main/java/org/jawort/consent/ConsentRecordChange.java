package org.jawort.consent;

import java.time.Instant;
import java.util.UUID;

/** Collects what differs in a copy of a record. */
final class ConsentRecordChange {
    private final ConsentRecord from;
    private UUID id;
    private UUID subject;
    private ConsentState state;
    private Instant since;
    private UUID addressId;
    private CaptureOrigin origin;
    private Instant capturedAt;
    private Instant actedAt;
    private Instant lastRefusalAt;
    private Prompt prompt;
    private boolean reconsent;
    private String textVersion;
    private Instant grantedAt;
    private Instant lastUsedAt;
    private Instant validUntil;
    private Instant graceUntil;
    private Instant reconsentUntil;
    private Instant platformPermittedAt;

    ConsentRecordChange(ConsentRecord from) {
        this.from = from;
        id = from.id();
        subject = from.subject();
        state = from.state();
        since = from.since();
        addressId = from.addressId();
        origin = from.origin();
        capturedAt = from.capturedAt();
        actedAt = from.actedAt();
        lastRefusalAt = from.lastRefusalAt();
        prompt = from.prompt();
        reconsent = from.reconsent();
        textVersion = from.textVersion();
        grantedAt = from.grantedAt();
        lastUsedAt = from.lastUsedAt();
        validUntil = from.validUntil();
        graceUntil = from.graceUntil();
        reconsentUntil = from.reconsentUntil();
        platformPermittedAt = from.platformPermittedAt();
    }

    ConsentRecordChange id(UUID value) {
        id = value;
        return this;
    }

    ConsentRecordChange subject(UUID value) {
        subject = value;
        return this;
    }

    ConsentRecordChange state(ConsentState value, Instant at) {
        state = value;
        since = at;
        return this;
    }

    ConsentRecordChange addressId(UUID value) {
        addressId = value;
        return this;
    }

    private ConsentRecordChange captured(CaptureOrigin by, Instant at) {
        origin = by;
        capturedAt = at;
        actedAt = by.isActOfThePerson() ? at : null;
        return this;
    }

    ConsentRecordChange actedAt(Instant value) {
        actedAt = value;
        return this;
    }

    /** Keeps the newest refusal. */
    ConsentRecordChange refusedAt(Instant value) {
        lastRefusalAt = Times.later(lastRefusalAt, value);
        return this;
    }

    ConsentRecordChange prompt(Prompt value) {
        prompt = value;
        return this;
    }

    ConsentRecordChange closePrompt(Prompt.Status status) {
        if (prompt != null && prompt.isOpen()) {
            prompt = prompt.with(status);
        }
        return this;
    }

    /** Captured, and to be asked at this address; what was asked before is over. */
    ConsentRecordChange requested(CaptureOrigin by, UUID address, Instant at) {
        return noGrant()
                .state(ConsentState.REQUESTED, at)
                .captured(by, at)
                .addressId(address)
                .prompt(null);
    }

    ConsentRecordChange expired(Prompt.Status status, Instant at) {
        return noGrant().state(ConsentState.EXPIRED, at).closePrompt(status);
    }

    ConsentRecordChange reconsent(boolean value) {
        reconsent = value;
        return this;
    }

    ConsentRecordChange granted(String text, Instant at, Instant until) {
        textVersion = text;
        grantedAt = at;
        validUntil = until;
        return this;
    }

    /** The grant and all that hung on it is over; its proof stays in the ledger. */
    ConsentRecordChange noGrant() {
        reconsent = false;
        textVersion = null;
        grantedAt = null;
        lastUsedAt = null;
        validUntil = null;
        graceUntil = null;
        reconsentUntil = null;
        return this;
    }

    ConsentRecordChange platformPermittedAt(Instant value) {
        platformPermittedAt = value;
        return this;
    }

    ConsentRecordChange lastUsedAt(Instant value) {
        lastUsedAt = value;
        return this;
    }

    ConsentRecordChange validUntil(Instant value) {
        validUntil = value;
        return this;
    }

    ConsentRecordChange reconsentDue(Instant grace, Instant until) {
        graceUntil = grace;
        reconsentUntil = until;
        return this;
    }

    ConsentRecord build() {
        return new ConsentRecord(
                id,
                subject,
                from.channel(),
                from.purpose(),
                from.basis(),
                state,
                since,
                addressId,
                origin,
                capturedAt,
                actedAt,
                lastRefusalAt,
                prompt,
                reconsent,
                textVersion,
                grantedAt,
                lastUsedAt,
                validUntil,
                graceUntil,
                reconsentUntil,
                platformPermittedAt);
    }
}
