package org.jawort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchReportTest {

    @Test
    void dividesWithinAPairWhateverTheOrderOfTheTurns() {
        List<Turn> turns =
                List.of(
                        turn("hub", 1, 900),
                        turn("other", 1, 1_000),
                        turn("other", 2, 500),
                        turn("hub", 2, 600),
                        turn("hub", 3, 100),
                        turn("other", 3, 1_000),
                        turn("third", 1, 1));

        var comparison = Comparison.of("rate", "other", 0.9, true, turns, "saturation", Turn::rate);

        assertThat(comparison.ratios()).containsExactly(0.9, 1.2, 0.1);
        assertThat(comparison.median()).isEqualTo(0.9);
        assertThat(comparison.met()).isTrue();
    }

    @Test
    void meetsAnUpperGoalFromBelow() {
        assertThat(new Comparison("p99", "other", 1.3, false, List.of(1.2, 1.4)).met()).isTrue();
        assertThat(new Comparison("p99", "other", 1.3, false, List.of(1.3, 1.4)).met()).isFalse();
        assertThat(new Comparison("p99", "other", 1.3, false, List.of()).met()).isFalse();
        assertThat(new Comparison("p99", "other", null, false, List.of(9.0)).met()).isTrue();
    }

    @Test
    void takesTheMeanOfTheTwoInTheMiddle() {
        assertThat(Comparison.median(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(2.5);
        assertThat(Comparison.median(List.of())).isNaN();
    }

    @Test
    void countsCpuPerThousandMessages() {
        var cpu = Turn.cpuPerThousand(Map.of("program", 100.0), Map.of("program", 600.0), 2_000);

        assertThat(cpu).containsExactly(entry("program", 250.0));
        assertThat(Turn.cpuPerThousand(Map.of(), Map.of("program", 1.0), 0)).isEmpty();
    }

    @Test
    void readsCpuTimeBehindANameThatHoldsAnything() {
        String stat =
                "4711 (a) 1 (b c) S 1 2 3 4 -1 4194560 100 200 0 0 70 30 5 6 20 0 33 0 8888 1 2";

        assertThat(ProcessCpu.ticks(stat)).isEqualTo(70 + 30 + 5 + 6);
    }

    @Test
    void isIncompleteIfAnythingWasRefusedOrLost() {
        assertThat(report(turn("hub", 1, 1)).complete()).isTrue();
        assertThat(report(with(1, 0)).complete()).isFalse();
        assertThat(report(with(0, 1)).complete()).isFalse();
    }

    @Test
    void showsRatiosGoalsAndPlotsOnOnePageWithoutAnotherHost() {
        var turns = new ArrayList<>(List.of(turn("hub", 1, 900), turn("a <b> & \"c\"", 1, 1_000)));
        var comparison =
                Comparison.of("rate", "a <b> & \"c\"", 0.95, true, turns, "saturation", Turn::rate);

        String page =
                BenchPage.render(
                        new BenchReport(
                                "intake",
                                "2026-11-23T10:00:00Z",
                                Map.of("processors", "2"),
                                List.of(comparison),
                                turns));

        assertThat(page)
                .contains("missed", "0.90", "processors: 2", "a &lt;b&gt; &amp; &quot;c&quot;")
                .contains("<svg", "<polyline", "class=\"s1\"")
                .doesNotContain("a <b>", "http://", "https://", "<script", "NaN", "Infinity");
    }

    @Test
    void drawsABarAsHighAsItsValue() {
        String svg = Chart.bars(List.of("hub"), List.of(turn("hub", 1, 90)), Turn::rate);

        assertThat(svg)
                .contains("height=\"180.0\"") // of the plot's 200, which stand for 100
                .contains(">20.0<", ">40.0<", ">60.0<", ">80.0<");
    }

    @Test
    void understandsItsCommandLine() {
        assertThat(BenchOptions.parse(List.of("pipeline", "--messages", "500", "--quick")))
                .isEqualTo(
                        new BenchOptions(
                                BenchOptions.Subject.PIPELINE,
                                2,
                                3,
                                500,
                                100_000,
                                50,
                                false,
                                false));
        assertThat(BenchOptions.parse(List.of("intake")).pairs()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "latency",
                "intake --pairs",
                "intake --pairs 0",
                "intake --pairs 51",
                "intake --messages 1e9",
                "intake --slow"
            })
    void refusesWhatItDoesNotUnderstand(String arguments) {
        assertThatThrownBy(
                        () ->
                                BenchOptions.parse(
                                        arguments.isEmpty()
                                                ? List.of()
                                                : List.of(arguments.split(" "))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static BenchReport report(Turn turn) {
        return new BenchReport("intake", "", Map.of(), List.of(), List.of(turn));
    }

    private static Turn turn(String candidate, int pair, double rate) {
        var micros = new Histogram(3);
        micros.recordValue(1_500);
        return new Turn(
                "saturation",
                candidate,
                pair,
                0,
                rate,
                Turn.Latency.of(micros),
                10,
                0,
                0,
                0,
                Map.of("program", 12.0));
    }

    private static Turn with(long failed, long lost) {
        Turn turn = turn("hub", 1, 1);
        return new Turn(
                turn.load(),
                turn.candidate(),
                1,
                0,
                1,
                turn.latency(),
                10,
                failed,
                lost,
                0,
                Map.of());
    }
}
