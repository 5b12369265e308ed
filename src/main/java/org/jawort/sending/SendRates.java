package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Keeps each account to the rate its provider demands. A message that must wait gets a place in the
 * row and keeps it until it comes again, so nobody who waits is overtaken by who comes later.
 * Thread-safe.
 */
final class SendRates {

    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private static final class Row {
        private Instant next = Instant.MIN;
        private final Map<UUID, Instant> places = new LinkedHashMap<>();
    }

    private final Map<String, Row> rows = new HashMap<>();

    /**
     * @return empty if the message may be sent now, else when its turn is
     */
    synchronized Optional<Instant> turn(
            String tenant, String account, double perSecond, UUID message, Instant now) {
        Row row = rows.computeIfAbsent(tenant + "/" + account, name -> new Row());
        forget(row, now);
        Instant place = row.places.get(message);
        if (place == null) {
            place = row.next.isBefore(now) ? now : row.next;
            row.next = place.plusNanos((long) (1_000_000_000 / perSecond));
        }
        if (place.isAfter(now)) {
            row.places.put(message, place);
            return Optional.of(place);
        }
        row.places.remove(message);
        return Optional.empty();
    }

    /**
     * The provider asked for quiet: nobody has a turn before. Whoever waits keeps the order and the
     * distances, so that the end of the quiet is no rush.
     */
    synchronized void pause(String tenant, String account, Instant until) {
        Row row = rows.computeIfAbsent(tenant + "/" + account, name -> new Row());
        Instant first = row.places.values().stream().min(Instant::compareTo).orElse(row.next);
        if (first.isBefore(until)) {
            if (!row.places.isEmpty()) {
                Duration later = Duration.between(first, until);
                row.places.replaceAll((message, place) -> place.plus(later));
                row.next = row.next.plus(later);
            }
            row.next = row.next.isBefore(until) ? until : row.next;
        }
    }

    /** Places of messages that never came again: canceled, denied, or sent by another node. */
    private static void forget(Row row, Instant now) {
        Iterator<Instant> oldest = row.places.values().iterator();
        while (oldest.hasNext() && oldest.next().plus(FORGOTTEN_AFTER).isBefore(now)) {
            oldest.remove();
        }
    }
}
