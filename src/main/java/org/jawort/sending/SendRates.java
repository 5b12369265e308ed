package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.delivery.RetrySchedule;

/**
 * Keeps each account to the rate its provider demands. A message that must wait gets a place in the
 * row and keeps it until it comes again, so nobody who waits is overtaken by who comes later.
 * Thread-safe.
 */
final class SendRates {

    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    /**
     * As much as this may be caught up at once by those whose turn passed while they slept; one
     * message at least.
     */
    private static final Duration LONGEST_RUSH = Duration.ofSeconds(2);

    private static final class Row {
        private Duration distance = Duration.ZERO;
        private Instant next = Instant.MIN;
        private Instant paid = Instant.MIN;
        private Instant quietUntil = Instant.MIN;
        private final Map<UUID, Instant> places = new LinkedHashMap<>(); // as they came
    }

    private final Map<String, Row> rows = new HashMap<>();

    /**
     * @return empty if the message may be sent now, else when its turn is
     */
    synchronized Optional<Instant> turn(
            String tenant, String account, double perSecond, UUID message, Instant now) {
        Row row = rows.computeIfAbsent(key(tenant, account), name -> new Row());
        row.distance = Duration.ofNanos((long) (1_000_000_000 / perSecond));
        forget(row, now);
        Instant place = row.places.get(message);
        if (place == null) {
            place = later(row.next, now);
            row.next = place.plus(row.distance);
        }
        // After an outage many turns are past, and the provider still wants one after the other.
        Duration rush = LONGEST_RUSH.compareTo(row.distance) > 0 ? LONGEST_RUSH : row.distance;
        Instant paid = later(row.paid, now.minus(rush)).plus(row.distance);
        Instant turn = later(place, paid);
        if (turn.isAfter(now)) {
            row.places.put(message, place);
            return Optional.of(turn);
        }
        row.places.remove(message);
        row.paid = paid;
        return Optional.empty();
    }

    /** Whoever had its turn did not use it: it is there for the next, and all move up. */
    synchronized void unused(String tenant, String account) {
        Row row = rows.get(key(tenant, account));
        if (row == null) {
            return; // no turn was given here
        }
        row.paid = row.paid.minus(row.distance);
        row.next = later(row.next.minus(row.distance), row.quietUntil);
        row.places.replaceAll((message, place) -> later(place.minus(row.distance), row.quietUntil));
    }

    /** One that did not use its turn comes again, and needs no other place. */
    synchronized void keep(String tenant, String account, UUID message, Instant now) {
        Row row = rows.get(key(tenant, account));
        row.places.put(message, later(row.quietUntil, now));
    }

    /**
     * The provider asked for quiet: nobody has a turn before. Whoever waits keeps the order, one
     * after the other, so that the end of the quiet is no rush.
     *
     * @param asked a longer quiet than a day is taken for a mistake, and lasts one
     */
    synchronized void pause(String tenant, String account, Duration asked, Instant now) {
        Row row = rows.computeIfAbsent(key(tenant, account), name -> new Row());
        Instant free =
                now.plus(
                        asked.compareTo(RetrySchedule.LONGEST_RETRY_AFTER) < 0
                                ? asked
                                : RetrySchedule.LONGEST_RETRY_AFTER);
        row.quietUntil = later(row.quietUntil, free);
        List<Map.Entry<UUID, Instant>> waiting =
                row.places.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList();
        for (Map.Entry<UUID, Instant> one : waiting) {
            one.setValue(later(one.getValue(), free));
            free = one.getValue().plus(row.distance);
        }
        row.next = later(row.next, free);
    }

    private static String key(String tenant, String account) {
        return tenant + "/" + account;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Places of messages that never came again: canceled, denied, or sent by another node. */
    private static void forget(Row row, Instant now) {
        Iterator<Instant> oldest = row.places.values().iterator();
        while (oldest.hasNext() && oldest.next().plus(FORGOTTEN_AFTER).isBefore(now)) {
            oldest.remove();
        }
    }
}
