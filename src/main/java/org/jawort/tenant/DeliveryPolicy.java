package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a destination is called: {@code delivery} of its block in the tenant file.
 *
 * @param deadline how long one attempt may take, from its first byte to its last
 * @param concurrency how many attempts are made at once on one node; {@code null} for the hub's
 *     {@code jawort.delivery.threads-per-destination}
 * @param disableAfter how long it may fail without a success until nothing is tried any more
 * @param answers what its answers mean where they do not mean the usual; the first that fits
 */
public record DeliveryPolicy(
        Duration deadline, Integer concurrency, Duration disableAfter, List<AnswerRule> answers) {

    public static final DeliveryPolicy DEFAULT =
            new DeliveryPolicy(Duration.ofSeconds(30), null, Duration.ofDays(5), List.of());

    private static final Duration SHORTEST_DEADLINE = Duration.ofSeconds(1);

    /** A batch takes a minute and one more attempt, and Kafka waits for it for five minutes. */
    private static final Duration LONGEST_DEADLINE = Duration.ofMinutes(2);

    private static final Duration SHORTEST_TO_DISABLE = Duration.ofHours(1);
    private static final Duration LONGEST_TO_DISABLE = Duration.ofDays(30);

    public DeliveryPolicy {
        answers = List.copyOf(answers);
    }

    /**
     * @param json of the block, which met the schema and {@link #check}; missing for the default
     */
    static DeliveryPolicy parse(JsonNode json) {
        List<AnswerRule> answers = new ArrayList<>();
        json.path("answers").forEach(answer -> answers.add(AnswerRule.parse(answer)));
        String concurrency = json.path("concurrency").asText("");
        return new DeliveryPolicy(
                duration(json.path("deadline"), DEFAULT.deadline),
                concurrency.isEmpty() ? null : Integer.valueOf(concurrency),
                duration(json.path("disableAfter"), DEFAULT.disableAfter),
                answers);
    }

    private static Duration duration(JsonNode json, Duration otherwise) {
        return json.isTextual() ? Duration.parse(json.asText()) : otherwise;
    }

    /**
     * What the schema cannot say of the {@code delivery} of each destination.
     *
     * @throws TenantFileInvalid for the first line that cannot be used
     */
    static void check(String file, YamlDocument document) {
        JsonNode destinations = document.json().path("destinations");
        for (int i = 0; i < destinations.size(); i++) {
            String at = "/destinations/" + i + "/delivery";
            JsonNode delivery = destinations.get(i).path("delivery");
            within(file, document, at + "/deadline", SHORTEST_DEADLINE, LONGEST_DEADLINE);
            within(file, document, at + "/disableAfter", SHORTEST_TO_DISABLE, LONGEST_TO_DISABLE);
            for (int n = 0; n < delivery.path("answers").size(); n++) {
                String place = at + "/answers/" + n;
                AnswerRule.problem(delivery.path("answers").get(n))
                        .ifPresent(
                                problem -> {
                                    throw new TenantFileInvalid(
                                            file, document.line(place), problem);
                                });
            }
        }
    }

    private static void within(
            String file, YamlDocument document, String at, Duration least, Duration most) {
        JsonNode json = document.json().at(at);
        if (!json.isTextual()) {
            return;
        }
        try {
            Duration duration = Duration.parse(json.asText());
            if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                return;
            }
        } catch (DateTimeException noDuration) {
            // told below
        }
        throw new TenantFileInvalid(
                file,
                document.line(at),
                at.substring(at.lastIndexOf('/') + 1)
                        + " is a duration from "
                        + least
                        + " to "
                        + most
                        + ", such as PT30S or P5D");
    }
}
