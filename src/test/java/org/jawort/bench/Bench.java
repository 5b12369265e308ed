package org.jawort.bench;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jawort.bench.BenchOptions.Subject;
import org.slf4j.LoggerFactory;

/**
 * {@code ./hub bench}: runs a bench in the current folder, prints the ratios against their goals
 * and leaves {@code target/bench/<name>-<time>.json} and {@code target/bench/<name>.html}.
 *
 * <p>Exit code 0 if everything sent has arrived, whether or not the goals are met; 1 if something
 * was refused or lost or the bench could not run; 2 if the command line was not understood.
 */
public final class Bench {

    private static final DateTimeFormatter FILE_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private Bench() {}

    public static void main(String[] arguments) {
        try {
            System.exit(run(BenchOptions.parse(List.of(arguments))));
        } catch (IllegalArgumentException notUnderstood) {
            System.err.println("jawort: " + notUnderstood.getMessage());
            System.err.println(BenchOptions.USAGE);
            System.exit(2);
        } catch (Exception failure) {
            System.err.println("jawort: the bench did not run: " + failure);
            System.exit(1);
        }
    }

    static void say(String text) {
        System.out.println(text);
    }

    private static int run(BenchOptions options) throws Exception {
        quiet();
        Instant begun = Instant.now();
        Path output = Path.of("target", "bench").toAbsolutePath();
        Files.createDirectories(output);
        long seed = begun.toEpochMilli();
        List<Turn> turns =
                switch (options.subject()) {
                    case CONSENT -> new ConsentBench(options, output, new Random(seed)).run();
                    case ERASURE -> new ErasureBench(options, output, new Random(seed)).run();
                    case INTAKE, PIPELINE, DELETION, FANOUT ->
                            onTestbed(options, output, new Random(seed));
                };
        var report =
                new BenchReport(
                        options.subject().label(),
                        begun.truncatedTo(ChronoUnit.SECONDS).toString(),
                        conditions(options, seed),
                        switch (options.subject()) {
                            case INTAKE -> IntakeBench.comparisons(turns);
                            case PIPELINE -> PipelineBench.comparisons(turns);
                            case CONSENT -> ConsentBench.comparisons(turns);
                            case DELETION -> DeletionBench.comparisons(turns);
                            case ERASURE -> ErasureBench.comparisons(turns);
                            case FANOUT -> FanoutBench.comparisons(turns);
                        },
                        turns);
        print(report);
        write(report, output, begun);
        say("took %d s".formatted(ChronoUnit.SECONDS.between(begun, Instant.now())));
        return report.complete() ? 0 : 1;
    }

    private static List<Turn> onTestbed(BenchOptions options, Path output, Random random)
            throws Exception {
        say("starting PostgreSQL, Kafka, the CRM and the candidates");
        var testbed = new Testbed(options, Path.of("").toAbsolutePath(), output);
        var ending = new Thread(() -> close(testbed), "end-bench");
        Runtime.getRuntime().addShutdownHook(ending); // also at Ctrl-C
        testbed.start();
        return switch (options.subject()) {
            case INTAKE -> new IntakeBench(testbed, options, random).run();
            case DELETION -> new DeletionBench(testbed, options).run();
            case FANOUT -> new FanoutBench(testbed, options, random).run();
            case PIPELINE, CONSENT, ERASURE -> new PipelineBench(testbed, options, random).run();
        };
    }

    private static void quiet() {
        var root = LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ((ch.qos.logback.classic.Logger) root).setLevel(Level.WARN);
    }

    private static void close(Testbed testbed) {
        try {
            testbed.close();
        } catch (Exception leftForMavenClean) {
            System.err.println("jawort: left something under target/bench: " + leftForMavenClean);
        }
    }

    private static Map<String, String> conditions(BenchOptions options, long seed) {
        var conditions = new LinkedHashMap<String, String>();
        conditions.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        conditions.put("Java", Runtime.version().toString());
        conditions.put("pairs", String.valueOf(options.pairs()));
        conditions.put("seconds per phase", String.valueOf(options.seconds()));
        if (options.subject() == Subject.CONSENT) {
            conditions.put("subjects", String.valueOf(options.subjects()));
        }
        if (options.subject() == Subject.PIPELINE || options.subject() == Subject.FANOUT) {
            conditions.put("messages per burst", String.valueOf(options.messages()));
        }
        if (options.subject() == Subject.DELETION || options.subject() == Subject.ERASURE) {
            conditions.put("messages in the store", String.valueOf(options.messages()));
        }
        if (options.subject() == Subject.DELETION) {
            conditions.put("tenants", String.valueOf(options.tenants()));
            conditions.put("recipients are told", String.valueOf(options.tell()));
        }
        conditions.put("flight recording", options.profile() ? "of the hub" : "none");
        conditions.put("seed of the order", String.valueOf(seed));
        return conditions;
    }

    private static void print(BenchReport report) {
        say("");
        report.comparisons().forEach(comparison -> say(comparison.line()));
        say(
                report.complete()
                        ? "nothing was refused or lost"
                        : "SOMETHING WAS REFUSED OR LOST, see above");
    }

    private static void write(BenchReport report, Path output, Instant begun) throws IOException {
        var json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Path data = output.resolve(report.name() + "-" + FILE_TIME.format(begun) + ".json");
        json.writeValue(data.toFile(), report);
        Path page = output.resolve(report.name() + ".html");
        Files.writeString(page, BenchPage.render(report));
        say("written: " + data + " and " + page);
    }
}
