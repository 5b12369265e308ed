package org.jawort.objects;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.DataContract;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;

/**
 * Puts a file of 25 MB into a bucket, in a JVM of its own that has less than twice as much for
 * everything. Arguments: the server and the bucket.
 */
public final class LargeObject {

    static final long LENGTH = 25L * 1024 * 1024;

    private static final UUID FILE = new UUID(0x019ab3c27d4e7c11L, 0x9a55000000000009L);

    private LargeObject() {}

    public static void main(String[] arguments) throws Exception {
        Destination destination =
                new Destination(
                        "muster",
                        "vault",
                        "archive-s3",
                        null,
                        List.of("*"),
                        false,
                        null,
                        Map.of(
                                "endpoint", arguments[0],
                                "bucket", arguments[1],
                                "lock", "none",
                                "accessKeyId", "test",
                                "secretAccessKey", "test"));
        ObjectNode event = new ObjectMapper().createObjectNode().put("tenant", "muster");
        ObjectNode data = event.putObject("data");
        for (String id : List.of("subjectId", "conversationId", "messageId")) {
            data.put(id, FILE.toString());
        }
        data.putObject("content")
                .putArray("media")
                .addObject()
                .put("id", FILE.toString())
                .put("contentType", "video/mp4")
                .put("size", LENGTH)
                .put("sha256", sha256());
        Attachments attachments =
                (tenant, id) ->
                        Optional.of(new Attachments.Attachment("video/mp4", null, LENGTH, bytes()));
        Duration patience = Duration.ofSeconds(20);
        try (Buckets buckets = new Buckets(TenantInTest.with(destination), patience, patience)) {
            List<FileObjects.Stored> stored =
                    new FileObjects(attachments)
                            .store(
                                    event,
                                    buckets.of("muster", "vault"),
                                    buckets.keys("muster", "vault"),
                                    DataContract.FULL,
                                    Map.of(),
                                    null);
            System.out.println(stored.getFirst().key() + " " + stored.getFirst().sha256());
        }
    }

    private static String sha256() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream bytes = new DigestInputStream(bytes(), digest)) {
            bytes.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static InputStream bytes() {
        return new InputStream() {
            private long at;

            @Override
            public int read() {
                return at == LENGTH ? -1 : (int) (at++ % 251);
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (at == LENGTH) {
                    return -1;
                }
                int part = (int) Math.min(length, LENGTH - at);
                for (int i = 0; i < part; i++) {
                    bytes[offset + i] = (byte) (at++ % 251);
                }
                return part;
            }
        };
    }
}
