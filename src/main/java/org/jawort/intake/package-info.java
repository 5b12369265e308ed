/**
 * Intake: from a provider's HTTP request to a webhook that cannot be lost any more.
 *
 * <p>{@link org.jawort.intake.WebhookGate} takes the raw request before any framework reads it and answers what needs no
 * signature check; the route of the provider verifies, seals and stores, and only then answers 200. Nothing here parses a body.
 */
package org.jawort.intake;
