package org.jawort.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.jawort.delivery.DeliveryPostponed;
import org.jawort.delivery.RecipientAnswer;
import org.jawort.delivery.RecipientAnswers;
import org.jawort.objects.Bucket.Version;
import org.jawort.tenant.DataContract;

/**
 * Does in a bucket what an event tells: deletes what may be deleted, holds and releases, and notes
 * what became of it (RET-14). A lock is never shortened and a hold of somebody else's never lifted.
 * Registered as {@code objectDuties}.
 */
public final class ObjectDuties {

    private static final Duration LIFECYCLE_IS_KNOWN_FOR = Duration.ofMinutes(10);

    /** How long an attempt that was broken off is gone on with. */
    private static final Duration BEGUN_IS_KNOWN_FOR = Duration.ofHours(1);

    private record Seen(Instant at, boolean removes) {}

    /**
     * How far an attempt came.
     *
     * @param key of the last object that was seen to, in order
     * @param answer of all up to it
     */
    private record Begun(Instant at, String key, RecipientAnswer answer) {}

    private final Buckets buckets;
    private final RecipientAnswers answers;
    private final InstantSource clock;
    private final Map<String, Seen> lifecycles = new ConcurrentHashMap<>();
    private final Map<String, Begun> begun = new ConcurrentHashMap<>();

    public ObjectDuties(Buckets buckets, RecipientAnswers answers, InstantSource clock) {
        this.buckets = buckets;
        this.answers = answers;
        this.clock = clock;
    }

    /**
     * Nothing for an event that tells of something new.
     *
     * @throws DeliveryPostponed if there is more to delete than one attempt has time for; the next
     *     one goes on behind it
     */
    public void carryOut(Exchange exchange, String tenant, String destination) {
        JsonNode event = EventObjects.event(exchange);
        Bucket bucket = buckets.of(tenant, destination);
        ObjectKeys keys = buckets.keys(tenant, destination);
        switch (event.path("type").asText()) {
            case "jawort.hold.placed.v1" -> hold(bucket, keys, event);
            case "jawort.hold.released.v1" -> {
                if (!event.at("/data/heldByAnother").asBoolean()) {
                    release(bucket, keys, event);
                }
            }
            case "jawort.message.deleted.v1" ->
                    note(tenant, destination, event, deleted(tenant, destination, event));
            case "jawort.subject.erased.v1", "jawort.subject.ended.v1" ->
                    note(tenant, destination, event, erased(tenant, destination, event));
            default -> {
                // told by what was stored
            }
        }
    }

    private void note(String tenant, String destination, JsonNode event, RecipientAnswer answer) {
        answers.note(tenant, destination, UUID.fromString(event.path("id").asText()), answer);
    }

    /** What is held already somebody else holds. Of the others a mark says that they do not. */
    private static void hold(Bucket bucket, ObjectKeys keys, JsonNode event) {
        String message = keys.message(event);
        if (!bucket.locks() || message == null) {
            return;
        }
        for (Version version : bucket.versions(message)) {
            if (!version.isMarker() && !bucket.isHeld(version)) {
                byte[] mark =
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("key", version.key())
                                .put("version", version.id())
                                .toString()
                                .getBytes(StandardCharsets.UTF_8);
                bucket.put(keys.newOwnHold(event, version), mark, Map.of(), null);
                bucket.hold(version, true);
            }
        }
    }

    private static void release(Bucket bucket, ObjectKeys keys, JsonNode event) {
        String message = keys.message(event);
        if (!bucket.locks() || message == null) {
            return;
        }
        List<String> marks =
                bucket.versions(keys.ownHolds(event)).stream()
                        .filter(mark -> mark.isLatest() && !mark.isMarker())
                        .map(Version::key)
                        .toList();
        for (Version version : bucket.versions(message)) {
            String prefix = keys.ownHold(event, version);
            List<String> own = marks.stream().filter(mark -> mark.startsWith(prefix)).toList();
            if (!version.isMarker() && !own.isEmpty()) {
                bucket.hold(version, false);
                own.forEach(bucket::hide); // the bucket may lock by itself what is written there
            }
        }
    }

    private RecipientAnswer deleted(String tenant, String destination, JsonNode event) {
        if (event.at("/data/dataType").asText().equals("media")) {
            // The names of files are part of the message, and go with it, as does what the provider
            // sent, which names them too.
            DataContract contract = buckets.destination(tenant, destination).contract();
            boolean named =
                    contract.carries("content.media.name")
                            || contract.carries("content.media.providerUrl")
                            || buckets.destination(tenant, destination).takesOriginals();
            String files = buckets.keys(tenant, destination).files(event);
            return (named ? RecipientAnswer.notSupported("PART_OF_MESSAGE") : RecipientAnswer.DONE)
                    .and(
                            files == null
                                    ? RecipientAnswer.DONE
                                    : remove(tenant, destination, event, files, Set.of()));
        }
        String prefix = buckets.keys(tenant, destination).message(event);
        return prefix == null
                ? RecipientAnswer.manual("NOT_FOUND_BY_ID")
                : remove(tenant, destination, event, prefix, Set.of());
    }

