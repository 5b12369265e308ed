package org.jawort.consent;

/** What the words of a message mean for consent. */
public sealed interface Reading {

    /** A withdrawal, in any language (CON-12). */
    record Stop() implements Reading {}

    /** A grant word of the prompt's language, and nothing else (CON-11). */
    record Grant() implements Reading {}

    /** A deny word of the prompt's language, and nothing else. */
    record Deny() implements Reading {}

    /** Sounds like a withdrawal; a human decides (CON-12). */
    record PossibleWithdrawal() implements Reading {}

    /**
     * A request under GDPR Art. 15 to 21, not an opt-out (CON-14).
     *
     * @param clear see {@link AskedRights}
     * @param nearStop whether it sounds like a withdrawal as well
     */
    record DataRequest(boolean clear, boolean nearStop) implements Reading {}

    /** Asks to be asked: leads to a prompt, grants nothing. */
    record Start() implements Reading {}

    /** Wants the privacy text and a contact. */
    record Help() implements Reading {}

    /** Could mean the contract or the data; only a human can tell. */
    record HumanNeeded() implements Reading {}

    /** Just a message. */
    record None() implements Reading {}
}
