/**
 * The HTTP API, described by {@code openapi.yaml}: a gate that knows keys and tenants stands before
 * it, request bodies are checked against the description's own schemas, every POST happens once per
 * Idempotency-Key, and every error is a problem (RFC 9457) with a stable code and nothing of the
 * request in it.
 */
package org.jawort.api;
