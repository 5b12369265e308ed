/**
 * Documents as commercial and tax law speak of them: what messages are filed under, found by date,
 * party, case and type, and the description of how archives are fed (RET-11).
 */
package org.jawort.document;
