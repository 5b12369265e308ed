/**
 * Where the tenants' keys are kept and how they are replaced: versions wrapped by the custodian a
 * tenant file names, the walk that brings stored keys and lookups under a new version while the hub
 * works, and what happens to the keys of one person: destroyed, or kept apart for what statute
 * keeps.
 */
package org.jawort.custody;
