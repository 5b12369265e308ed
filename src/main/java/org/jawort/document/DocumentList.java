package org.jawort.document;

import static org.jawort.document.Words.time;
import static org.jawort.document.Words.word;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jawort.document.Page.Block;

/** A page of documents found, for people, in German. */
public final class DocumentList {

    private DocumentList() {}

    /**
     * @param found as the search answers it: {@code items} and {@code next}
     * @return one HTML page without script, UTF-8
     */
    public static byte[] html(JsonNode found) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode document : found.get("items")) {
            List<String> labels = new ArrayList<>();
            document.get("labels")
                    .properties()
                    .forEach(label -> labels.add(label.getKey() + " " + label.getValue().asText()));
            boolean restricted = document.get("restricted").booleanValue();
            rows.add(
                    List.of(
                            time(Instant.parse(document.get("receivedAt").asText())),
                            document.get("subjectId").asText(),
                            String.join("; ", labels),
                            word("category." + document.get("category").asText()),
                            word("direction." + document.get("direction").asText())
                                    + ", "
                                    + document.get("channel").asText()
                                    + ", "
                                    + document.get("contentType").asText(),
                            restricted ? word("restricted.yes") + until(document) : "",
                            document.get("messageId").asText()));
        }
        List<Block> blocks = new ArrayList<>();
        blocks.add(
                new Block.Table(
                        List.of(
                                word("found.date"),
                                word("found.party"),
                                word("found.case"),
                                word("category"),
                                word("found.form"),
                                word("found.restricted"),
                                word("found.id")),
                        rows));
        if (rows.isEmpty()) {
            blocks.add(new Block.Paragraph(word("found.none")));
        }
        if (found.hasNonNull("next")) {
            blocks.add(new Block.Paragraph(word("found.next") + " " + found.get("next").asText()));
        }
        return new Page(word("found.title"), blocks).html("de").getBytes(StandardCharsets.UTF_8);
    }

    private static String until(JsonNode document) {
        return document.hasNonNull("keptUntil")
                ? " " + time(Instant.parse(document.get("keptUntil").asText()))
                : "";
    }
}
