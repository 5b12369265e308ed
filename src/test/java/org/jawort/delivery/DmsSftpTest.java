package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.jawort.archive.ConversationFiles;
import org.jawort.delivery.DestinationContract.Behaviour;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("dms-sftp: whole files under names of ids, on the right server")
@Timeout(60)
class DmsSftpTest {

    private static final UUID FILM = new UUID(5, 5);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    private final byte[] film = new byte[3_000_000];
    private final Attachments attachments =
            (tenant, id) ->
                    id.equals(FILM)
                            ? Optional.of(
                                    new Attachments.Attachment(
                                            "video/mp4", "film.mp4", film.length, opened()))
                            : Optional.empty();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    private InputStream opened() {
        opened.incrementAndGet();
        return new ByteArrayInputStream(film) {
            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    DmsSftpTest() {
        new Random(1).nextBytes(film);
    }

    @Test
    void writesTheMessageAndThenWhatIsKnownOfIt() throws Exception {
        try (var server = new StubbornSftpServer(folder, null);
                DestinationHub hub = hub(settings(server))) {
            DestinationEvent event = withFilm(1);

            assertThat(hub.attempt(event)).isEmpty();

            String name = "eingang/019ab3c2-7d4e-7c11-9a55-00000000c0de/000000000001-" + event.id();
            assertThat(files()).containsExactlyInAnyOrder(name + ".eml", name + ".json");
            byte[] eml = Files.readAllBytes(folder.resolve(name + ".eml"));
            JsonNode sidecar = JSON.readTree(folder.resolve(name + ".json").toFile());
            assertThat(sidecar.path("sha256").asText())
                    .isEqualTo(
                            HexFormat.of()
                                    .formatHex(MessageDigest.getInstance("SHA-256").digest(eml)));
            assertThat(sidecar.path("size").asLong()).isEqualTo(eml.length);
            assertThat(sidecar.at("/event/data/from/address").asText()).isEqualTo("+4915100000011");
            assertThat(sidecar.at("/event/data/content/text").isMissingNode()).isTrue();
            ReadEml read = ReadEml.of(eml);
            assertThat(read.text()).isEqualTo(event.text());
            assertThat(attached(read)).isEqualTo(film);
        }
    }

    @Test
    @DisplayName(
            "R28: cut in the middle, nothing stands under the final name; the next attempt is whole")
    void leavesNothingHalfUnderTheFinalName() throws IOException {
        try (var server = new StubbornSftpServer(folder, null);
                DestinationHub hub = hub(settings(server))) {
            server.breaksOffAfter = 1_000_000;
            server.behave(Behaviour.CUT);

            assertThat(hub.attempt(withFilm(1))).isPresent();
            assertThat(files())
                    .singleElement()
                    .satisfies(
                            name -> {
                                assertThat(name).endsWith(".eml.part");
                                assertThat(Files.size(folder.resolve(name)))
                                        .isBetween(1L, (long) film.length);
                            });

            server.behave(Behaviour.TAKE);
            assertThat(hub.attempt(withFilm(1))).isEmpty();
            assertThat(files()).hasSize(2).noneMatch(name -> name.endsWith(".part"));
            String eml = files().stream().filter(it -> it.endsWith(".eml")).findAny().orElseThrow();
            assertThat(attached(ReadEml.of(Files.readAllBytes(folder.resolve(eml)))))
                    .isEqualTo(film);
        }
    }

    @Test
    @DisplayName("A server that cannot be reached, or goes away, leaves no attachment open")
    void leavesNothingOpenBehind() throws IOException {
        try (var server = new StubbornSftpServer(folder, null);
                DestinationHub hub = hub(settings(server))) {
            server.breaksOffAfter = 1_000_000;
            server.behave(Behaviour.CUT);
            assertThat(hub.attempt(withFilm(1))).isPresent();
            await().untilAsserted(() -> assertThat(closed).hasValue(opened.get()));
            server.close();
            opened.set(0);
            closed.set(0);

            assertThat(hub.attempt(withFilm(1))).isPresent();

            await().untilAsserted(() -> assertThat(closed).hasValue(opened.get()));
            assertThat(opened).as("asked for once, whether it is there").hasValue(1);
        }
    }

    @Test
    @DisplayName("A message whose attachment breaks off is not written as a whole one")
    void writesNoMessageWithHalfAnAttachment() throws IOException {
        Attachments breaking =
                (tenant, id) ->
                        Optional.of(
                                new Attachments.Attachment(
                                        "video/mp4",
                                        "film.mp4",
                                        film.length,
                                        new InputStream() {
                                            private int left = 500_000;

                                            @Override
                                            public int read() throws IOException {
                                                if (left-- <= 0) {
                                                    throw new IOException("gone");
                                                }
                                                return 7;
                                            }
                                        }));
        try (var server = new StubbornSftpServer(folder, null);
                DestinationHub hub =
                        new DestinationHub(
                                "dms-sftp",
                                "destinations/canonical.jslt",
                                settings(server),
                                (registry, tenants) ->
                                        registry.bind(
                                                "conversationFiles",
                                                new ConversationFiles(breaking)))) {
            assertThat(hub.attempt(withFilm(1))).get().isNotInstanceOf(DestinationRefused.class);

            assertThat(files()).noneMatch(name -> name.endsWith(".eml"));
        }
    }

    @Test
    @DisplayName("A server with another key than the pinned one gets neither password nor file")
    void refusesAnotherHostKey() throws IOException {
        try (var server = new StubbornSftpServer(folder, null);
                var other = new StubbornSftpServer(folder, null)) {
            Map<String, String> settings = settings(server);
            settings.put("hostKey", other.hostKey());
            try (DestinationHub hub = hub(settings)) {
                assertThat(hub.attempt(DestinationEvent.number(1))).isPresent();

                assertThat(server.opened()).isEmpty();
                assertThat(files()).isEmpty();
            }
        }
    }

    @Test
    void opensWithAKey() throws Exception {
        KeyPair key = StubbornSftpServer.ec();
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "hub", null, pem);
        try (var server = new StubbornSftpServer(folder, key.getPublic())) {
            Map<String, String> settings = settings(server);
            settings.remove("passwordSecret");
            settings.put("privateKeySecret", pem.toString(StandardCharsets.US_ASCII));
            try (DestinationHub hub = hub(settings)) {
                assertThat(hub.attempt(DestinationEvent.number(1))).isEmpty();
            }
        }
    }

    @Test
    @DisplayName(
            "S13: what a mapping or a person puts where names come from is evaluated by nobody")
    void makesNamesOfIdsAlone() throws IOException {
        try (var server = new StubbornSftpServer(folder, null);
                DestinationHub hub = hub(settings(server))) {
            DestinationEvent event = DestinationEvent.number(1);
            ((ObjectNode) event.json().get("data"))
                    .put("conversationId", "${sys:user.home}/../../x")
                    .put("messageId", "$simple{header.x}");

            assertThat(hub.attempt(event)).isEmpty();

            assertThat(files())
                    .allMatch(name -> name.startsWith("eingang/no-conversation/000000000001-"));
        }
    }

    private static DestinationEvent withFilm(long number) {
        DestinationEvent event = DestinationEvent.number(number);
        ((ObjectNode) event.json().at("/data/content"))
                .putArray("media")
                .addObject()
                .put("id", FILM.toString());
        return event;
    }

    private static byte[] attached(ReadEml read) throws IOException {
        var part = ((Multipart) read.message().getBody()).getBodyParts().get(2);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ((SingleBody) part.getBody()).writeTo(bytes);
        return bytes.toByteArray();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList();
        }
    }

    private static Map<String, String> settings(StubbornSftpServer server) {
        return new HashMap<>(
                Map.of(
                        "host",
                        "localhost",
                        "port",
                        String.valueOf(server.port()),
                        "directory",
                        "eingang",
                        "username",
                        StubbornSftpServer.USER,
                        "hostKey",
                        server.hostKey(),
                        "passwordSecret",
                        StubbornSftpServer.PASSWORD));
    }

    private DestinationHub hub(Map<String, String> settings) {
        return new DestinationHub(
                "dms-sftp",
                "destinations/canonical.jslt",
                settings,
                (registry, tenants) ->
                        registry.bind("conversationFiles", new ConversationFiles(attachments)));
    }
}
