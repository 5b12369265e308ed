package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code docs/privacy.md} and the tests speak of the same requirements. */
class PrivacyDocTest {

    private static final Path PAGE = Path.of("docs", "privacy.md");
    private static final Path TESTS = Path.of("src", "test", "java");

    private static final String AREAS = "CON|DSR|FLT|INF|LOG|MIN|RES|RET|SEC|TEN|TST";
    private static final String TRANSITION = "T(?:1[0-6]|[1-9])";

    /** {@code RET-5} or {@code T4} as a word of its own. */
    private static final Pattern ID =
            Pattern.compile("\\b(?:(?:" + AREAS + ")-[1-9]\\d*|" + TRANSITION + ")\\b");

    /** {@code t2} and {@code T3} inside a method name such as {@code t2AndT3StartFromAPrompt}. */
    private static final Pattern ID_IN_NAME =
            Pattern.compile("(?:\\bt|(?<=[a-z])T)(1[0-6]|[1-9])(?=[A-Z])");

    private static final Pattern ROW =
            Pattern.compile(
                    "^\\| ((?:" + AREAS + ")-\\d+|T\\d+) \\|.*\\|([^|]*)\\|\\s*$",
                    Pattern.MULTILINE);

    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Za-z]+)`");

    @Test
    void listsWhatTestsCiteAndNothingElse() {
        Set<String> listed = listed().keySet();

        assertThat(listed)
                .as("ids in %s, against those that files under %s cite", PAGE, TESTS)
                .isEqualTo(cited().keySet());
    }

    @Test
    @DisplayName("each test the page names cites the requirement it is named for")
    void namesTestsThatCite() {
        Map<String, Set<String>> cited = cited();

        listed().forEach(
                        (id, tests) ->
                                assertThat(tests)
                                        .as("tests that %s names for %s", PAGE, id)
                                        .isNotEmpty()
                                        .isSubsetOf(cited.getOrDefault(id, Set.of())));
    }

    @Test
    void listsNoRequirementTwice() {
        List<String> rows = ROW.matcher(text(PAGE)).results().map(row -> row.group(1)).toList();

        assertThat(rows).doesNotHaveDuplicates();
    }

    /** By id, the tests its row names. */
    private static Map<String, Set<String>> listed() {
        Map<String, Set<String>> tests = new TreeMap<>();
        for (MatchResult row : ROW.matcher(text(PAGE)).results().toList()) {
            NAMED_TEST
                    .matcher(row.group(2))
                    .results()
                    .forEach(
                            test ->
                                    tests.computeIfAbsent(row.group(1), id -> new TreeSet<>())
                                            .add(test.group(1)));
            tests.computeIfAbsent(row.group(1), id -> new TreeSet<>());
        }
        return tests;
    }

    /** By id, the tests that cite it. */
    private static Map<String, Set<String>> cited() {
        Map<String, Set<String>> tests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("PrivacyDocTest.java"))
                    .forEach(file -> cite(file, tests));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return tests;
    }

    private static void cite(Path file, Map<String, Set<String>> tests) {
        String name = file.getFileName().toString().replace(".java", "");
        String source = text(file);
        Stream.concat(
                        ID.matcher(source).results().map(MatchResult::group),
                        ID_IN_NAME.matcher(source).results().map(found -> "T" + found.group(1)))
                .forEach(id -> tests.computeIfAbsent(id, none -> new TreeSet<>()).add(name));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
