package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** Reads typed values of a body that passed its schema. */
final class RequestFields {

    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");

    private RequestFields() {}

    /** {@code null} if absent. */
    static String text(JsonNode body, String field) {
        return body.path(field).textValue();
    }

    /**
     * {@code null} if absent.
     *
     * @throws ApiProblem for a time that no clock of this century shows, a leap second included
     */
    static Instant time(JsonNode body, String field) {
        return time(body, "", field);
    }

    /**
     * The same of an object in the body.
     *
     * @param at JSON pointer to the object
     */
    static Instant time(JsonNode object, String at, String field) {
        String text = text(object, field);
        return text == null
                ? null
                : instant(text)
                        .orElseThrow(
                                () ->
                                        new ApiProblem(
                                                Problem.invalidBody(
                                                        List.of(
                                                                new Problem.BrokenRule(
                                                                        at + "/" + field,
                                                                        "format",
                                                                        null)))));
    }

    /** Empty for what is no time of this century. */
    static Optional<Instant> instant(String text) {
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            return !time.isBefore(EARLIEST) && time.isBefore(LATEST)
                    ? Optional.of(time)
                    : Optional.empty();
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }
}
