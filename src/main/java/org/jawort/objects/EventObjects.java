package org.jawort.objects;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.Deliveries;
import org.jawort.delivery.RulePeriods;
import org.jawort.tenant.DataProfiles;

/**
 * Puts events into buckets. The body is what the destination's mapping made, and becomes the
 * object; key, lock and what stands beside it come from the event. Registered as {@code
 * eventObjects}.
 */
public final class EventObjects {

    /** Events that are about what is stored, and no document themselves. */
    static final Set<String> DUTIES =
            Set.of(
                    "jawort.message.deleted.v1",
                    "jawort.subject.erased.v1",
                    "jawort.subject.ended.v1",
                    "jawort.hold.placed.v1",
                    "jawort.hold.released.v1");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Buckets buckets;
    private final EventPeriods periods;
    private final FileObjects files;

    public EventObjects(
            Buckets buckets, RulePeriods rules, Attachments attachments, InstantSource clock) {
        this.buckets = buckets;
        this.files = new FileObjects(attachments);
        this.periods = new EventPeriods(rules, clock);
    }

    /**
     * Every event is an object of its own; those that tell to delete or hold, apart. Files of a
     * message are there before it, and its metadata {@code files} has their ids.
     */
    public void archive(Exchange exchange, String tenant, String destination) {
        JsonNode event = event(exchange);
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        ObjectKeys keys = buckets.keys(tenant, destination);
        Map<String, String> metadata = metadata(event);
        List<FileObjects.Stored> stored = files(event, tenant, destination);
        if (!stored.isEmpty()) {
            metadata.put(
                    "files",
                    stored.stream().map(file -> file.id().toString()).collect(joining(",")));
        }
        buckets.of(tenant, destination)
                .put(
                        isDuty(event) ? keys.ofDuty(event) : keys.of(event),
                        bytes,
                        metadata,
                        periods.lockedUntil(event));
    }

    private List<FileObjects.Stored> files(JsonNode event, String tenant, String destination) {
        Bucket bucket = buckets.of(tenant, destination);
        return files.store(
                event,
                bucket,
                buckets.keys(tenant, destination),
                buckets.destination(tenant, destination).contract(),
                metadata(event),
                bucket.locks() ? periods.filesLockedUntil(event) : null);
    }

    /**
     * An object and, after it, {@code <name>.metadata.json}: the event without its content, as far
     * as the data contract lets it out, what the object is and where its files are. Where that
     * stands, the document is complete. What tells to delete or hold is not stored.
     */
    public void document(Exchange exchange, String tenant, String destination) {
        JsonNode event = event(exchange);
        if (isDuty(event)) {
            return;
        }
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        Bucket bucket = buckets.of(tenant, destination);
        String key = buckets.keys(tenant, destination).of(event);
        Instant until = bucket.locks() ? periods.lockedUntil(event) : null;
        List<FileObjects.Stored> stored = files(event, tenant, destination);
        bucket.put(key, bytes, metadata(event), until);
        JsonNode leaves = buckets.destination(tenant, destination).contract().of(event);
        ObjectNode sidecar = JsonNodeFactory.instance.objectNode();
        sidecar.putObject("object")
                .put("key", key)
                .put("contentType", "application/json")
                .put("size", bytes.length)
                .put("sha256", HexFormat.of().formatHex(Bucket.sha256(bytes)))
                .put("lockedUntil", text(until));
        ArrayNode beside = sidecar.putArray("files");
        stored.forEach(
                file ->
                        beside.addObject()
                                .put("id", file.id().toString())
                                .put("key", file.key())
                                .put("contentType", file.contentType())
                                .put("size", file.size())
                                .put("sha256", file.sha256())
                                .put("lockedUntil", text(file.lockedUntil())));
        sidecar.set("event", DataProfiles.profile("no-content").of(leaves));
        bucket.put(
                key.replaceFirst("\\.json$", ".metadata.json"),
                bytes(sidecar),
                metadata(event),
                until);
    }

    private static String text(Instant time) {
        return time == null ? null : time.toString();
    }

    static JsonNode event(Exchange exchange) {
        return exchange.getProperty(Deliveries.EVENT, JsonNode.class);
    }

    static boolean isDuty(JsonNode event) {
        return DUTIES.contains(event.path("type").asText());
    }

    private static Map<String, String> metadata(JsonNode event) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String field : new String[] {"id", "type", "sequence"}) {
            metadata.put("ce-" + field, event.path(field).asText());
        }
        return metadata;
    }

    private static byte[] bytes(JsonNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
