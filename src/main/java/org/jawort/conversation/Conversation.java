package org.jawort.conversation;

import java.util.UUID;

/** @param channel wire name, empty where the provider did not tell it */
record Conversation(UUID id, String channel) {}
