package org.jawort.document;

import static org.jawort.document.Words.time;
import static org.jawort.document.Words.word;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jawort.document.ArchiveProcedures.Version;
import org.jawort.document.Page.Block;

/**
 * The section of a German <em>Verfahrensdokumentation</em> that says what is archived, how, from
 * when and by which version (GoBD; AO §147, HGB §257), made of a description. Words stand in {@code
 * document/de.properties}.
 */
final class ProcedureText {

    /** Routes that write to buckets, and their {@code settings.lock} where a file names none. */
    private static final Map<String, String> LOCK_BY_ROUTE =
            Map.of("archive-s3", "GOVERNANCE", "dms-s3", "none");

    private final JsonNode description;
    private final List<Block> blocks = new ArrayList<>();

    private ProcedureText(JsonNode description) {
        this.description = description;
    }

    /**
     * @param version under which the description is in the history; {@code null} if it is not
     * @param until {@code null} while in force
     * @param history newest first
     */
    static Page of(JsonNode description, Version version, Instant until, List<Version> history) {
        ProcedureText text = new ProcedureText(description);
        text.standing(version, until);
        text.what();
        text.how();
        text.order();
        text.periods();
        text.access();
        text.history(history);
        return new Page(
                word("title") + " – " + description.get("name").asText(), List.copyOf(text.blocks));
    }

