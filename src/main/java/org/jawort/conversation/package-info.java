/**
 * Conversations: one transaction per batch of webhooks makes state of what the mappings said. Subjects and their addresses,
 * conversations, messages, statuses, consent and the events that follow are stored together or not at all.
 */
package org.jawort.conversation;
