package org.jawort.local;

/**
 * A webhook before it is signed.
 *
 * @param url where the request to send said, {@code null} for the account's own
 * @param query {@code null} if there is none
 * @param contentType {@code null} for a GET
 */
record FakeWebhook(String method, String url, String query, String contentType, byte[] body) {}
