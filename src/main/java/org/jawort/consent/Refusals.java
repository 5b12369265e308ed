package org.jawort.consent;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.message.Channel;

/**
 * What joining two identities does to their consents (CON-3): refusals merge, grants do not move.
 */
public final class Refusals {
    private Refusals() {}

    /** What one identity brings: its records of all channels, and its overlays by channel. */
    public record Consents(List<ConsentRecord> records, Map<Channel, Overlays> overlays) {
        public Consents {
            records = List.copyOf(records);
            overlays = Map.copyOf(overlays);
        }
    }

    private record Key(Channel channel, Purpose purpose) {}

    /**
     * Joins two identities into one. Every withdrawal, objection, NO and suppression of either
     * holds for both, also against a newer grant of the other: that grant was given by somebody of
     * whom the refusal was not known. A grant keeps the address that gave it and never covers the
     * other address; of two grants for one purpose the newer stays.
     *
     * @param surviving subject of the result
     * @return one record per channel and purpose of either; where both had one, under the id of
     *     {@code kept}'s record
     */
    public static Consents merge(UUID surviving, Consents kept, Consents joined) {
        var records = new HashMap<Key, ConsentRecord>();
        Stream.of(kept, joined)
                .flatMap(consents -> consents.records().stream())
                .map(record -> record.change().subject(surviving).build())
                .forEach(
                        record ->
                                records.merge(
                                        new Key(record.channel(), record.purpose()),
                                        record,
                                        Refusals::merge));
        var overlays = new HashMap<>(kept.overlays());
        joined.overlays()
                .forEach((channel, other) -> overlays.merge(channel, other, Refusals::merge));
        return new Consents(
                records.values().stream()
                        .sorted(
                                Comparator.comparing(ConsentRecord::channel)
                                        .thenComparing(ConsentRecord::purpose))
                        .toList(),
                overlays);
    }

    static Overlays merge(Overlays one, Overlays other) {
        return one.merged(other)
                .withRestricted(one.restricted() || other.restricted())
                .withErasureRunning(one.erasureRunning() || other.erasureRunning())
                .withAbuseBlocked(one.abuseBlocked() || other.abuseBlocked())
                .with(one.doubt().join(other.doubt()));
    }

    static ConsentRecord merge(ConsentRecord kept, ConsentRecord joined) {
        var stronger = rank(joined) < rank(kept) || isNewer(joined, kept) ? joined : kept;
        var refusedAt = Times.later(kept.lastRefusalAt(), joined.lastRefusalAt());
        var change = stronger.change().id(kept.id()).refusedAt(refusedAt);
        if (stronger.state().isRefusal()) {
            change.closePrompt(Prompt.Status.VOID).actedAt(null);
        }
        return change.build();
    }

    private static boolean isNewer(ConsentRecord joined, ConsentRecord kept) {
        return rank(joined) == rank(kept) && since(joined).isAfter(since(kept));
    }

    private static Instant since(ConsentRecord record) {
        return record.since() == null ? Instant.MIN : record.since();
    }

    private static int rank(ConsentRecord record) {
        return switch (record.state()) {
            case OBJECTED, WITHDRAWN -> 0;
            case DECLINED -> 1;
            case GRANTED, LI_ACTIVE -> 2;
            case RECONSENT_DUE -> 3;
            case PENDING -> 4;
            case REQUESTED -> 5;
            case EXPIRED -> 6;
            case NONE -> 7;
        };
    }
}
