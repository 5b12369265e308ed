package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;

/**
 * A request as the API shows it, without a word of the person.
 *
 * @param otherSubjectIds the same person under other names, whom it does not cover
 * @param channel whose data it covers, {@code null} for all
 * @param replyState of the message that told the person, {@code null} if there is none
 * @param downloadExpiresAt {@code null} before there is an answer
 * @param plan what an erasure is going to do or was when it began, as {@link ErasureRun} has it;
 *     {@code null} of any other request, and in a list
 * @param steps empty in a list
 */
public record RequestView(
        UUID id,
        UUID subjectId,
        List<UUID> otherSubjectIds,
        String type,
        String state,
        String source,
        String channel,
        String replyChannel,
        String language,
        Instant receivedAt,
        LocalDate dueOn,
        int extendedMonths,
        String identity,
        String identityMethod,
        JsonNode outcome,
        UUID replyMessageId,
        String replyState,
        Instant downloadExpiresAt,
        Instant downloadedAt,
        int failures,
        String lastError,
        Instant liftAt,
        Instant liftedAt,
        Instant answeredAt,
        Instant closedAt,
        JsonNode plan,
        List<Step> steps) {

    /**
     * @param actor {@code person}, {@code hub} or the id of an API key
     */
    public record Step(String state, Instant at, String actor, String reason) {}
}
