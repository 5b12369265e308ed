/**
 * What a person agreed to and refused, and what follows from it: the consent state machine, the
 * words that move it, and the filters that decide about every inbound and outbound message.
 *
 * <p>Everything here is a pure function of immutable values. {@link
 * org.jawort.consent.InboundFilter} reads a message and says which consent events it causes, {@link
 * org.jawort.consent.ConsentStateMachine} applies an event to a record, {@link
 * org.jawort.consent.OutboundFilter} decides about one attempt to send at the instant of sending.
 * Storing records, writing proof and carrying out effects is the caller's part, in one transaction
 * (CON-9).
 */
package org.jawort.consent;
