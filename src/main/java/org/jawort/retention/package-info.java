/**
 * Retention: what is stored has a data type, each data type one rule, and scheduled routes delete what is over, everywhere, with
 * counts (RET-1 to RET-4). The rules say how long; the routes under {@code routes/retention/} say where and in which order.
 */
package org.jawort.retention;
