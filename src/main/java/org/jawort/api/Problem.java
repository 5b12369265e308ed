package org.jawort.api;

import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jawort.consent.Outcome;
import org.jawort.rights.Requests;

/**
 * What an error says, RFC 9457. Nothing in it comes from the request.
 *
 * @param code stable; what a program decides by
 * @param errors which parts of the body break which rule; empty unless the body is at fault
 * @param messageId the message that was denied, {@code null} unless there is one
 */
record Problem(int status, String code, String title, List<BrokenRule> errors, UUID messageId) {

    /**
     * @param pointer JSON Pointer (RFC 6901) into the body, of names the description knows
     * @param rule keyword of the schema
     * @param property what is missing, {@code null} unless the rule is {@code required}
     */
    record BrokenRule(String pointer, String rule, String property) {}

    static final Problem NOT_FOUND = of(404, "NOT_FOUND", "There is no such resource");
    static final Problem UNAUTHORIZED =
            of(401, "UNAUTHORIZED", "Send a valid key as Authorization: Bearer");
    static final Problem RESTRICTED =
            of(403, "RESTRICTED", "Kept out of ordinary access; this key does not open it");
    static final Problem NOT_AUTHENTIC =
            of(403, "NOT_AUTHENTIC", "Not signed by the processor, or about no request of it");
    static final Problem TOO_MANY_FAILED_KEYS =
            of(429, "TOO_MANY_FAILED_KEYS", "Too many wrong keys from this network address");
    static final Problem BODY_TOO_LARGE =
            of(413, "BODY_TOO_LARGE", "The body is larger than this API takes");
    static final Problem UNSUPPORTED_MEDIA_TYPE =
            of(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json, not encoded");
    static final Problem INVALID_JSON = of(400, "INVALID_JSON", "The body is no JSON document");
    static final Problem INVALID_PARAMETER =
            of(400, "INVALID_PARAMETER", "A query parameter is unknown, repeated or malformed");
    static final Problem INVALID_CURSOR =
            of(400, "INVALID_CURSOR", "The cursor is not one this operation gave");
    static final Problem KEY_MISSING =
            of(400, "IDEMPOTENCY_KEY_MISSING", "Every POST needs an Idempotency-Key header");
    static final Problem KEY_INVALID =
            of(
                    400,
                    "IDEMPOTENCY_KEY_INVALID",
                    "An Idempotency-Key is 1 to 255 visible ASCII characters, sent once");
    static final Problem KEY_REUSED =
            of(422, "IDEMPOTENCY_KEY_REUSED", "This key was used for another body");
    static final Problem KEY_IN_FLIGHT =
            of(
                    409,
                    "IDEMPOTENCY_KEY_IN_FLIGHT",
                    "The first request with this key is still running");
    static final Problem DELETION_RUNNING =
            of(409, "DELETION_RUNNING", "The tenant's run before this one is still at work");
    static final Problem PURPOSE_NOT_CONFIGURED =
            of(422, "PURPOSE_NOT_CONFIGURED", "The tenant pursues no such purpose");
    static final Problem TOO_MANY_LABELS =
            of(409, "TOO_MANY_LABELS", "One message or conversation has at most 50 labels");
    static final Problem SUBJECT_ERASED =
            of(409, "SUBJECT_ERASED", "The person was erased; nothing can be declared for them");
    static final Problem NOTHING_TO_DECIDE =
            of(409, "NOTHING_TO_DECIDE", "Nothing of this person waits for a decision here");
    static final Problem DECIDED_ABOUT_OLDER =
            of(
                    409,
                    "DECIDED_ABOUT_OLDER",
                    "What waits is not what was decided about: the list says which is the newest");
    static final Problem SAME_SUBJECT =
            of(422, "SAME_SUBJECT", "A person cannot be linked with themselves");
    static final Problem LINK_EXPIRED = of(410, "LINK_EXPIRED", "This link opened something once");
    static final Problem DELIVERY_NOT_ENDED =
            of(409, "DELIVERY_NOT_ENDED", "The delivery still waits for an attempt");
    static final Problem DELIVERY_TAKEN = of(409, "DELIVERY_TAKEN", "The destination has it");
    static final Problem REPLAY_ENDED =
            of(409, "REPLAY_ENDED", "The replay is done, or was canceled");
    static final Problem NOT_REPLAYABLE =
            of(409, "QUARANTINE_NOT_REPLAYABLE", "Replayed already, being replayed, or unreadable");
    static final Problem TEMPLATE_UNKNOWN =
            of(422, "TEMPLATE_UNKNOWN", "The tenant has no such template in this language");
    static final Problem TEMPLATE_PARAMETERS =
            of(422, "TEMPLATE_PARAMETERS", "The template has another number of parameters");
    static final Problem TRIGGER_UNKNOWN =
            of(422, "TRIGGER_UNKNOWN", "The recipient wrote no such message");
    static final Problem RECIPIENT_UNKNOWN =
            of(422, "RECIPIENT_UNKNOWN", "There is no such person or conversation");
    static final Problem MESSAGE_NOT_CANCELABLE =
            of(409, "MESSAGE_NOT_CANCELABLE", "The message is on its way, ended, or the hub's own");
    static final Problem HOLD_SAME_KEY =
            of(409, "HOLD_SAME_KEY", "This step needs another person, and so another key");
    static final Problem HOLD_STATE =
            of(409, "HOLD_STATE", "Not a step from the state the hold is in");
    static final Problem KEY_CHANGE_SAME_KEY =
            of(409, "KEY_CHANGE_SAME_KEY", "This step needs another person, and so another key");
    static final Problem KEY_CHANGE_STATE =
            of(409, "KEY_CHANGE_STATE", "The change was made or withdrawn already");
    static final Problem KEY_IN_USE =
            of(409, "KEY_IN_USE", "Something is still written, opened or found under this version");
    static final Problem UNAVAILABLE =
            of(503, "UNAVAILABLE", "A part the hub needs does not answer; try again");
    static final Problem STORE_UNAVAILABLE =
            of(
                    503,
                    "OUT_STORE_UNAVAILABLE",
                    "Nobody can say whether the message may be sent; try again");
    static final Problem INTERNAL = of(500, "INTERNAL", "The hub failed");

    private static Problem of(int status, String code, String title) {
        return new Problem(status, code, title, List.of(), null);
    }

    static Problem invalidBody(List<BrokenRule> errors) {
        return new Problem(
                400, "INVALID_BODY", "The body breaks the operation's schema", errors, null);
    }

    /** The transition table forbids it; the ledger has the attempt. */
    static Problem rejected(Outcome.Rejected.Why why) {
        return of(409, why.name(), "The transition table rejects this declaration");
    }

    /** What was looked at is not what would be deleted. */
    static Problem planChanged(String why) {
        return of(409, "PLAN_" + why, "Make a new plan and look at it");
    }

    /** The filter says no; asking again changes nothing unless something else did. */
    static Problem denied(String reason, UUID message) {
        return new Problem(409, reason, "The message may not be sent", List.of(), message);
    }

    /** A request of a person is not in the state for this, or the law does not allow it. */
    static Problem requestRefused(Requests.Refusal why) {
        String title =
                switch (why) {
                    case REQUEST_STATE -> "The request is not in a state for this";
                    case SECOND_PROOF_NEEDED -> "More than this must show who asks";
                    case EXTENSION_TOO_LATE -> "The month in which to say so is over";
                    case EXTENSION_TOO_LONG -> "Two months more is the most, and once";
                    case NO_WAY_TO_TELL -> "The person cannot be told in chat; tell them elsewhere";
                    case RECEIVED_LATER -> "The request would come from the future";
                    case RECIPIENT_UNKNOWN, RESTRICTED, SUBJECT_ERASED, NOT_FOUND ->
                            "There is no such person";
                };
        return of(409, why.name(), title);
    }

    static Problem ofStatus(int status) {
        return switch (status) {
            case 404 -> NOT_FOUND;
            case 405 -> of(405, "METHOD_NOT_ALLOWED", "This resource has no such method");
            case 406 -> of(406, "NOT_ACCEPTABLE", "This API answers application/json");
            case 413 -> BODY_TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 503 -> UNAVAILABLE;
            default ->
                    status >= 500
                            ? INTERNAL
                            : of(status, "INVALID_REQUEST", "The request is malformed");
        };
    }

    String type() {
        return "urn:jawort:problem:" + code.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
