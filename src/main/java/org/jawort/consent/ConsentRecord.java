package org.jawort.consent;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jawort.message.Channel;

/**
 * Where a person stands with one purpose on one channel (CON-1): the current state, not its proof,
 * which is a ledger of its own. A record that does not exist yet is one in state {@link
 * ConsentState#NONE}, see {@link #none}.
 *
 * @param channel the channel consent is kept for, see {@link Channel#consentChannel()}
 * @param since effective time of the event that led to the state; null in {@code NONE}
 * @param addressId the address that gave the grant or shall be asked; a grant holds for this
 *     address alone (CON-8). Nullable
 * @param origin of the newest capture; null before any
 * @param capturedAt of the newest capture; null before any
 * @param actedAt the person's own act the state rests on. Refusals older than it are superseded;
 *     null means that every refusal counts, as after an import
 * @param lastRefusalAt newest NO, STOP, objection or provider opt-out; null if none
 * @param prompt the newest prompt, open or not; null if none, or deleted after its retention
 * @param reconsent {@code PENDING} was reached from {@code RECONSENT_DUE}
 * @param textVersion the text the person agreed to; null before a grant
 * @param grantedAt time of the YES; null before a grant
 * @param lastUsedAt last message sent under the grant; null if never
 * @param validUntil end of validity without further use; null before a grant
 * @param graceUntil until then the old text still covers the old processing (T11); null unless a
 *     text changed
 * @param platformPermittedAt when the person gave this number and permission to be messaged on this
 *     platform, where no grant says so (CON-6); null if nobody said
 * @param reconsentUntil last instant for a new prompt in {@code RECONSENT_DUE}; null elsewhere
 */
public record ConsentRecord(
        UUID id,
        UUID subject,
        Channel channel,
        Purpose purpose,
        Basis basis,
        ConsentState state,
        Instant since,
        UUID addressId,
        CaptureOrigin origin,
        Instant capturedAt,
        Instant actedAt,
        Instant lastRefusalAt,
        Prompt prompt,
        boolean reconsent,
        String textVersion,
        Instant grantedAt,
        Instant lastUsedAt,
        Instant validUntil,
        Instant graceUntil,
        Instant reconsentUntil,
        Instant platformPermittedAt) {

    public ConsentRecord {
        Objects.requireNonNull(id);
        Objects.requireNonNull(subject);
        Objects.requireNonNull(basis);
        Objects.requireNonNull(state);
        channel = channel.consentChannel();
        if (!purpose.hasRecord()) {
            throw new IllegalArgumentException("no consent is kept for " + purpose);
        }
    }

    /** The record of a person of whom nothing is known for this purpose. */
    public static ConsentRecord none(
            UUID id, UUID subject, Channel channel, Purpose purpose, Basis basis) {
        return new ConsentRecord(
                id,
                subject,
                channel,
                purpose,
                basis,
                ConsentState.NONE,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /**
     * The grant was used for a message, which starts its validity anew (T12), but not that of a
     * text that changed since and only covers its grace. An older use changes nothing.
     */
    public ConsentRecord used(Instant at, ConsentRules rules) {
        boolean isGranted = state == ConsentState.GRANTED;
        boolean isCovered = isGranted || (isToBeRenewed() && isInGrace(at));
        if (!isCovered || (lastUsedAt != null && !at.isAfter(lastUsedAt))) {
            return this;
        }
        ConsentRecordChange used = change().lastUsedAt(at);
        return isGranted ? used.validUntil(Times.plus(at, rules.validity())).build() : used.build();
    }

    /** The text changed, and the person has not agreed to the new one yet (T11). */
    boolean isToBeRenewed() {
        return state == ConsentState.RECONSENT_DUE || (state == ConsentState.PENDING && reconsent);
    }

    boolean isInGrace(Instant at) {
        return graceUntil != null && at.isBefore(graceUntil);
    }

    /** When the hub's own clock ends the state the record is in (T7, T12); null if it does not. */
    Instant endsAt() {
        return switch (state) {
            case PENDING -> prompt.deadline();
            case RECONSENT_DUE -> reconsentUntil;
            case GRANTED -> validUntil;
            case NONE, REQUESTED, DECLINED, EXPIRED, WITHDRAWN, LI_ACTIVE, OBJECTED -> null;
        };
    }

    /**
     * Whether the platform's own condition holds (CON-6): the YES on this very channel, or the
     * permission on file, and no refusal since.
     */
    public boolean isPlatformPermitted() {
        return (grantedAt != null || platformPermittedAt != null)
                && state != ConsentState.WITHDRAWN
                && state != ConsentState.OBJECTED;
    }

    /** Whether the hub's own clock ends the state the record is in. */
    public boolean isOverAt(Instant now) {
        Instant end = endsAt();
        return end != null && !now.isBefore(end);
    }

    /** Waits to be asked: agreed elsewhere, or the text changed, and no question is open. */
    public boolean isToBeAsked() {
        return (state == ConsentState.REQUESTED || state == ConsentState.RECONSENT_DUE)
                && !hasOpenPrompt();
    }

    public boolean hasOpenPrompt() {
        return prompt != null && prompt.isOpen();
    }

    /**
     * Whether a refusal of this time speaks about the present state, and not about one the person
     * has left since.
     */
    boolean isRefusedBy(Instant refusal) {
        return actedAt == null || !refusal.isBefore(actedAt);
    }

    /** The newest refusal, of a record that refuses. */
    Instant refusedAt() {
        return lastRefusalAt == null ? since : lastRefusalAt;
    }

    /** Whether a "Nein" of this time could still turn the "Ja" to the prompt around (CON-7). */
    public boolean mayStillDecline(Instant at) {
        return state == ConsentState.GRANTED
                && prompt != null
                && prompt.deadline() != null
                && at.isBefore(prompt.deadline());
    }

    boolean hasPrompt(String promptId) {
        return prompt != null && prompt.promptId().equals(promptId);
    }

    ConsentRecordChange change() {
        return new ConsentRecordChange(this);
    }
}
