package org.jawort.bench;

import java.util.List;
import java.util.Locale;

/**
 * What the command line asked for.
 *
 * @param pairs how often the candidates take turns, 1 to 50
 * @param seconds length of a phase that is bounded by time, 1 to 600
 * @param messages size of a burst through the pipeline, or of the store to delete or erase from;
 *     100 to 1 000 000
 * @param tenants whose messages are deleted, 1 to 1 000
 * @param tell whether each deleted message had a recipient who must hear of it
 * @param subjects people in the large ledger, 1 000 to 100 000 000
 * @param profile whether the hub writes a flight recording
 */
record BenchOptions(
        Subject subject,
        int pairs,
        int seconds,
        int messages,
        int subjects,
        int tenants,
        boolean tell,
        boolean profile) {

    enum Subject {
        INTAKE,
        PIPELINE,
        CONSENT,
        DELETION,
        ERASURE,
        FANOUT;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final String USAGE =
            """
            Usage: ./hub bench intake|pipeline|consent|deletion|erasure|fanout [options]

              --pairs N       turns of hub and baselines (intake 5, deletion 1, others 3)
              --seconds N     length of a phase bounded by time (8)
              --messages N    messages of a burst through the pipeline (20000), in the store of deletion and erasure (1000000)
              --tenants N     whose messages are deleted (50)
              --tell          deletion: every message had a recipient, who hears of it; bare SQL tells nobody
              --subjects N    people in the large ledger of the bench consent (1000000)
              --quick         a first impression: 2 turns, 3 seconds, 4000 messages (100000 in a store), 100000 subjects
              --profile       the hub writes a flight recording to target/bench/
            """;

    /**
     * @throws IllegalArgumentException with one line for a person
     */
    static BenchOptions parse(List<String> arguments) {
        Subject subject =
                switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
                    case "intake" -> Subject.INTAKE;
                    case "pipeline" -> Subject.PIPELINE;
                    case "consent" -> Subject.CONSENT;
                    case "deletion" -> Subject.DELETION;
                    case "erasure" -> Subject.ERASURE;
                    case "fanout" -> Subject.FANOUT;
                    case "" ->
                            throw new IllegalArgumentException(
                                    "say intake, pipeline, consent, deletion, erasure or fanout");
                    default ->
                            throw new IllegalArgumentException(
                                    "there is no bench \"" + arguments.getFirst() + "\"");
                };
        boolean quick = arguments.contains("--quick");
        boolean stored = subject == Subject.DELETION || subject == Subject.ERASURE;
        int pairs = subject == Subject.DELETION ? 1 : quick ? 2 : subject == Subject.INTAKE ? 5 : 3;
        int seconds = quick ? 3 : 8;
        int messages = stored ? quick ? 100_000 : 1_000_000 : quick ? 4_000 : 20_000;
        int tenants = 50;
        boolean tell = false;
        int subjects = quick ? 100_000 : 1_000_000;
        boolean profile = false;
        for (int i = 1; i < arguments.size(); i++) {
            String option = arguments.get(i);
            switch (option) {
                case "--quick" -> {}
                case "--profile" -> profile = true;
                case "--tell" -> tell = true;
                case "--tenants" -> tenants = number(option, arguments, ++i, 1, 1_000);
                case "--pairs" -> pairs = number(option, arguments, ++i, 1, 50);
                case "--seconds" -> seconds = number(option, arguments, ++i, 1, 600);
                case "--messages" -> messages = number(option, arguments, ++i, 100, 1_000_000);
                case "--subjects" -> subjects = number(option, arguments, ++i, 1_000, 100_000_000);
                default ->
                        throw new IllegalArgumentException("there is no option \"" + option + "\"");
            }
        }
        return new BenchOptions(
                subject, pairs, seconds, messages, subjects, tenants, tell, profile);
    }

    private static int number(String option, List<String> arguments, int at, int least, int most) {
        String text = at < arguments.size() ? arguments.get(at) : "";
        if (!text.matches("\\d{1,9}")
                || Integer.parseInt(text) < least
                || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(
                    "%s takes a number from %d to %d".formatted(option, least, most));
        }
        return Integer.parseInt(text);
    }
}
