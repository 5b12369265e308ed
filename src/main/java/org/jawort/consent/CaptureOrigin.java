package org.jawort.consent;

/** Where an agreement, or the wish to be asked, came from. */
public enum CaptureOrigin {
    /** The person agreed on a form, on the phone, on paper. */
    ELSEWHERE,
    /** The person sent a start word on this channel, or a late YES to a prompt that had run out. */
    CHAT,
    /**
     * The person wrote for the first time to a tenant in strict mode, which must ask before it
     * reads. Agrees to nothing.
     */
    FIRST_CONTACT,
    /** A list the tenant brought along (CON-23). */
    IMPORT;

    /** Only a declaration of the person supersedes an earlier refusal (T1). */
    boolean isActOfThePerson() {
        return this == ELSEWHERE || this == CHAT;
    }
}
