package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The mappings of every provider against their golden pairs. */
class MappingExamplesTest {

    private static final Path ROOT = Path.of("mappings");

    @TestFactory
    Stream<DynamicTest> eachProviderMapsItsExamplesAndLeavesNoFieldUnaccounted() {
        ExampleCheck check = new ExampleCheck(ROOT);

        return new Mappings(ROOT)
                .providers().stream()
                        .sorted()
                        .map(
                                provider ->
                                        dynamicTest(
                                                provider,
                                                () ->
                                                        assertThat(check.findings(provider))
                                                                .isEmpty()));
    }
}
