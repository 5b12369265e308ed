package org.jawort.mapping;

import com.schibsted.spt.data.jslt.JsltException;
import com.schibsted.spt.data.jslt.Parser;
import com.schibsted.spt.data.jslt.parser.TokenMgrError;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The JSLT files under one mappings folder. Imports are resolved from that folder, whichever file
 * they stand in.
 */
final class MappingFiles {

    static final String ENTRY = "webhook.jslt";
    static final String SEND = "send.jslt";
    static final String SENT = "sent.jslt";
    static final String ERASE = "erase.jslt";
    static final String ERASED = "erased.jslt";

    private final Path root;
    private final Map<String, String> replaced;

    MappingFiles(Path root) {
        this(root, Map.of());
    }

    private MappingFiles(Path root, Map<String, String> replaced) {
        this.root = root.toAbsolutePath().normalize();
        this.replaced = replaced;
    }

    /** The same files, but one of them reading otherwise. */
    MappingFiles with(String file, String text) {
        return new MappingFiles(root, Map.of(file, text));
    }

    Path root() {
        return root;
    }

    /**
     * Folders with mapping files of a provider, sorted: all but {@code lib} and {@code
     * destinations}.
     *
     * @throws MappingInvalid if there is no mappings folder
     */
    List<String> providers() {
        if (!Files.isDirectory(root)) {
            throw new MappingInvalid(
                    "",
                    0,
                    0,
                    "there is no such folder; start the hub where mappings/ lies, or set its path");
        }
        return list(root)
                .filter(Files::isDirectory)
                .map(folder -> folder.getFileName().toString())
                .filter(name -> !name.equals("lib") && !name.equals("destinations"))
                .filter(name -> !jsltFiles(name).isEmpty())
                .toList();
    }

    /** The JSLT files directly in a folder, sorted, as paths below the root. */
    List<String> jsltFiles(String folder) {
        return list(root.resolve(folder))
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".jslt"))
                .map(name -> folder + "/" + name)
                .toList();
    }

    boolean has(String file) {
        return Files.isRegularFile(root.resolve(file));
    }

    /** What lies in a folder, sorted; empty if there is no such folder. */
    static Stream<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @throws MappingInvalid if the file or one it imports is missing or wrong
     */
    Mapping compile(String file) {
        try (Reader reader = open(file)) {
            return new Mapping(
                    file,
                    new Parser(reader)
                            .withSource(file)
                            .withResourceResolver(this::open)
                            .withFunctions(Collections.emptyList())
                            .compile());
        } catch (JsltException wrong) {
            String source = wrong.getSource() == null ? file : wrong.getSource();
            throw new MappingInvalid(
                    source,
                    Math.max(0, wrong.getLine()),
                    Math.max(0, wrong.getColumn()),
                    firstLine(wrong.getMessageWithoutLocation()));
        } catch (TokenMgrError wrong) {
            throw new MappingInvalid(file, 0, 0, firstLine(wrong.getMessage()));
        } catch (MappingInvalid wrong) {
            throw wrong;
        } catch (RuntimeException | StackOverflowError wrong) {
            // The parser lets some mistakes through as they are, such as an integer literal beyond
            // 64 bits.
            throw new MappingInvalid(
                    file,
                    0,
                    0,
                    "JSLT cannot read this file or one it imports: "
                            + firstLine(String.valueOf(wrong.getMessage())));
        } catch (IOException wrong) {
            throw new MappingInvalid(file, 0, 0, "the file cannot be read");
        }
    }

    private Reader open(String file) {
        if (replaced.containsKey(file)) {
            return new StringReader(replaced.get(file));
        }
        Path path = root.resolve(file).normalize();
        if (!path.startsWith(root)) {
            throw new MappingInvalid(file, 0, 0, "imports must stay inside the mappings folder");
        }
        if (!Files.isRegularFile(path)) {
            throw new MappingInvalid(
                    file,
                    0,
                    0,
                    "no such file; imports are written from the mappings folder on, e.g. lib/address.jslt");
        }
        return new StringReader(text(file));
    }

    /** The text of a file below the root, UTF-8. */
    String text(String file) {
        try {
            return Files.readString(root.resolve(file));
        } catch (IOException unreadable) {
            throw new MappingInvalid(file, 0, 0, "the file cannot be read as UTF-8 text");
        }
    }

    private static String firstLine(String text) {
        return text == null
                ? "unknown mistake"
                : text.lines().findFirst().orElse("unknown mistake");
    }
}
