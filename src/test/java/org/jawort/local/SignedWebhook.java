package org.jawort.local;

import java.util.Map;

/**
 * A webhook ready to be sent as the provider would.
 *
 * @param url with everything the signature added to the query
 * @param headers to be added to the request, in the provider's spelling; Content-Type is not among
 *     them
 * @param body to be sent byte for byte; empty if none
 */
public record SignedWebhook(String method, String url, Map<String, String> headers, byte[] body) {}
