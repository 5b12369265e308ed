package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/** What an erasure left, as its run has it. */
final class KeptJson {

    private KeptJson() {}

    static String messages(List<RetainedItems.Kept> kept) {
        return ErasureRows.json(
                kept.stream()
                        .map(
                                one ->
                                        JsonNodeFactory.instance
                                                .objectNode()
                                                .put("messageId", one.message().toString())
                                                .put("category", one.category())
                                                .setAll(
                                                        why(
                                                                one.until(),
                                                                one.rule(),
                                                                one.because())))
                        .toList());
    }

    static String besides(List<KeptBesides.Besides> kept) {
        return ErasureRows.json(
                kept.stream()
                        .map(
                                one ->
                                        JsonNodeFactory.instance
                                                .objectNode()
                                                .put("dataType", one.dataType())
                                                .put("count", one.count())
                                                .setAll(
                                                        why(
                                                                one.until(),
                                                                one.rule(),
                                                                one.because())))
                        .toList());
    }

    private static ObjectNode why(Instant until, String rule, String because) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("until", until == null ? null : until.toString())
                .put("rule", rule)
                .put("because", because);
    }
}
