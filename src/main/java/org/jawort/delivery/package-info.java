/**
 * Delivery: everything that leaves the hub leaves through here, with one retry schedule, one dead letter store, one replay and
 * one ledger of who received what (GDPR Art. 19).
 *
 * <p>Rows of {@code delivery} are the truth; the records of the {@code deliveries} topic hold ids only and wake a destination up.
 * Order is kept per lane (a conversation, else a subject) and destination; each destination has its own consumer, so that a slow
 * one delays nobody else.
 */
package org.jawort.delivery;
