package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/** What an erasure came to, as it stands in the outcome of its request. */
final class ErasureFacts {

    private ErasureFacts() {}

    static void describe(List<ErasureRun.Kept> kept, ObjectNode outcome) {
        ArrayNode told = outcome.putArray("kept");
        kept.forEach(
                one ->
                        told.addObject()
                                .put("dataType", one.dataType())
                                .put("count", one.count())
                                .put("until", text(one.until()))
                                .put("because", one.because())
                                .put("rule", one.rule()));
    }

    static void describe(ErasureRun.Progress progress, ObjectNode outcome) {
        describe(progress.kept(), outcome);
        ArrayNode recipients = outcome.putArray("recipients");
        progress.recipients()
                .forEach(
                        one ->
                                recipients
                                        .addObject()
                                        .put("recipient", one.recipient())
                                        .put("status", one.status())
                                        .put("until", text(one.until())));
        outcome.put("recipientsSettled", progress.isSettled());
    }

    static boolean isSettled(ObjectNode outcome) {
        return outcome.path("recipientsSettled").asBoolean(true);
    }

    /** How a request closes: with recipients that will not do their part, or without (RET-14). */
    static String ended(ObjectNode outcome) {
        return isSettled(outcome) ? "COMPLETED" : "COMPLETED_WITH_EXCEPTIONS";
    }

    private static String text(Instant time) {
        return time == null ? null : time.toString();
    }
}