    private void standing(Version version, Instant until) {
        paragraph("intro");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(word("tenant"), description.get("tenant").asText()));
        rows.add(List.of(word("hub"), "Jawort " + description.get("hub").asText()));
        rows.add(
                List.of(
                        word("version"),
                        version == null ? word("not-in-force") : String.valueOf(version.number())));
        if (version != null) {
            rows.add(List.of(word("since"), time(version.since())));
            rows.add(List.of(word("until"), until == null ? word("open") : time(until)));
        }
        rows.add(List.of("SHA-256", ArchiveProcedures.sha256(description)));
        table(List.of(), rows);
    }

    private void what() {
        heading("what");
        paragraph("what.text");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode account : description.get("accounts")) {
            rows.add(
                    List.of(
                            account.get("id").asText(),
                            account.get("provider").asText(),
                            joined(account.get("channels"))));
        }
        table(List.of(word("account"), word("provider"), word("channels")), rows);
    }

    private void how() {
        heading("how");
        if (description.get("archives").isEmpty()) {
            paragraph("how.none");
            return;
        }
        paragraph("how.text");
        for (JsonNode archive : description.get("archives")) {
            String route = archive.get("route").asText();
            blocks.add(new Block.Heading(3, word("archive") + " " + archive.get("id").asText()));
            List<List<String>> rows = new ArrayList<>();
            rows.add(
                    List.of(
                            word("route"),
                            route + ": " + archive.get("routeDescription").asText()));
            rows.add(List.of(word("route.hash"), archive.get("routeSha256").asText()));
            rows.add(List.of(word("events"), joined(archive.get("events"))));
            rows.add(
                    List.of(
                            word("consumed"),
                            word("consumed." + archive.path("consumed").asText("exclude"))));
            rows.add(List.of(word("mapping"), archive.get("mapping").asText()));
            rows.add(List.of(word("mapping.hash"), archive.get("mappingSha256").asText()));
            rows.add(List.of(word("contract"), contract(archive)));
            if (archive.has("original")) { // older versions did not say
                rows.add(
                        List.of(
                                word("original"),
                                word("original." + archive.get("original").asBoolean())));
            }
            rows.add(List.of(word("processor"), archive.path("processor").asText("–")));
            archive.get("settings")
                    .properties()
                    .forEach(
                            setting ->
                                    rows.add(
                                            List.of(
                                                    word("setting") + " " + setting.getKey(),
                                                    setting.getValue().asText())));
            rows.add(List.of(word("integrity"), integrity(archive)));
            table(List.of(), rows);
        }
        blocks.add(new Block.Heading(3, word("complete")));
        paragraph("complete.text");
    }

    private static String contract(JsonNode archive) {
        return archive.has("fields")
                ? word("contract.fields") + " " + joined(archive.get("fields"))
                : word("contract." + archive.path("profile").asText("full"), "contract.full");
    }

    private static String integrity(JsonNode archive) {
        String route = archive.get("route").asText();
        String integrity = word("integrity." + route, "integrity.other");
        if (!LOCK_BY_ROUTE.containsKey(route)) {
            return integrity;
        }
        String lock = archive.at("/settings/lock").asText(LOCK_BY_ROUTE.get(route));
        return integrity + " " + word("lock." + lock, "lock.other"); // a reference says no value
    }

    private void order() {
        heading("order");
        paragraph("order.text");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode rule : description.get("categories")) {
            rows.add(
                    List.of(
                            word("category"),
                            rule.get("id").asText(),
                            word("category." + rule.get("category").asText()),
                            criteria(rule)));
        }
        for (JsonNode rule : description.get("labels")) {
            String value =
                    rule.has("value")
                            ? "„" + rule.get("value").asText() + "“"
                            : word("finds") + " " + rule.get("finds").asText();
            rows.add(
                    List.of(
                            rule.get("label").asText(),
                            rule.get("id").asText(),
                            value,
                            criteria(rule)));
        }
        if (!rows.isEmpty()) {
            table(List.of(word("field"), word("rule"), word("value"), word("criteria")), rows);
        }
        paragraph("order.later");
        description
                .get("labelsFromAnswers")
                .properties()
                .forEach(
                        one ->
                                blocks.add(
                                        new Block.Paragraph(
                                                word("order.answers")
                                                        .formatted(
                                                                one.getKey(),
                                                                joined(one.getValue())))));
        JsonNode unknown = description.get("unclassified");
        blocks.add(
                new Block.Paragraph(
                        word("order.unknown")
                                .formatted(
                                        period(unknown.path("after").asText("P90D")),
                                        word("category." + unknown.path("then").asText("NONE")))));
    }

    private static String criteria(JsonNode rule) {
        List<String> criteria = new ArrayList<>();
        for (String name :
                List.of(
                        "direction",
                        "channel",
                        "template",
                        "contentType",
                        "attachment",
                        "words",
                        "reference",
                        "of")) {
            if (rule.has(name)) {
                JsonNode value = rule.get(name);
                criteria.add(
                        word("criterion." + name)
                                + " "
                                + (value.isArray() ? joined(value) : value.asText()));
            }
        }
        return criteria.isEmpty() ? word("every-message") : String.join("; ", criteria);
    }

    private void periods() {
        heading("periods");
        paragraph("periods.text");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode rule : description.get("rules")) {
            String begin = rule.get("startEvent").asText();
            rows.add(
                    List.of(
                            word("type." + rule.get("dataType").asText()) + only(rule),
                            period(rule.get("period").asText())
                                    + (rule.get("rounding").asText().equals("END_OF_YEAR")
                                            ? " " + word("end-of-year")
                                            : ""),
                            word("start." + begin.replace(' ', '-'), "start.other")
                                    .replace("%s", begin),
                            rule.get("basis").asText(),
                            rule.get("id").asText()
                                    + "@"
                                    + rule.get("version").asText()
                                    + ", "
                                    + word("valid-from")
                                    + " "
                                    + rule.get("validFrom").asText()));
        }
        table(
                List.of(
                        word("data-type"),
                        word("period"),
                        word("start"),
                        word("basis"),
                        word("rule")),
                rows);
        paragraph("periods.end");
    }

    private static String only(JsonNode rule) {
        List<String> only = new ArrayList<>();
        rule.get("criteria")
                .properties()
                .forEach(one -> only.add(one.getKey() + " " + one.getValue().asText()));
        return only.isEmpty() ? "" : " (" + String.join(", ", only) + ")";
    }

    private void access() {
        heading("access");
        paragraph("access.text");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode key : description.get("access")) {
            rows.add(
                    List.of(
                            key.get("key").asText(),
                            word("writer." + key.get("writer").asText()),
                            word("restricted." + key.get("restricted").asText())));
        }
        table(List.of(word("key"), word("writer"), word("role")), rows);
        paragraph("access.search");
    }

    private void history(List<Version> history) {
        heading("history");
        paragraph("history.text");
        List<List<String>> rows = new ArrayList<>();
        for (Version version : history) {
            rows.add(
                    List.of(
                            String.valueOf(version.number()),
                            time(version.since()),
                            version.sha256()));
        }
        if (rows.isEmpty()) {
            paragraph("history.none");
        } else {
            table(List.of(word("version"), word("since"), "SHA-256"), rows);
        }
    }

    private void heading(String word) {
        blocks.add(new Block.Heading(2, word(word)));
    }

    private void paragraph(String word) {
        blocks.add(new Block.Paragraph(word(word)));
    }

    private void table(List<String> head, List<List<String>> rows) {
        blocks.add(new Block.Table(head, rows));
    }

    private static String joined(JsonNode list) {
        List<String> values = new ArrayList<>();
        list.forEach(value -> values.add(value.asText()));
        return String.join(", ", values);
    }

    /** As people say it; one of several units stays ISO 8601. */
    private static String period(String iso) {
        if (!iso.matches("P[0-9]+[DMY]")) {
            return iso;
        }
        String unit = word("unit." + iso.charAt(iso.length() - 1));
        return iso.substring(1, iso.length() - 1) + " " + unit;
    }
}
