/**
 * How the hub speaks to the providers' send APIs. A {@link org.jawort.sending.SendRequest} that the
 * consent filter allowed gets a {@link org.jawort.sending.DecisionToken}; the provider's route
 * under {@code routes/sending} begins with {@link org.jawort.sending.DecisionGate}, which lets
 * nothing pass without one (FLT-2), and ends in a {@link org.jawort.sending.SendResult}. Which
 * field becomes which stands in {@code mappings/<provider>/send.jslt}, what an answer means in
 * {@code sent.jslt}.
 */
package org.jawort.sending;
