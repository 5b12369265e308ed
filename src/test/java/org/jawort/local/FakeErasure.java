package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A request to erase that a fake provider got.
 *
 * @param request body; a missing node if there was none
 */
public record FakeErasure(
        String provider, String method, String path, JsonNode request, int answered) {}
