/**
 * Conversations: one transaction per batch of webhooks makes state of what the mappings said.
 * Subjects and their addresses, conversations, messages, statuses, consent and the events that
 * follow are stored together or not at all.
 *
 * <p>{@code Normalization} takes a batch from the topic, {@code WebhookReader} makes entries of it,
 * {@code BatchTransaction} has the order of steps, {@code Entries} what comes of each kind of
 * entry, and {@code Batch} holds what came of them until it is written.
 */
package org.jawort.conversation;
