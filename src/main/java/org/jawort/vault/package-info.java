/**
 * Keys: one keyset per subject, wrapped by the tenant's key; keyed lookup of addresses; sealing of what is not yet a person's.
 *
 * <p>Tenant keys are derived from one root key (HKDF, RFC 5869), one per use, so that a pseudonym of one tenant or use never
 * matches another's (SEC-2). Everything that leaves this package encrypted is bound to tenant, subject and field by associated
 * data: a ciphertext moved elsewhere does not decrypt (S21).
 */
package org.jawort.vault;
