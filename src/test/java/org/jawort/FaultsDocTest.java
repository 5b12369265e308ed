package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/faults.md} and whatever cites its ids speak of the same faults. */
class FaultsDocTest {

    private static final Path PAGE = Path.of("docs", "faults.md");

    private static final List<Path> CITING =
            List.of(Path.of("src"), Path.of("routes"), Path.of("docs", "decisions"));

    private static final Pattern ID = Pattern.compile("\\b[RSC][1-9]\\d?\\b");
    private static final Pattern ROW = Pattern.compile("^\\| (\\w+) \\|", Pattern.MULTILINE);

    @Test
    void listsWhatIsCitedAndNothingElse() {
        Set<String> cited = new TreeSet<>();
        for (Path folder : CITING) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.toString().matches(".*\\.(java|yaml|md)"))
                        .forEach(file -> cited.addAll(ids(file)));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }

        assertThat(listed()).as("ids of %s, against those cited", PAGE).hasSameElementsAs(cited);
    }

    @Test
    void listsNoFaultTwice() {
        assertThat(listed()).doesNotHaveDuplicates();
    }

    private static List<String> listed() {
        return ROW.matcher(text(PAGE))
                .results()
                .map(row -> row.group(1))
                .filter(cell -> ID.matcher(cell).matches())
                .toList();
    }

    private static List<String> ids(Path file) {
        return ID.matcher(text(file)).results().map(MatchResult::group).toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
