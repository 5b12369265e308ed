/**
 * Tenants: who uses the hub, over which provider accounts, to which destinations, for how long.
 *
 * <p>One YAML file per tenant under {@code tenants/}, checked against {@code schema/tenant-v1.json}; secrets stand in it as
 * references only. Everything else asks {@link org.jawort.tenant.Tenants}.
 */
package org.jawort.tenant;
