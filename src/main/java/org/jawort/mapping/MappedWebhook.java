package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What a mapping made of one webhook: at least one entry in {@code entries} and {@code bad}
 * together. One entry that breaks the contract does not take the others of its webhook with it.
 *
 * @param entries valid by {@code schema/mapping-output-v1.json}, in the mapping's order; parts of
 *     them may be the webhook's own nodes, so neither may be changed
 * @param bad entries to quarantine
 */
public record MappedWebhook(List<JsonNode> entries, List<BadEntry> bad) {

    public MappedWebhook {
        entries = List.copyOf(entries);
        bad = List.copyOf(bad);
    }

    /** Counts only: entries are personal data (LOG-1). */
    @Override
    public String toString() {
        return "MappedWebhook[" + entries.size() + " entries, " + bad.size() + " bad]";
    }

    /**
     * An entry that is no event, or one the mapping does not know.
     *
     * @param index its place in the list the mapping returned, from 0
     * @param where the place inside the entry and the rule it breaks, such as {@code /content
     *     required media}, never a value; of an unknown event the provider's word for it, {@code
     *     null} if that is no word
     */
    public record BadEntry(int index, MappingFailed.Reason reason, String where) {}
}
