/**
 * What the routes of HTTP destinations have in common: who the hub is to the other side (bearer,
 * basic, OAuth 2.0 client credentials, mutual TLS), and several requests in one delivery, each made
 * by a mapping. The requests themselves go out in {@code routes/http}.
 */
package org.jawort.http;
