package org.jawort.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lies on the topic of a destination, see {@link DeliveryTopics}: ids only. Key the lane, so
 * that one lane stays on one partition; value {@code {"event":"…","attempt":n}}.
 *
 * @param attempt how many attempts were made when this record was written; a record that finds the
 *     row elsewhere is an echo of the past and wakes nobody
 */
public record DeliveryRecord(
        String tenant, String destination, UUID lane, UUID event, int attempt) {

    private static final Pattern VALUE =
            Pattern.compile("\\{\"event\":\"([0-9a-f-]{36})\",\"attempt\":([0-9]{1,6})}");

    String key() {
        return lane.toString();
    }

    byte[] value() {
        return ("{\"event\":\"" + event + "\",\"attempt\":" + attempt + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Empty for a record that is none of ours. */
    static Optional<DeliveryRecord> parse(
            String tenant, String destination, String key, byte[] value) {
        Matcher matcher =
                VALUE.matcher(value == null ? "" : new String(value, StandardCharsets.UTF_8));
        if (key == null || !matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new DeliveryRecord(
                            tenant,
                            destination,
                            id(key),
                            id(matcher.group(1)),
                            Integer.parseInt(matcher.group(2))));
        } catch (IllegalArgumentException notAnId) {
            return Optional.empty();
        }
    }

    /** The JDK's parser takes 1-1-1-1-1 for an id and fills it up. */
    private static UUID id(String text) {
        UUID id = UUID.fromString(text);
        if (!id.toString().equals(text)) {
            throw new IllegalArgumentException("no id");
        }
        return id;
    }
}
