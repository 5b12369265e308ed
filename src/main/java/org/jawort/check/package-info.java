/**
 * What {@code ./hub check} proves about {@code routes/}, {@code mappings/} and {@code tenants/}
 * before the hub starts with them: they are valid, and each name in one file is there in the other.
 * Needs neither PostgreSQL nor Kafka. {@link org.jawort.check.RepositoryCheck} finds, {@link
 * org.jawort.check.Check} prints. Nothing in the hub knows this package.
 */
package org.jawort.check;
