package org.jawort.api;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param maxBodyBytes of a request; more is answered 413
 * @param failedKeysPerMinute from one network address; then it hears 429 until the minute is over
 * @param retryAfterSeconds told where trying again helps
 */
@ConfigurationProperties("jawort.api")
record ApiProperties(int maxBodyBytes, int failedKeysPerMinute, int retryAfterSeconds) {}
