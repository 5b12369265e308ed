package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jawort.vault.SubjectKey;

/**
 * Does what a request asks for, as far as it is done here and now. Inside the caller's transaction.
 */
interface Fulfilment {

    /**
     * @param asked what the person wants in particular, {@code {}} if nothing
     * @param key {@code null} if it is destroyed
     * @param now when
     */
    record Task(RightsRequest request, ObjectNode asked, SubjectKey key, Instant now) {

        /** Ids only. */
        @Override
        public String toString() {
            return "Task[" + request.id() + "]";
        }
    }

    /**
     * @return what came of it as the answer says it, without personal data; {@code refused} names
     *     what was not done
     */
    ObjectNode fulfil(Task task);

    /** Adds something that was not done, and why. */
    static void refuse(ObjectNode facts, String what, String because) {
        ArrayNode refused = facts.withArray("refused");
        ObjectNode one =
                JsonNodeFactory.instance.objectNode().put("what", what).put("because", because);
        if (refused.valueStream().noneMatch(one::equals)) { // of two names it is said once
            refused.add(one);
        }
    }
}