    /** What law keeps here it keeps there, until the hub tells that its time is over. */
    private RecipientAnswer erased(String tenant, String destination, JsonNode event) {
        RecipientAnswer answer = RecipientAnswer.DONE;
        Set<String> kept = new HashSet<>();
        for (JsonNode one : event.at("/data/kept")) {
            kept.add(one.path("messageId").asText());
            answer =
                    answer.and(
                            one.path("until").isTextual()
                                    ? RecipientAnswer.expires(
                                            Instant.parse(one.path("until").asText()),
                                            "KEPT_BY_LAW")
                                    : RecipientAnswer.notSupported("LEGAL_HOLD"));
        }
        return answer.and(
                remove(
                        tenant,
                        destination,
                        event,
                        buckets.keys(tenant, destination).person(event),
                        kept));
    }

    /**
     * Each object costs requests of its own, and somebody may have more than an attempt has time
     * for: so it ends in the middle of its time, and what is done is not done again. A hub that is
     * started anew begins anew.
     */
    private RecipientAnswer remove(
            String tenant, String destination, JsonNode event, String prefix, Set<String> kept) {
        Bucket bucket = buckets.of(tenant, destination);
        Instant now = clock.instant();
        Duration time = buckets.destination(tenant, destination).delivery().deadline();
        Instant enough = now.plus(time.dividedBy(2));
        begun.values().removeIf(one -> one.at().plus(BEGUN_IS_KNOWN_FOR).isBefore(now));
        String name = tenant + "/" + destination + "/" + event.path("id").asText();
        Begun before = begun.get(name);
        List<Version> versions = bucket.versions(prefix);
        Set<String> hidden = Bucket.hidden(versions);
        NavigableMap<String, List<Version>> objects = new TreeMap<>();
        for (Version version : versions) {
            if (!version.isMarker() && !isOf(kept, version.key())) {
                objects.computeIfAbsent(version.key(), key -> new ArrayList<>()).add(version);
            }
        }
        if (before != null) {
            objects = objects.tailMap(before.key(), false);
        }
        RecipientAnswer answer = before == null ? RecipientAnswer.DONE : before.answer();
        while (!objects.isEmpty()) {
            Map.Entry<String, List<Version>> object = objects.pollFirstEntry();
            for (Version version : object.getValue()) {
                answer = answer.and(remove(tenant, destination, version, hidden, now));
            }
            begun.put(name, new Begun(clock.instant(), object.getKey(), answer));
            if (!objects.isEmpty() && clock.instant().isAfter(enough)) {
                throw new DeliveryPostponed(clock.instant(), "more objects than an attempt takes");
            }
        }
        begun.remove(name);
        return answer;
    }

    private RecipientAnswer remove(
            String tenant, String destination, Version version, Set<String> hidden, Instant now) {
        Bucket bucket = buckets.of(tenant, destination);
        Bucket.Lock lock = bucket.lock(version, now);
        if (lock.until() == null && !lock.isHeld()) {
            bucket.delete(version);
            return RecipientAnswer.DONE;
        }
        if (hidden.add(version.key())) {
            bucket.hide(version.key());
        }
        if (lock.isHeld()) {
            return RecipientAnswer.notSupported("LEGAL_HOLD");
        }
        return removesHidden(tenant, destination, bucket)
                ? RecipientAnswer.expires(lock.until(), "LOCKED")
                : RecipientAnswer.manual("NO_LIFECYCLE");
    }

    private static boolean isOf(Set<String> messages, String key) {
        return !messages.isEmpty()
                && messages.stream().anyMatch(message -> key.contains("/" + message + "/"));
    }

    /** Asked outside the map: who waits for one bucket must not hold up those of others. */
    private boolean removesHidden(String tenant, String destination, Bucket bucket) {
        Instant now = clock.instant();
        String name = tenant + "/" + destination;
        Seen seen = lifecycles.get(name);
        if (seen == null || !seen.at().plus(LIFECYCLE_IS_KNOWN_FOR).isAfter(now)) {
            seen = new Seen(now, bucket.removesHidden(buckets.keys(tenant, destination).root()));
            lifecycles.put(name, seen);
        }
        return seen.removes();
    }
}
