package org.jawort.consent;

/**
 * The checks of {@link OutboundFilter} in their fixed order (FLT-3): the first that denies wins.
 */
public enum OutboundCheck {
    STORE,
    KNOWN,
    SENDER,
    RESIDENCY,
    ERASURE,
    RESTRICTION,
    SUPPRESSION,
    POSSIBLE_STOP,
    BASIS,
    PLATFORM,
    NOTICE,
    WINDOW,
    CONTENT;

    /** What a check answered; those after a denial were not asked. */
    public enum Answer {
        PASSED,
        DENIED,
        NOT_ASKED
    }

    /** The check that gives this reason; {@code null} for {@code OUT_OK}, which none gives. */
    public static OutboundCheck of(OutboundReason reason) {
        return switch (reason) {
            case OUT_OK -> null;
            case OUT_STORE_UNAVAILABLE -> STORE;
            case OUT_UNKNOWN -> KNOWN;
            case OUT_SENDER_INACTIVE -> SENDER;
            case OUT_RESIDENCY -> RESIDENCY;
            case OUT_ERASURE -> ERASURE;
            case OUT_RESTRICTED -> RESTRICTION;
            case OUT_SUPPRESSED, OUT_SUPPRESSED_MARKETING -> SUPPRESSION;
            case OUT_HELD_POSSIBLE_STOP -> POSSIBLE_STOP;
            case OUT_NO_OPEN_CONVERSATION,
                    OUT_NO_BASIS,
                    OUT_PENDING,
                    OUT_WITHDRAWN,
                    OUT_MARKETING_OFF,
                    OUT_AUTH_NOT_TRIGGERED,
                    OUT_PROMPT_LIMIT,
                    OUT_ALREADY_SENT ->
                    BASIS;
            case OUT_NO_PLATFORM_OPTIN -> PLATFORM;
            case OUT_NOTICE_MISSING -> NOTICE;
            case OUT_WINDOW_CLOSED,
                    OUT_TEMPLATE_CATEGORY,
                    OUT_TAG_RETIRED,
                    OUT_TAG_UNSUPPORTED,
                    OUT_CONVERSATION_DELETED,
                    OUT_BOT_BLOCKED,
                    OUT_QUIET_HOURS ->
                    WINDOW;
            case OUT_SENSITIVE_CONTENT -> CONTENT;
        };
    }

    /** What this check answered in a decision that ended with this reason. */
    public Answer in(OutboundReason reason) {
        OutboundCheck denied = of(reason);
        if (denied == null || compareTo(denied) < 0) {
            return Answer.PASSED;
        }
        return this == denied ? Answer.DENIED : Answer.NOT_ASKED;
    }
}
