/**
 * Media: the files people send. Fetched from the provider right after their message is stored, by a
 * route per provider that reaches that provider's hosts and no others; kept encrypted under the key
 * of their person in an object store, with a retention rule of their own; given to destinations by
 * an expiring link or as an attachment, to the person in their copy, and to nobody once they are
 * erased.
 */
package org.jawort.media;
