package org.jawort.bench;

/**
 * When each request of an open loop is due: evenly, whatever the server does meanwhile.
 *
 * @param perSecond arrivals per second, above 0
 */
record ArrivalSchedule(double perSecond) {

    ArrivalSchedule {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("a rate is above 0, not " + perSecond);
        }
    }

    /** Nanoseconds from the start to the arrival of request {@code index}, counted from 0. */
    long dueNanos(int index) {
        return Math.round(index * 1e9 / perSecond);
    }

    /** How many arrivals {@code seconds} hold, at least one. */
    int arrivalsIn(int seconds) {
        return (int) Math.max(1, Math.round(perSecond * seconds));
    }
}
