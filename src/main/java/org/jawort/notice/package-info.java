/**
 * The texts people are shown: consent prompts, privacy notices, confirmations. Each is an immutable
 * version (CON-23, INF-5), read from {@code tenants/texts} and kept in the store as long as a
 * record may refer to it. {@link org.jawort.notice.Texts} finds the one to show now, or the one
 * that was shown then, and fills it in.
 */
package org.jawort.notice;
