package org.jawort.conversation;

import java.util.UUID;

/**
 * @param channel wire name, empty where the provider did not tell it
 * @param category what somebody said it is by law, {@code null} if nobody did
 */
record Conversation(UUID id, String channel, String category) {}
