package org.jawort.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.proof.MerkleRoot;

/**
 * What a closed file of an archive holds; the file's own name is {@code <name>.manifest.json}, or
 * {@code manifest.json} as the last entry of a ZIP.
 *
 * @param file the file it is about
 * @param previous the manifest written before it in the same folder; {@code null} for the first
 * @param entries in the order of the file
 * @param absent sequences that had not come when the file was closed, from behind the highest of
 *     the manifests before it up to its own highest: parked, withheld or given up on in the hub
 * @param content SHA-256 of the plain file; {@code null} for a ZIP
 * @param count of entries, as it says itself; likewise size, in bytes, and root: the Merkle tree
 *     hash (RFC 6962) over the SHA-256 of the entries in their order
 * @param sha256 of this manifest
 */
record Manifest(
        String tenant,
        String destination,
        String file,
        Previous previous,
        List<Entry> entries,
        List<Range> absent,
        String content,
        long count,
        long size,
        String root,
        String sha256) {

    static final String FORMAT = "jawort-archive/1";
    static final String SUFFIX = ".manifest.json";
    static final String IN_ZIP = "manifest.json";

    private static final JsonFactory JSON = new JsonFactory();
    private static final ObjectMapper TREES = new ObjectMapper();

    /** The manifest written before, and the file it is about. */
    record Previous(String file, String sha256) {}

    /**
     * @param name of the entry in a ZIP; {@code null} for a line
     * @param ids as far as the line has them
     */
    record Entry(String name, EventIds ids, long size, byte[] sha256) {

        String hex() {
            return Sha256.hex(sha256);
        }
    }

    /** Sequences from one to another, both of them in it. */
    record Range(long from, long to) {}

    /** Writes a manifest while its file is written; what sums up comes last. */
    static final class Writer {

        private final DigestOutputStream bytes;
        private final JsonGenerator json;
        private final MerkleRoot tree = new MerkleRoot();
        private Long first;
        private Long last;
        private long size;

        Writer(OutputStream out, String tenant, String destination, String file, Previous previous)
                throws IOException {
            bytes = new DigestOutputStream(out, Sha256.digest());
            json = JSON.createGenerator(bytes).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("format", FORMAT);
            json.writeStringField("tenant", tenant);
            json.writeStringField("destination", destination);
            json.writeStringField("file", file);
            if (previous == null) {
                json.writeNullField("previous");
            } else {
                json.writeObjectFieldStart("previous");
                json.writeStringField("file", previous.file());
                json.writeStringField("sha256", previous.sha256());
                json.writeEndObject();
            }
            json.writeArrayFieldStart("entries");
        }

        void entry(Entry entry) throws IOException {
            json.writeRaw('\n');
            json.writeStartObject();
            if (entry.name() != null) {
                json.writeStringField("name", entry.name());
            }
            Long sequence = entry.ids().sequence();
            if (sequence != null) {
                json.writeNumberField("sequence", sequence);
                first = first == null ? sequence : Long.valueOf(Math.min(first, sequence));
                last = last == null ? sequence : Long.valueOf(Math.max(last, sequence));
            }
            if (entry.ids().id() != null) {
                json.writeStringField("id", entry.ids().id().toString());
            }
            json.writeNumberField("size", entry.size());
            json.writeStringField("sha256", entry.hex());
            json.writeEndObject();
            tree.add(entry.sha256());
            size += entry.size();
        }

        /** The highest sequence of the entries, {@code null} if none has one. */
        Long last() {
            return last;
        }

        /**
         * @param content SHA-256 of the plain file, {@code null} for a ZIP
         * @return SHA-256 of the manifest
         */
        String finish(List<Range> absent, String content) throws IOException {
            json.writeEndArray();
            json.writeArrayFieldStart("absent");
            for (Range range : absent) {
                json.writeArray(new long[] {range.from(), range.to()}, 0, 2);
            }
            json.writeEndArray();
            json.writeNumberField("count", tree.leaves());
            json.writeNumberField("size", size);
            if (content != null) {
                json.writeStringField("sha256", content);
            }
            if (first != null) {
                json.writeNumberField("firstSequence", first);
                json.writeNumberField("lastSequence", last);
            }
            json.writeStringField("merkleRoot", Sha256.hex(tree.root()));
            json.writeEndObject();
            json.close();
            bytes.write('\n');
            return Sha256.hex(bytes.getMessageDigest().digest());
        }
    }

    /**
     * @throws IOException if it cannot be read, or is no manifest
     */
    static Manifest read(InputStream in) throws IOException {
        MessageDigest digest = Sha256.digest();
        DigestInputStream bytes = new DigestInputStream(in, digest);
        List<Entry> entries = new ArrayList<>();
        Map<String, JsonNode> fields = new HashMap<>();
        try (JsonParser json =
                JSON.createParser(bytes).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no manifest");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                if (field.equals("entries")) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        entries.add(entry(TREES.readTree(json)));
                    }
                } else {
                    fields.put(field, TREES.readTree(json));
                }
            }
        }
        bytes.transferTo(OutputStream.nullOutputStream());
        return of(entries, fields, Sha256.hex(digest.digest()));
    }

    private static Manifest of(List<Entry> entries, Map<String, JsonNode> fields, String sha256)
            throws IOException {
        if (!FORMAT.equals(text(fields.get("format")))) {
            throw new IOException("no manifest of the form " + FORMAT);
        }
        JsonNode previous = fields.get("previous");
        List<Range> absent = new ArrayList<>();
        fields.getOrDefault("absent", TREES.createArrayNode())
                .forEach(
                        range ->
                                absent.add(
                                        new Range(range.path(0).asLong(), range.path(1).asLong())));
        boolean whole =
                Stream.of("tenant", "destination", "file", "merkleRoot")
                                .allMatch(field -> text(fields.get(field)) != null)
                        && (previous == null
                                || !previous.isObject()
                                || previous.hasNonNull("file") && previous.hasNonNull("sha256"));
        if (!whole) {
            throw new IOException("no whole manifest");
        }
        return new Manifest(
                text(fields.get("tenant")),
                text(fields.get("destination")),
                text(fields.get("file")),
                previous == null || !previous.isObject()
                        ? null
                        : new Previous(text(previous.get("file")), text(previous.get("sha256"))),
                entries,
                absent,
                text(fields.get("sha256")),
                number(fields.get("count")),
                number(fields.get("size")),
                text(fields.get("merkleRoot")),
                sha256);
    }

    private static Entry entry(JsonNode entry) throws IOException {
        try {
            String id = text(entry.get("id"));
            return new Entry(
                    text(entry.get("name")),
                    new EventIds(
                            entry.hasNonNull("sequence") ? entry.get("sequence").asLong() : null,
                            id == null ? null : UUID.fromString(id),
                            null),
                    number(entry.get("size")),
                    HexFormat.of().parseHex(String.valueOf(text(entry.get("sha256")))));
        } catch (IllegalArgumentException unreadable) {
            throw new IOException("an entry that cannot be read");
        }
    }

    private static String text(JsonNode value) {
        return value == null || value.isNull() ? null : value.asText();
    }

    private static long number(JsonNode value) {
        return value == null ? -1 : value.asLong();
    }

    /** Whether its own sums are those of its entries. */
    boolean sumsUp() {
        MerkleRoot tree = new MerkleRoot();
        long bytes = 0;
        for (Entry entry : entries) {
            tree.add(entry.sha256());
            bytes += entry.size();
        }
        return count == entries.size() && size == bytes && Sha256.hex(tree.root()).equals(root);
    }
}
