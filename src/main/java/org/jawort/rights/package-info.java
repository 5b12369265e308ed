/**
 * The rights of a person (GDPR Art. 12 to 22): requests from the moment they arrive until they are
 * closed, with their due dates, identity, work and answer. The data itself leaves only as a package
 * behind a link that opens once.
 */
package org.jawort.rights;
