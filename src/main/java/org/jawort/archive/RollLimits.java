package org.jawort.archive;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import org.jawort.tenant.Destination;

/**
 * When a journal is closed: whichever comes first.
 *
 * @param megabytes of its lines and attachments, 10^6 bytes each
 * @param messages at most
 * @param after so long after its first message
 */
record RollLimits(int megabytes, int messages, Duration after) {

    static final RollLimits DEFAULT = new RollLimits(64, 10_000, Duration.ofHours(1));

    /**
     * @throws IllegalArgumentException naming file and setting, if one cannot be used
     */
    static RollLimits of(Destination destination) {
        return new RollLimits(
                number(destination, "rollMegabytes", DEFAULT.megabytes(), 4_000),
                number(destination, "rollMessages", DEFAULT.messages(), 1_000_000),
                period(destination));
    }

    private static int number(Destination destination, String name, int otherwise, int most) {
        String text = text(destination.settings(), name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[1-9][0-9]{0,6}") || Integer.parseInt(text) > most) {
            throw ArchiveSettings.unusable(destination, name, "must be a number from 1 to " + most);
        }
        return Integer.parseInt(text);
    }

    private static Duration period(Destination destination) {
        String text = text(destination.settings(), "rollAfter");
        if (text == null) {
            return DEFAULT.after();
        }
        try {
            Duration after = Duration.parse(text);
            if (!after.isNegative() && !after.isZero()) {
                return after;
            }
        } catch (DateTimeParseException noPeriod) {
            // said below
        }
        throw ArchiveSettings.unusable(destination, "rollAfter", "must be a period such as PT1H");
    }

    private static String text(Map<String, String> settings, String name) {
        String text = settings.get(name);
        return text == null || text.isBlank() ? null : text.strip();
    }
}
