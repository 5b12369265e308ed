package org.jawort.delivery;

import org.jawort.store.TenantScope;

/**
 * All that deliveries need of the pool, whatever they do, has a quarter of it at most, or
 * destinations that wake together would leave none for what comes in and for the API.
 */
public record Share(TenantScope scope) {}
