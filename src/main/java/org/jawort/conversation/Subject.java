package org.jawort.conversation;

import java.util.UUID;
import org.jawort.vault.SubjectKey;

/**
 * A person as far as one tenant knows.
 *
 * @param address id of the address row this entry came over
 * @param known whether it was there before this batch
 */
record Subject(UUID id, UUID address, SubjectKey key, boolean known) {}
