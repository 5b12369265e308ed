/** How the hub talks to PostgreSQL: transactions that see exactly the tenants they name, and statements over whole batches. */
package org.jawort.store;
