package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StartFailureTest {

    @Test
    void namesTheFileToMendAndNotWhatWasBelowIt() {
        var parser =
                new IllegalStateException(
                        "mapping values are not allowed here\n in 'reader', line 3");
        var tenant =
                new IllegalArgumentException(
                        "tenants/autohaus-muster.yaml: line 3:\n  not YAML", parser);
        var spring = new RuntimeException("Error creating bean with name 'tenants'", tenant);

        assertThat(StartFailure.line(spring))
                .isEqualTo("tenants/autohaus-muster.yaml: line 3: not YAML");
    }

    @Test
    void saysTheRootCauseWhereNoFileIsNamed() {
        var failure =
                new RuntimeException(
                        "Error creating bean", new IllegalStateException("no route to host"));

        assertThat(StartFailure.line(failure)).isEqualTo("no route to host");
    }

    @Test
    void saysTheLaunchersOwnWordsBeforeTheirCause() {
        var failure =
                new RuntimeException(
                        "wrapped",
                        new LocalStartFailed(
                                "port 8080 is busy", new RuntimeException("EADDRINUSE")));

        assertThat(StartFailure.line(failure)).isEqualTo("port 8080 is busy");
    }

    @Test
    void saysTheKindOfAnErrorWithoutWords() {
        assertThat(StartFailure.line(new RuntimeException(new StackOverflowError())))
                .isEqualTo("StackOverflowError");
    }

    @Test
    void endsOnACircleOfCauses() {
        var inner = new RuntimeException("inner");
        var outer = new RuntimeException("outer", inner);
        inner.initCause(outer);

        assertThat(StartFailure.line(outer)).isEqualTo("inner");
    }
}
