/**
 * Takes webhooks in: finds the account, proves that the provider made the request, seals it and
 * acknowledges it once it is durable. A {@link org.jawort.intake.SignatureScheme} works on the
 * bytes as received and never throws for what a stranger may send; {@link
 * org.jawort.intake.SignatureSchemes} chooses the one that fits an account.
 */
package org.jawort.intake;
