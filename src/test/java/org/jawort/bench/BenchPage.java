package org.jawort.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A report as one HTML page that needs nothing but itself. */
final class BenchPage {

    private static final String STYLE =
            """
            :root { --ink: #1d2733; --soft: #5a6876; --line: #dde3e9; --c0: #1f6feb; --c1: #b35900; --c2: #57606a; --good: #17693a; --bad: #a4161a }
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: var(--ink); background: #fff }
            h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem } p, caption, figcaption { color: var(--soft) }
            table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line) }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } .met { color: var(--good) } .missed { color: var(--bad); font-weight: 600 }
            figure { margin: 1rem 0 } svg { width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: var(--soft) }
            .grid { stroke: var(--line) } .s0 { fill: var(--c0) } .s1 { fill: var(--c1) } .s2 { fill: var(--c2) }
            .l0 { stroke: var(--c0) } .l1 { stroke: var(--c1) } .l2 { stroke: var(--c2) } .l { fill: none; stroke-width: 2 } .thin { stroke-width: 1; opacity: .6 }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #dfe6ee; --soft: #93a1b0; --line: #2c3642; --c0: #6ea8ff; --c1: #f0a04b; --c2: #9aa7b4; --good: #6fd39a; --bad: #ff8a8a }
              body { background: #14191f } }
            """;

    private BenchPage() {}

    static String render(BenchReport report) {
        var page = new StringBuilder();
        page.append(
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Jawort bench: %1$s</title>
                <style>
                %2$s</style>
                </head>
                <body>
                <h1>Bench: %1$s</h1>
                <p>%3$s. Only ratios within a pair mean anything: programs, servers and load share the machine.</p>
                """
                        .formatted(escaped(report.name()), STYLE, escaped(report.at())));
        page.append("<p>%s</p>\n".formatted(escaped(conditions(report.conditions()))));
        if (!report.complete()) {
            page.append("<p class=\"missed\">Something was refused or lost.</p>\n");
        }
        comparisons(page, report.comparisons());
        List<String> names = report.turns().stream().map(Turn::candidate).distinct().toList();
        byLoad(report.turns())
                .forEach(
                        (load, turns) -> {
                            page.append("<h2>%s</h2>\n".formatted(escaped(load)));
                            figure(
                                    page,
                                    "Messages per second, by pair",
                                    Chart.bars(names, turns, Turn::rate));
                            figure(
                                    page,
                                    "Latency in ms by percentile, one line per turn",
                                    Chart.percentiles(names, turns));
                            figure(
                                    page,
                                    "CPU of the program in ms per 1 000 messages, by pair",
                                    Chart.bars(
                                            names,
                                            turns,
                                            turn ->
                                                    turn.cpuPerThousand()
                                                            .getOrDefault("program", 0.0)));
                            turns(page, turns);
                        });
        return page.append("</body>\n</html>\n").toString();
    }

    private static void comparisons(StringBuilder page, List<Comparison> comparisons) {
        page.append(
                "<table><caption>The hub's value divided by the baseline's</caption><thead><tr><th>Measure</th><th>Against</th>"
                        + "<th class=\"n\">Median</th><th>Goal</th><th>Per pair</th></tr></thead><tbody>\n");
        for (Comparison each : comparisons) {
            String goal = each.goal() == null ? "" : (each.atLeast() ? "≥ " : "≤ ") + each.goal();
            String judged = each.goal() == null ? "" : each.met() ? "met" : "missed";
            page.append(
                    "<tr><td>%s</td><td>%s</td><td class=\"n %s\">%s</td><td class=\"%s\">%s %s</td><td>%s</td></tr>\n"
                            .formatted(
                                    escaped(each.what()),
                                    escaped(each.against()),
                                    judged,
                                    number(each.median()),
                                    judged,
                                    goal,
                                    judged,
                                    each.ratios().stream()
                                            .map(BenchPage::number)
                                            .collect(Collectors.joining(" "))));
        }
        page.append("</tbody></table>\n");
    }

    private static void turns(StringBuilder page, List<Turn> turns) {
        page.append(
                "<details><summary>All turns</summary><table><thead><tr><th class=\"n\">Pair</th><th>Candidate</th><th class=\"n\">per s</th>"
                        + "<th class=\"n\">p50 ms</th><th class=\"n\">p99 ms</th><th class=\"n\">p99.9 ms</th><th class=\"n\">failed</th>"
                        + "<th class=\"n\">lost</th><th class=\"n\">again</th><th>CPU ms per 1 000</th></tr></thead><tbody>\n");
        for (Turn turn : turns) {
            page.append("<tr><td class=\"n\">%d</td>".formatted(turn.pair()))
                    .append("<td>%s</td>".formatted(escaped(turn.candidate())));
            for (String cell :
                    List.of(
                            number(turn.rate()),
                            number(turn.latency().p50()),
                            number(turn.latency().p99()),
                            number(turn.latency().p999()),
                            turn.failed() + "",
                            turn.lost() + "",
                            turn.again() + "")) {
                page.append("<td class=\"n\">%s</td>".formatted(cell));
            }
            page.append(
                    "<td>%s</td></tr>\n"
                            .formatted(
                                    turn.cpuPerThousand().entrySet().stream()
                                            .map(
                                                    cpu ->
                                                            escaped(cpu.getKey())
                                                                    + " "
                                                                    + number(cpu.getValue()))
                                            .collect(Collectors.joining(", "))));
        }
        page.append("</tbody></table></details>\n");
    }

    private static void figure(StringBuilder page, String caption, String svg) {
        page.append(
                "<figure><figcaption>%s</figcaption>%s</figure>\n"
                        .formatted(escaped(caption), svg));
    }

    private static Map<String, List<Turn>> byLoad(List<Turn> turns) {
        return turns.stream()
                .collect(
                        Collectors.groupingBy(Turn::load, LinkedHashMap::new, Collectors.toList()));
    }

    private static String conditions(Map<String, String> conditions) {
        return conditions.entrySet().stream()
                .map(condition -> condition.getKey() + ": " + condition.getValue())
                .collect(Collectors.joining(" · "));
    }

    /** Three digits that matter, the way a person reads them. */
    static String number(double value) {
        String format = Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
