/**
 * Where the tenants' keys are kept and how they are replaced: versions wrapped by the custodian a
 * tenant file names, and the walk that brings stored keys and lookups under a new version while the
 * hub works.
 */
package org.jawort.custody;
