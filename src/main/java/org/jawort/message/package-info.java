/**
 * The words of the message path: channels, addresses, and the seven things a mapping can say
 * happened. Knows nobody.
 */
package org.jawort.message;
