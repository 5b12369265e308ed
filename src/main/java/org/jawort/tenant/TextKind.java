package org.jawort.tenant;

import java.util.Arrays;
import java.util.Set;

/**
 * What a text is for, with the placeholders without which it would not say what it must (CON-16,
 * INF-2).
 */
public enum TextKind {
    /** Asks for consent on the channel itself. */
    CONSENT_PROMPT("consentPrompt", Set.of("controller", "channel", "yes", "stop", "noticeUrl")),
    /** The short privacy notice with the way to the full one. */
    NOTICE("notice", Set.of("controller", "transport", "stop", "noticeUrl")),
    /** Says once that it is over. */
    OPTOUT_CONFIRMATION("optOutConfirmation", Set.of("controller")),
    /** Says once that consent was given, and how to stop. */
    CONFIRMATION("confirmation", Set.of("controller", "stop")),
    /** Says at most once that a NO was heard (T5). */
    DECLINE_CONFIRMATION("declineConfirmation", Set.of("controller")),
    /** Asks at most once to answer an open prompt with its words (T6). */
    ANSWER_REQUEST("answerRequest", Set.of("controller", "yes", "no")),
    /** A bot writes from here on, and how a person is reached (FLT-7; EU AI Act Art. 50(1)). */
    BOT_WRITES("botWrites", Set.of("controller", "human")),
    /** A person writes from here on, after a bot did. */
    HUMAN_WRITES("humanWrites", Set.of("controller")),
    /** What a form elsewhere shows beside its box. */
    CONSENT_FORM("consentForm", Set.of("controller", "stop", "noticeUrl")),
    /** A request about the person's data arrived, and by when it is answered (Art. 12(3)). */
    REQUEST_RECEIVED("requestReceived", Set.of("controller", "until")),
    /** It takes longer, and why. */
    REQUEST_EXTENDED("requestExtended", Set.of("controller", "until", "reason")),
    /** The answer is ready, and where; never what it says (DSR-6). */
    REQUEST_ANSWERED("requestAnswered", Set.of("controller", "link", "until")),
    /** A restriction ends, told before it does (Art. 18(3)). */
    RESTRICTION_ENDS("restrictionEnds", Set.of("controller", "until"));

    /** What a prompt must say besides if no notice goes ahead of it. */
    private static final Set<String> EMBEDDED_NOTICE = Set.of("transport");

    private final String wireName;
    private final Set<String> required;

    TextKind(String wireName, Set<String> required) {
        this.wireName = wireName;
        this.required = required;
    }

    /** The name in tenant files, text files and the database. */
    public String wireName() {
        return wireName;
    }

    /**
     * @throws IllegalArgumentException if no kind has this name
     */
    public static TextKind of(String wireName) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind of text"));
    }

    Set<String> required(boolean embedsNotice) {
        if (!embedsNotice) {
            return required;
        }
        var both = new java.util.TreeSet<>(required);
        both.addAll(EMBEDDED_NOTICE);
        return both;
    }
}
