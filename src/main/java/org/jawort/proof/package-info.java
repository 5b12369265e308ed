/**
 * That consent can be proved: what is configured around each declaration, the verification of the
 * ledger's chain, its head anchored outside the database, and the record of one consent as a person
 * or an authority is shown it (CON-20 to CON-23).
 */
package org.jawort.proof;
