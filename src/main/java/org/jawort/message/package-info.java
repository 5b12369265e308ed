/** The words of the message path: channels, addresses, and the six things a mapping can say happened. Knows nobody. */
package org.jawort.message;
