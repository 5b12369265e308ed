package org.jawort.proof;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Anchors in the files of an archive: any {@code *.jsonl} or {@code *.jsonl.gz} below a folder, one
 * event a line, as the route {@code archive-jsonl} writes them. Lines that are no anchor are passed
 * over.
 */
public final class AnchorFolder {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A running hub may close a day meanwhile, which then has another name. */
    private static final int LOOKS = 5;

    /**
     * What a folder holds of one tenant.
     *
     * @param signed by the key they were checked with
     * @param forged not signed by that key
     */
    public record Found(List<Anchor> signed, List<Anchor> forged) {}

    private final Path folder;

    public AnchorFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * @param publicKey 32 bytes; {@code null} to take each anchor's own, which shows damage but not
     *     forgery
     */
    public Found of(Anchor.Chain chain, String tenant, byte[] publicKey) throws IOException {
        for (int looks = 1; ; looks++) {
            try {
                return read(chain, tenant, publicKey);
            } catch (NoSuchFileException closed) {
                if (looks == LOOKS) {
                    throw closed;
                }
            }
        }
    }

    private Found read(Anchor.Chain chain, String tenant, byte[] publicKey) throws IOException {
        List<Anchor> signed = new ArrayList<>();
        List<Anchor> forged = new ArrayList<>();
        List<Path> journals;
        try (Stream<Path> files = Files.walk(folder)) {
            journals =
                    files.filter(file -> file.toString().matches(".*[.]jsonl([.]gz)?"))
                            .sorted()
                            .toList();
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        for (Path journal : journals) {
            for (Anchor anchor : read(journal, chain, tenant)) {
                boolean isOurs = publicKey == null || Arrays.equals(publicKey, anchor.publicKey());
                byte[] key = publicKey == null ? anchor.publicKey() : publicKey;
                (isOurs && anchor.isSignedWith(key) ? signed : forged).add(anchor);
            }
        }
        return new Found(List.copyOf(signed), List.copyOf(forged));
    }

    private static List<Anchor> read(Path journal, Anchor.Chain chain, String tenant)
            throws IOException {
        List<Anchor> anchors = new ArrayList<>();
        try (InputStream file = Files.newInputStream(journal);
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        journal.toString().endsWith(".gz")
                                                ? new GZIPInputStream(file)
                                                : file,
                                        StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(chain.eventType())) {
                    anchor(line, chain, tenant).forEach(anchors::add);
                }
            }
        }
        return anchors;
    }

    private static Stream<Anchor> anchor(String line, Anchor.Chain chain, String tenant) {
        try {
            JsonNode event = JSON.readTree(line);
            boolean isAnchor =
                    event.path("type").asText().equals(chain.eventType())
                            && event.path("data").path("tenant").asText().equals(tenant);
            return isAnchor ? Anchor.of(chain, tenant, event.get("data")).stream() : Stream.of();
        } catch (JsonProcessingException noJson) {
            return Stream.of();
        }
    }
}
