package org.jawort.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A file of an archive as it is found.
 *
 * @param name as manifests call it: the plain name of a day file
 * @param manifest {@code null} if there is none
 * @param found its messages, as far as they can be read
 * @param unreadable what cannot be read of it, empty if all can
 */
record ArchiveFile(String name, Manifest manifest, List<Alignment.Found> found, String unreadable) {

    private static final Pattern ENTRY =
            Pattern.compile(
                    "([0-9]{12,18})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})[.]eml");

    /** Hears of each message that was read. */
    interface Progress {
        void read();
    }

    static ArchiveFile journal(Path zip, Progress progress) {
        String name = zip.getFileName().toString();
        List<Alignment.Found> found = new ArrayList<>();
        Manifest manifest = null;
        String unreadable = "";
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : Collections.list(file.entries())) {
                if (!entry.getName().equals(Manifest.IN_ZIP)) {
                    found.add(
                            new Alignment.Found(
                                    entry.getName(), ids(entry.getName()), hash(file, entry)));
                    progress.read();
                } else if (manifest == null) {
                    try (InputStream in = file.getInputStream(entry)) {
                        manifest = Manifest.read(in);
                    } catch (IOException broken) {
                        unreadable = "its manifest cannot be read";
                    }
                }
            }
        } catch (IOException broken) {
            unreadable = "it is no whole ZIP";
        }
        return new ArchiveFile(name, manifest, found, unreadable);
    }

    private static byte[] hash(ZipFile file, ZipEntry entry) {
        try (InputStream in = file.getInputStream(entry);
                DigestOutputStream digest =
                        new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.digest())) {
            in.transferTo(digest);
            return digest.getMessageDigest().digest();
        } catch (IOException broken) {
            return null;
        }
    }

    private static EventIds ids(String name) {
        Matcher parts = ENTRY.matcher(name);
        return parts.matches()
                ? new EventIds(Long.valueOf(parts.group(1)), UUID.fromString(parts.group(2)), null)
                : EventIds.NONE;
    }

    /**
     * @param data {@code null} if only the manifest is there; compressed or plain
     * @param manifest {@code null} if only the data is there
     */
    static ArchiveFile day(String name, Path data, Path manifest, Progress progress) {
        List<Alignment.Found> found = new ArrayList<>();
        String unreadable = "";
        if (data != null) {
            try {
                Lines.read(
                        data,
                        line -> {
                            found.add(
                                    new Alignment.Found(
                                            "line " + (found.size() + 1),
                                            EventIds.of(line),
                                            Sha256.of(line)));
                            progress.read();
                        });
            } catch (IOException broken) {
                unreadable = "it cannot be read behind line " + found.size();
            }
        }
        Manifest read = null;
        if (manifest != null) {
            try (InputStream in = Files.newInputStream(manifest)) {
                read = Manifest.read(in);
            } catch (IOException broken) {
                unreadable = "its manifest cannot be read";
            }
        }
        return new ArchiveFile(name, read, found, unreadable);
    }
}
