package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Periods;
import org.jawort.tenant.Tenants;

/**
 * For archives whose files the hub cannot change: what tells them to delete is a record of theirs
 * like any other, and with {@code settings.keeps} it is noted by when they will have (RET-14). That
 * is counted from the end of the year in which they were told, so that it is true of the youngest
 * record too. Without {@code keeps} an archive has done what it was told once it knows. Registered
 * as {@code archiveDuty}.
 */
public final class ArchiveDuty {

    private static final String KEEPS = "keeps";
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Set<String> DELETIONS =
            Set.of(
                    "jawort.message.deleted.v1",
                    "jawort.subject.erased.v1",
                    "jawort.subject.ended.v1");

    private final Tenants tenants;
    private final RecipientAnswers answers;

    ArchiveDuty(Tenants tenants, RecipientAnswers answers) {
        this.tenants = tenants;
        this.answers = answers;
        tenants.all().forEach(tenant -> tenant.destinations().values().forEach(ArchiveDuty::check));
    }

    /**
     * @throws IllegalArgumentException if {@code keeps} is no period, as {@code tenants/<file>:
     *     destination <id>: settings.keeps …}
     */
    public static void check(Destination destination) {
        try {
            keeps(destination);
        } catch (DateTimeException noPeriod) {
            throw new IllegalArgumentException(
                    "tenants/%s.yaml: destination %s: settings.keeps must be a period such as P10Y"
                            .formatted(destination.tenant(), destination.id()));
        }
    }

    private static Period keeps(Destination destination) {
        String keeps = destination.settings().get(KEEPS);
        if (keeps == null) {
            return null;
        }
        Period period = Period.parse(keeps);
        if (Periods.isBeyondMeasure(period)) {
            throw new DateTimeException(keeps);
        }
        return period;
    }

    /** After the record is safe. */
    public void told(Exchange exchange, String tenant, String destination) {
        JsonNode event = exchange.getProperty(Deliveries.EVENT, JsonNode.class);
        Period keeps = keeps(tenants.get(tenant).destinations().get(destination));
        if (keeps == null || !DELETIONS.contains(event.path("type").asText())) {
            return;
        }
        Instant told = Instant.parse(event.get("time").asText());
        Instant until =
                LocalDate.of(LocalDate.ofInstant(told, BERLIN).getYear() + 1, 1, 1)
                        .plus(keeps)
                        .atStartOfDay(BERLIN)
                        .toInstant();
        answers.note(
                tenant,
                destination,
                UUID.fromString(event.get("id").asText()),
                RecipientAnswer.expires(until, "ARCHIVE_DUTY"));
    }
}
