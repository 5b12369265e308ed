/**
 * What messages and conversations are filed under beside their category: set by rules of the
 * tenant, over the API and by answers of destinations, kept with who did it and when, sealed under
 * the key of the person and found again by a keyed hash.
 */
package org.jawort.label;
